import { onTestFinished } from 'vitest'
import type { Frame } from '../../src/index.ts'
import { frames } from '../../src/index.ts'

/** Subscribes, and tells what came. */
export function record(
  name: string,
  options = {},
  onFrame: (frame: Frame) => void = () => undefined,
) {
  const seen: number[] = []
  const log = { seen, completed: false, error: undefined as unknown }
  const subscription = frames(name, options).subscribe({
    next: (frame) => {
      seen.push(frame.sequence)
      onFrame(frame)
    },
    error: (error: unknown) => (log.error = error),
    complete: () => (log.completed = true),
  })
  onTestFinished(() => {
    subscription.unsubscribe()
  })
  return { seen, log, subscription }
}
