import type { Writable } from 'node:stream'
import { Transform } from 'node:stream'
import type { OperatorFunction } from 'rxjs'
import { FrameringError } from '../errors/framering-error.ts'
import { leaseMap } from '../frames/index.ts'
import type { Frame } from '../ring/index.ts'

/**
 * Writes the bytes of each frame to a stream, at the stream's pace, and emits the frame's sequence when
 * they are written. While a write is under way nothing is leased; then the newest frame is taken (or,
 * with delivery `every` or `reliable`, the next).
 *
 * ```ts
 * const ffmpeg = spawn('ffmpeg', ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', '640x480', '-i', '-', …])
 * frames('front', { delivery: 'reliable' }).pipe(writeTo(ffmpeg.stdin)).subscribe()
 * ```
 *
 * A frame is held until the write's callback has run: a stream reads the bytes later than `write`
 * returns, and would find none. No copy is made, except into a `Transform` (`PassThrough`, zlib), which
 * may hand the bytes on and keep them beyond the callback. The stream is not ended: call `end()` when
 * this completes.
 *
 * Errors with `SINK_FAILED` when the stream fails or closes. Throws `OPTION_INVALID` at once when
 * `stream` is none.
 */
export function writeTo(stream: Writable): OperatorFunction<Frame, number> {
  if (typeof (stream as Partial<Writable> | null | undefined)?.write !== 'function') {
    throw new FrameringError(
      'OPTION_INVALID',
      'writeTo needs a Writable stream; give one, such as process.stdout or child.stdin',
    )
  }
  return leaseMap(async (frame: Frame) => {
    await write(stream, stream instanceof Transform ? frame.data.slice() : frame.data)
    return frame.sequence
  })
}

function write(stream: Writable, bytes: Uint8Array): Promise<void> {
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
      reject(failed(cause))
    }
    // Some streams forget the callbacks of writes that were under way when they were destroyed.
    const onClose = (): void => {
      settle(new Error('the stream was closed'))
    }
    stream.on('close', onClose)
    stream.on('error', settle)
    stream.write(bytes, settle)
  })
}

function failed(cause: Error): FrameringError {
  return new FrameringError('SINK_FAILED', `the stream took no more frames: ${cause.message}`, {
    cause,
  })
}
