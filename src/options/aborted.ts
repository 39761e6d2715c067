import { FrameringError } from '../errors/framering-error.ts'

/** The error of what its signal ended; the reason the user gave is the cause. */
export function aborted(what: string, signal: AbortSignal | undefined): FrameringError {
  return new FrameringError('ABORTED', `${what} was aborted by its signal`, {
    cause: signal?.reason as unknown,
  })
}
