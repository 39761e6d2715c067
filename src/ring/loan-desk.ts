import type { NativeWriter } from '../native/index.ts'
import { transport } from '../transport/index.ts'
import type { SlotViews } from './slot-views.ts'
import { moveBuffer, slotViews } from './slot-views.ts'

/** No slot: the bytes are in private memory and copied into the ring when they are published. */
export const SLOTLESS = -1

/** What one loan stands for, while it is out. */
export interface LoanedSlot {
  /** or SLOTLESS */
  readonly index: number
  readonly buffer: ArrayBuffer
}

/** The slots that are on loan, and the private memory for when there is none. */
export class LoanDesk {
  readonly #native: NativeWriter
  readonly #out = new Set<LoanedSlot>()
  readonly #spare: ArrayBuffer[] = []
  #views: SlotViews

  constructor(writer: NativeWriter) {
    this.#native = writer
    this.#views = slotViews('revoke', writer)
  }

  /** Loans that are neither published nor abandoned. */
  get out(): number {
    return this.#out.size
  }

  take(bytes: number): LoanedSlot {
    const slot = this.#takeSlot() ?? { index: SLOTLESS, buffer: this.#takeSpare(bytes) }
    this.#out.add(slot)
    return slot
  }

  /** Whether this loan is still out. */
  holds(slot: LoanedSlot): boolean {
    return this.#out.has(slot)
  }

  /** The loan is over and its views have length 0. What becomes of the slot the caller has settled. */
  takeBack(slot: LoanedSlot): void {
    if (!this.#out.delete(slot)) return
    const { index, buffer } = slot
    if (index !== SLOTLESS) this.#views.takeBack(index, buffer)
    else if (buffer.byteLength !== 0) this.#spare.push(moveBuffer(buffer))
  }

  /** Other slots stand behind the numbers now. Only while no loan is out. */
  renew(): void {
    this.#views.close()
    this.#views = slotViews('revoke', this.#native)
    this.#spare.length = 0
  }

  close(): void {
    for (const slot of this.#out) this.takeBack(slot)
    this.#views.close()
    this.#spare.length = 0
  }

  #takeSlot(): LoanedSlot | undefined {
    if (!this.#views.available) return undefined
    const index = this.#native.loan()
    if (index < 0) return undefined
    const buffer = this.#views.lend(index)
    if (buffer !== undefined) return { index, buffer }
    this.#native.abandon(index)
    return undefined
  }

  #takeSpare(bytes: number): ArrayBuffer {
    const spare = this.#spare.pop()
    if (spare !== undefined && spare.byteLength === bytes) return spare
    if (spare !== undefined) transport().detach(spare)
    return new ArrayBuffer(bytes)
  }
}
