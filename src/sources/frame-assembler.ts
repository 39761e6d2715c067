import { FrameringError } from '../errors/framering-error.ts'
import type { ByteReceiver } from './byte-channel.ts'
import { now } from '../ring/clock.ts'
import type { FrameSink, LoanMeta, SlotLoan } from './frame-sink.ts'

const LANDING = 4096 // bytes
const READS_PER_TURN = 32 // libuv reads a socket so often before it lets others have their turn

/**
 * Turns a stream of bytes into published frames, read straight into the slots.
 *
 * Only the first bytes of each turn of the event loop, up to the next multiple of 4 KiB in the frame,
 * come into a small buffer of our own. The room for a read is chosen at the end of the read before, so
 * a slot chosen then could be unmapped by `writer.close()` by the time the bytes come. For the same
 * reason a stalled camera holds no slot, a frame's capture time is that of its first byte, and what
 * goes straight to the slot starts page-aligned, where the kernel copies fastest.
 */
export class FrameAssembler implements ByteReceiver {
  readonly #sink: FrameSink
  readonly #bytes: number
  readonly #describe: (index: number) => LoanMeta
  readonly #landing = new Uint8Array(LANDING)
  #loan: SlotLoan | undefined
  #filled = 0
  #captureTime = 0
  #index = 0
  #reads = 0
  #room = 0
  #direct = false

  constructor(sink: FrameSink, bytes: number, describe: (index: number) => LoanMeta) {
    this.#sink = sink
    this.#bytes = bytes
    this.#describe = describe
  }

  room(): Uint8Array {
    const slot = this.#direct ? this.#loan?.data : undefined
    this.#direct = slot !== undefined && slot.length >= this.#bytes
    const room =
      slot && this.#direct
        ? slot.subarray(this.#filled, this.#bytes)
        : this.#landing.subarray(
            0,
            Math.min(LANDING - (this.#filled % LANDING), this.#bytes - this.#filled),
          )
    this.#room = room.length
    return room
  }

  received(count: number): void {
    if (this.#loan === undefined) {
      this.#captureTime = now()
      this.#loan = this.#sink.loan()
    }
    const slot = this.#loan.data
    if (slot.length < this.#bytes) throw closedUnderneath()
    if (!this.#direct) slot.set(this.#landing.subarray(0, count), this.#filled)
    this.#filled += count
    // a room that was not filled was all there is: the next bytes come in another turn
    this.#reads = count < this.#room ? 0 : (this.#reads + 1) % READS_PER_TURN
    this.#direct = this.#reads > 0
    if (this.#filled === this.#bytes) this.#publish(this.#loan)
  }

  /** Gives back what was begun and never completed. */
  abandon(): void {
    this.#loan?.abandon()
    this.#loan = undefined
    this.#filled = 0
  }

  #publish(loan: SlotLoan): void {
    this.#loan = undefined
    this.#filled = 0
    this.#sink.publish(loan, {
      captureTime: this.#captureTime,
      captureMoment: 'received',
      ...this.#describe(this.#index++),
    })
  }
}

/** The error of a source whose slots went away. */
export function closedUnderneath(): FrameringError {
  return new FrameringError('CLOSED', 'the writer was closed while a source filled its frames')
}
