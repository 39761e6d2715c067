import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { writeBytes } from './stream-write.ts'

const BOUNDARY = 'framering-next'

/**
 * Pictures that replace each other on one stream: `multipart/x-mixed-replace`, as Netscape made it and
 * browsers, ffmpeg (`-f mpjpeg`) and VLC read it.
 *
 * Every picture is followed by its boundary at once: a browser shows it when it sees its end.
 */
export class Multipart {
  readonly #stream: Writable
  #begun = false

  constructor(stream: Writable) {
    this.#stream = stream
  }

  /** Tells an HTTP client what comes, before the first picture does. */
  begin(): void {
    const response = this.#stream as Partial<ServerResponse>
    if (typeof response.writeHead !== 'function' || response.headersSent !== false) return
    response.setHeader?.('content-type', `multipart/x-mixed-replace; boundary=${BOUNDARY}`)
    response.setHeader?.('cache-control', 'no-store')
    response.flushHeaders?.()
  }

  /** A copy of the picture, ready to be written: whose memory it was is free again. */
  part(jpeg: Uint8Array, sequence?: number): Buffer {
    const head =
      (this.#begun ? '' : `--${BOUNDARY}`) +
      '\r\nContent-Type: image/jpeg\r\n' +
      `Content-Length: ${jpeg.length}\r\n` +
      (sequence === undefined ? '\r\n' : `X-Sequence: ${sequence}\r\n\r\n`)
    this.#begun = true
    return Buffer.concat([Buffer.from(head), jpeg, Buffer.from(`\r\n--${BOUNDARY}`)])
  }

  write(part: Buffer): Promise<void> {
    return writeBytes(this.#stream, part)
  }

  /** Tells the reader that no picture follows. The stream stays open. */
  async end(): Promise<void> {
    if (this.#begun) await writeBytes(this.#stream, Buffer.from('--\r\n'))
  }
}
