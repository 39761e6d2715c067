import type { Frame } from '../ring/frame.ts'

/**
 * Releases each of `frames`, also those after one whose release throws: a lease left behind blocks its
 * slot for good. Returns what the first one that failed threw.
 */
export function releaseAll(frames: readonly Frame[]): { error: unknown } | undefined {
  let broken: { error: unknown } | undefined
  for (const frame of frames) {
    try {
      frame.release()
    } catch (error) {
      broken ??= { error }
    }
  }
  return broken
}
