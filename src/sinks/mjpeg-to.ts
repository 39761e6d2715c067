import type { Writable } from 'node:stream'
import type { OperatorFunction } from 'rxjs'
import { concat, defer, ignoreElements } from 'rxjs'
import { leaseMap } from '../frames/index.ts'
import { checkOptions, wholeOption } from '../options/index.ts'
import type { Frame } from '../ring/index.ts'
import { encodeImage } from './encode-image.ts'
import { isJpeg } from './exif.ts'
import { Multipart } from './multipart.ts'
import { checkStream } from './stream-write.ts'
import { untilClosed } from './until-closed.ts'

export interface MjpegOptions {
  /** 1 to 100; sharp's own default (80) unless said. Not for MJPG frames, which go out as they are */
  readonly quality?: number | undefined
}

/** One picture that went out. */
export interface MjpegPicture {
  readonly sequence: number
  /** length of the JPEG; 0 for an MJPG frame that was none and was left out */
  readonly bytes: number
}

/**
 * Sends frames as a moving picture that a browser shows in an `<img>`: MJPEG over
 * `multipart/x-mixed-replace`, to an HTTP response, a file, or any stream.
 *
 * ```ts
 * createServer((request, response) => {
 *   frames('front', { maxFps: 25 }).pipe(mjpegTo(response)).subscribe()
 * }).listen(8080, '127.0.0.1')
 * ```
 *
 * While a picture is encoded and written no other is begun; then the newest frame is taken, so a slow
 * viewer sees fewer pictures and not later ones. The lease ends when the picture is encoded, or copied
 * out (MJPG): no viewer, however slow, holds a slot. For many viewers of one ring see {@link jpegsTo}.
 *
 * - sends an HTTP response's head (status 200 unless set, `Content-Type`, `Cache-Control: no-store`)
 *   when it is subscribed to
 * - completes when the source has, or the viewer hangs up; the stream is not ended: call `end()`
 * - errors with `SINK_FAILED` when the stream fails otherwise, and as `encodeImage` rejects
 *
 * Throws `OPTION_INVALID` at once.
 */
export function mjpegTo(
  stream: Writable,
  options: MjpegOptions = {},
): OperatorFunction<Frame, MjpegPicture> {
  checkStream('mjpegTo', stream)
  checkOptions('mjpegTo', options, ['quality'])
  const { quality } = options
  if (quality !== undefined) wholeOption('quality', quality, 0, 1, 100)
  const settings = { format: 'jpeg', ...(quality !== undefined && { quality }) } as const
  return (source) =>
    defer(() => {
      const multipart = new Multipart(stream)
      multipart.begin()
      const pictures = source.pipe(
        leaseMap(async (frame): Promise<MjpegPicture> => {
          const { sequence } = frame
          const asItIs = frame.format.fourcc === 'MJPG'
          const jpeg = asItIs ? frame.data : await encodeImage(frame, settings)
          // Cameras send damaged pictures now and then; the next is better than an end.
          if (asItIs && !isJpeg(jpeg)) return { sequence, bytes: 0 }
          const bytes = jpeg.length
          const part = multipart.part(jpeg, sequence)
          frame.release()
          await multipart.write(part)
          return { sequence, bytes }
        }),
      )
      const end = defer(() => multipart.end()).pipe(ignoreElements())
      return concat(pictures, end).pipe(untilClosed(stream))
    })
}
