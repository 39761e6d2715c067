import type { NativeWriter } from '../native/index.ts'
import type { FrameMeta } from './frame-meta.ts'
import { transport } from '../transport/index.ts'
import type { SlotViews, ViewStrategy } from './slot-views.ts'
import { moveBuffer, slotViews } from './slot-views.ts'

/** No slot: the bytes are in private memory and copied into the ring when they are published. */
export const SLOTLESS = -1

/** The writer, as its loans see it. */
export interface Lender {
  /** Publishes, and ends the loan unless it throws. */
  publish(slot: LoanedSlot, meta: FrameMeta | undefined): number
  abandon(slot: LoanedSlot): void
}

/** One slot as it is lent again and again, or a piece of private memory lent once. */
export class LoanedSlot {
  /** or SLOTLESS */
  readonly index: number
  readonly lender: Lender
  #buffer: ArrayBuffer
  /** on loan: neither published nor abandoned */
  out = true
  /** Loans that are over: tells a loan from the next one of the same slot. */
  turn = 0
  #bytes: Uint8Array | undefined

  constructor(index: number, buffer: ArrayBuffer, lender: Lender) {
    this.index = index
    this.lender = lender
    this.#buffer = buffer
  }

  get buffer(): ArrayBuffer {
    return this.#buffer
  }

  bytes(length: number): Uint8Array {
    const bytes = this.#bytes
    if (bytes !== undefined && bytes.length === length) return bytes
    return (this.#bytes = new Uint8Array(this.#buffer, 0, length))
  }

  lendAgain(buffer: ArrayBuffer): void {
    this.out = true
    if (buffer === this.#buffer) return
    this.#buffer = buffer
    this.#bytes = undefined
  }
}

/** How a writer lends the bytes of its slots: as `ViewStrategy` of the same names. */
export type LoanStrategy = Exclude<ViewStrategy, 'copy'>

/** The slots that are on loan, and the private memory for when there is none. */
export class LoanDesk {
  readonly #native: NativeWriter
  readonly #strategy: LoanStrategy
  readonly #lender: Lender
  /** Those that have been lent. */
  readonly #slots: (LoanedSlot | undefined)[] = []
  readonly #slotless = new Set<LoanedSlot>()
  #out = 0
  readonly #spare: ArrayBuffer[] = []
  #views: SlotViews

  constructor(writer: NativeWriter, strategy: LoanStrategy, lender: Lender) {
    this.#native = writer
    this.#strategy = strategy
    this.#lender = lender
    this.#views = slotViews(strategy, writer)
  }

  /** Loans that are neither published nor abandoned. */
  get out(): number {
    return this.#out
  }

  take(bytes: number): LoanedSlot {
    const slot = this.#takeSlot() ?? this.#takeNone(bytes)
    this.#out++
    return slot
  }

  /** The loan is over and its views have length 0. What becomes of the slot the caller has settled. */
  takeBack(slot: LoanedSlot): void {
    if (!slot.out) return
    slot.out = false
    slot.turn++
    this.#out--
    const { index, buffer } = slot
    if (index !== SLOTLESS) {
      this.#views.takeBack(index, buffer)
      return
    }
    this.#slotless.delete(slot)
    if (buffer.byteLength !== 0) this.#spare.push(moveBuffer(buffer))
  }

  /** Other slots stand behind the numbers now. Only while no loan is out. */
  renew(): void {
    this.#views.close()
    this.#views = slotViews(this.#strategy, this.#native)
    this.#slots.length = 0
    this.#spare.length = 0
  }

  close(): void {
    for (const slot of [...this.#slots, ...this.#slotless])
      if (slot !== undefined) this.takeBack(slot)
    this.#views.close()
    this.#spare.length = 0
  }

  #takeSlot(): LoanedSlot | undefined {
    if (!this.#views.available) return undefined
    const index = this.#native.loan()
    if (index < 0) return undefined
    const buffer = this.#views.lend(index)
    if (buffer === undefined) {
      this.#native.abandon(index)
      return undefined
    }
    const slot = this.#slots[index]
    if (slot === undefined) {
      return (this.#slots[index] = new LoanedSlot(index, buffer, this.#lender))
    }
    slot.lendAgain(buffer)
    return slot
  }

  #takeNone(bytes: number): LoanedSlot {
    const slot = new LoanedSlot(SLOTLESS, this.#takeSpare(bytes), this.#lender)
    this.#slotless.add(slot)
    return slot
  }

  #takeSpare(bytes: number): ArrayBuffer {
    const spare = this.#spare.pop()
    if (spare !== undefined && spare.byteLength === bytes) return spare
    if (spare !== undefined) transport().detach(spare)
    return new ArrayBuffer(bytes)
  }
}
