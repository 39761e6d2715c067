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

/** Room that messages are copied into; one is used again when its last sender has let go. */
export class MessagePool {
  readonly #free: Buffer[] = []
  readonly #most: number

  constructor(most = 3) {
    this.#most = most
  }

  /** A message of head and payload that belongs to the caller, and to whoever he retains it for. */
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
    return Buffer.allocUnsafeSlow(bytes)
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
