import { FrameringError } from '../errors/framering-error.ts'
import { asFrameringError, loadNative } from '../native/index.ts'
import type { NativePlan } from './plan.ts'

/** Runs a plan on this thread; gives the bytes used of a compressed target. */
export function runSync({ source, target, figures, map }: NativePlan): number {
  try {
    return loadNative().convertSync(source, target, figures, map)
  } catch (error) {
    throw asConvertError(error)
  }
}

/** The same on another thread. */
export async function run({ source, target, figures, map }: NativePlan): Promise<number> {
  try {
    return await loadNative().convertAsync(source, target, figures, map)
  } catch (error) {
    throw asConvertError(error)
  }
}

/** Options were checked before: what the native side refuses still is the picture. */
export function asConvertError(error: unknown): Error {
  const known = asFrameringError(error)
  if (!(known instanceof FrameringError) || known.code !== 'OPTION_INVALID') return known
  const { message, needed, available } = known
  const details = {
    cause: known,
    ...(needed !== undefined && { needed }),
    ...(available !== undefined && { available }),
  }
  return new FrameringError(
    needed === undefined ? 'FORMAT_INVALID' : 'SHAPE_MISMATCH',
    message,
    details,
  )
}
