import type { Writable } from 'node:stream'
import { Transform } from 'node:stream'
import type { OperatorFunction } from 'rxjs'
import { leaseMap } from '../frames/index.ts'
import type { Frame } from '../ring/index.ts'
import { checkStream, writeBytes } from './stream-write.ts'

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
  checkStream('writeTo', stream)
  return leaseMap(async (frame: Frame) => {
    await writeBytes(stream, stream instanceof Transform ? frame.data.slice() : frame.data)
    return frame.sequence
  })
}
