import type { Writable } from 'node:stream'
import type { OperatorFunction } from 'rxjs'
import { defer, Observable } from 'rxjs'
import { Multipart } from './multipart.ts'
import { checkStream } from './stream-write.ts'
import { untilClosed } from './until-closed.ts'

/** One picture that went out. */
export interface SentJpeg {
  /** length of the JPEG */
  readonly bytes: number
  /** pictures since the one before that newer ones replaced */
  readonly skipped: number
}

/**
 * Sends JPEG pictures that are encoded already, as {@link mjpegTo} sends frames: so that any number of
 * viewers costs one encode.
 *
 * ```ts
 * const pictures = frames('front').pipe(
 *   leaseMap((frame) => encodeImage(frame, { format: 'jpeg' })),
 *   share(), // one reader and one encode as long as anybody looks
 * )
 * createServer((request, response) => {
 *   pictures.pipe(jpegsTo(response)).subscribe()
 * })
 * ```
 *
 * Each viewer goes at its own pace: while a picture is written the newest that comes waits, and replaces
 * the one that waited. Head, end and errors are those of {@link mjpegTo}.
 */
export function jpegsTo(stream: Writable): OperatorFunction<Uint8Array, SentJpeg> {
  checkStream('jpegsTo', stream)
  return (source) => defer(() => newest(source, stream)).pipe(untilClosed(stream))
}

function newest(source: Observable<Uint8Array>, stream: Writable): Observable<SentJpeg> {
  return new Observable((subscriber) => {
    const multipart = new Multipart(stream)
    multipart.begin()
    let waiting: Uint8Array | undefined
    let skipped = 0
    let exhausted = false
    let writing = false
    const send = async (): Promise<void> => {
      writing = true
      while (waiting !== undefined && !subscriber.closed) {
        const jpeg = waiting
        const sent = { bytes: jpeg.length, skipped }
        waiting = undefined
        skipped = 0
        await multipart.write(multipart.part(jpeg))
        subscriber.next(sent)
      }
      writing = false
      if (!exhausted || subscriber.closed) return
      await multipart.end()
      subscriber.complete()
    }
    const begin = (): void => {
      send().catch((error: unknown) => {
        subscriber.error(error)
      })
    }
    subscriber.add(
      source.subscribe({
        next: (jpeg) => {
          if (waiting !== undefined) skipped++
          waiting = jpeg
          if (!writing) begin()
        },
        error: (error: unknown) => {
          subscriber.error(error)
        },
        complete: () => {
          exhausted = true
          if (!writing) begin()
        },
      }),
    )
  })
}
