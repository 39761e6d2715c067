import { FrameringError } from '../errors/framering-error.ts'
import { toMonotonic } from '../ring/clock.ts'
import type { Frame } from '../ring/index.ts'
import { type Encoding, type FrameInfo, headBytes, type LostTotals } from './protocol.ts'

/** The head of a frame message, see protocol.ts. */
export function frameHead(
  ring: string,
  frame: Frame,
  encoding: Encoding,
  lost: LostTotals,
): Buffer {
  const { dtype, shape, fourcc, width, height, planes, color } = frame.format
  const captureTime = toMonotonic(frame.captureTime, frame.captureClock)
  const info: FrameInfo = {
    ring,
    encoding,
    sequence: frame.sequence,
    session: frame.session,
    epoch: frame.epoch,
    captureTime: Number.isFinite(captureTime) ? captureTime : null,
    publishTime: frame.publishTime,
    receiveTime: frame.receiveTime,
    lost,
    format: { dtype, shape, fourcc, width, height, planes, color },
  }
  const json = Buffer.from(JSON.stringify(info))
  const head = Buffer.alloc(headBytes(json.length), ' ')
  head.writeUInt32LE(head.length - 4, 0)
  json.copy(head, 4)
  return head
}

/** bytes of a message: beyond them Chromium has no ArrayBuffer to receive it in */
const MOST_BYTES = 2 ** 31 - 1

/** Room that messages are copied into; one is used again when its last sender has let go. */
export class MessagePool {
  readonly #free: Buffer[] = []
  readonly #most: number
  readonly #mostBytes: number

  /** `most`: rooms that are kept; `mostBytes`: of one message */
  constructor(most = 3, mostBytes = MOST_BYTES) {
    this.#most = most
    this.#mostBytes = mostBytes
  }

  /**
   * A message of head and payload that belongs to the caller, and to whoever he retains it for.
   *
   * Throws `UNSUPPORTED` when it is too large to be sent, `SYSTEM` when there is no memory for it.
   */
  join(head: Uint8Array, payload: Uint8Array): PooledMessage {
    const bytes = head.length + payload.length
    const room = this.#take(bytes)
    room.set(head)
    room.set(payload, head.length)
    return new PooledMessage(room.subarray(0, bytes), () => {
      if (this.#free.length < this.#most) this.#free.push(room)
    })
  }

  #take(bytes: number): Buffer {
    const at = this.#free.findIndex((room) => room.length >= bytes && room.length <= 2 * bytes)
    if (at >= 0) return this.#free.splice(at, 1)[0]!
    // Of another size: the format has changed.
    this.#free.length = 0
    if (bytes > this.#mostBytes) {
      throw new FrameringError(
        'UNSUPPORTED',
        `a frame of ${bytes} bytes is too large to be looked at (${this.#mostBytes} at most); ` +
          'publish a part of it, or a smaller picture, in another ring',
      )
    }
    try {
      return Buffer.allocUnsafeSlow(bytes)
    } catch (cause) {
      const message = `there is no memory for a copy of ${bytes} bytes; close other programs`
      throw new FrameringError('SYSTEM', message, { cause })
    }
  }
}

/** Bytes that several sockets may be sending at once. */
export class PooledMessage {
  readonly bytes: Buffer
  readonly #reuse: () => void
  #holders = 1

  constructor(bytes: Buffer, reuse: () => void) {
    this.bytes = bytes
    this.#reuse = reuse
  }

  retain(): this {
    this.#holders++
    return this
  }

  release(): void {
    if (--this.#holders === 0) this.#reuse()
  }
}
