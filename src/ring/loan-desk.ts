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

/** What one loan stands for, while it is out. */
export class LoanedSlot {
  /** or SLOTLESS */
  readonly index: number
  readonly buffer: ArrayBuffer
  readonly lender: Lender
  /** neither published nor abandoned */
  out = true

  constructor(index: number, buffer: ArrayBuffer, lender: Lender) {
    this.index = index
    this.buffer = buffer
    this.lender = lender
  }
}

/** How a writer lends the bytes of its slots: as `ViewStrategy` of the same names. */
export type LoanStrategy = Exclude<ViewStrategy, 'copy'>

/** The slots that are on loan, and the private memory for when there is none. */
export class LoanDesk {
  readonly #native: NativeWriter
  readonly #strategy: LoanStrategy
  readonly #lender: Lender
  /** Each slot's latest loan, which may be over. */
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
    if (buffer !== undefined)
      return (this.#slots[index] = new LoanedSlot(index, buffer, this.#lender))
    this.#native.abandon(index)
    return undefined
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
