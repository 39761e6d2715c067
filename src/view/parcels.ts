import type { ServerResponse } from 'node:http'
import type { PooledMessage } from './frame-message.ts'

interface Parcel {
  readonly message: PooledMessage
  /** It was taken, and its bytes are not needed any more. */
  readonly sent: () => void
}

/**
 * Frames that are kept for a page to fetch, as it was told to over its socket.
 *
 * Chromium takes large bodies of HTTP two to four times as fast as messages of a WebSocket: 6 MB in 35 ms
 * instead of 135 where two processors do everything. The demand is the socket's all the same, and a page
 * has at most one frame of a ring here.
 */
export class Parcels {
  readonly #waiting = new Map<number, Parcel>()
  #last = 0

  /** The number under which the message is fetched; `sent` is called once, unless it is dropped before. */
  put(message: PooledMessage, sent: () => void): number {
    const id = ++this.#last
    this.#waiting.set(id, { message, sent })
    return id
  }

  /** It will not be fetched any more; whether it was still there. */
  drop(id: number): boolean {
    const parcel = this.#waiting.get(id)
    parcel?.message.release()
    return this.#waiting.delete(id)
  }

  /** Sends it; false when there is none of that number, or was. */
  answer(id: number, response: ServerResponse): boolean {
    const parcel = this.#waiting.get(id)
    if (parcel === undefined) return false
    this.#waiting.delete(id)
    const { message, sent } = parcel
    response.once('close', () => {
      message.release()
      sent()
    })
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': message.bytes.length,
    })
    response.end(message.bytes)
    return true
  }
}
