import { FrameringError } from '../errors/framering-error.ts'

/** `signal` if it is one or left out. Throws `OPTION_INVALID` otherwise, `ABORTED` when it is aborted. */
export function liveSignal(signal: unknown, what: string): AbortSignal | undefined {
  if (signal === undefined) return undefined
  if (!(signal instanceof AbortSignal)) {
    throw new FrameringError(
      'OPTION_INVALID',
      'signal is not an AbortSignal; give controller.signal',
    )
  }
  if (signal.aborted) throw abortedBy(signal, what)
  return signal
}

/** What is told when `signal` ended `what`. */
export function abortedBy(signal: AbortSignal, what: string): FrameringError {
  return new FrameringError('ABORTED', `${what} was aborted by its signal`, {
    cause: signal.reason as unknown,
  })
}
