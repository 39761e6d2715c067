import type { Writable } from 'node:stream'
import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

/** Throws `OPTION_INVALID` for what is no stream to write to. */
export function checkStream(what: string, stream: unknown): void {
  if (typeof (stream as Partial<Writable> | null | undefined)?.write === 'function') return
  throw new FrameringError(
    'OPTION_INVALID',
    `${what} needs a Writable stream and got ${show(stream)}; ` +
      'give one, such as process.stdout, child.stdin or a response',
  )
}

/**
 * Writes bytes, and resolves when the stream has done with them: until then it may read them.
 *
 * Rejects with `SINK_FAILED` (the stream's error is its `cause`) when the stream fails or closes.
 */
export function writeBytes(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (cause?: Error | null): void => {
      stream.off('close', onClose)
      if (cause === undefined || cause === null) {
        stream.off('error', settle)
        resolve()
        return
      }
      // Stays as a listener: the stream emits 'error' after the callback has told it, and what the
      // subscriber is told already must not end the process as well.
      reject(streamFailed(cause))
    }
    // Some streams forget the callbacks of writes that were under way when they were destroyed.
    const onClose = (): void => {
      settle(Object.assign(new Error('the stream was closed'), { code: CLOSED }))
    }
    if (stream.closed) {
      onClose()
      return
    }
    stream.on('close', onClose)
    stream.on('error', settle)
    stream.write(bytes, settle)
  })
}

const CLOSED = 'ERR_STREAM_DESTROYED'
const HANG_UPS = [CLOSED, 'ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ECONNRESET', 'ECONNABORTED']

/** Whether the other end is gone, as a browser that was closed is. */
export function hungUp(cause: unknown): boolean {
  return HANG_UPS.includes((cause as NodeJS.ErrnoException | null | undefined)?.code ?? '')
}

/** Whether that is why a write failed. */
export function isHangUp(error: unknown): boolean {
  return error instanceof FrameringError && error.code === 'SINK_FAILED' && hungUp(error.cause)
}

/** The error of a stream that failed. */
export function streamFailed(cause: Error): FrameringError {
  return new FrameringError('SINK_FAILED', `the stream took no more frames: ${cause.message}`, {
    cause,
  })
}
