import { FrameringError } from '../errors/framering-error.ts'
import type { FrameFormat } from '../format/index.ts'
import type { NdArray } from '../ndarray/index.ts'
import { fromBytes } from '../ndarray/index.ts'
import type { FrameMeta } from './frame-meta.ts'
import { Forgotten } from './forgotten.ts'
import type { LoanedSlot } from './loan-desk.ts'
import { SLOTLESS } from './loan-desk.ts'
import { warnOnce } from './warn.ts'

const EMPTY = new Uint8Array(0)

const forgotten = new Forgotten<Loan, LoanedSlot>((slot) => {
  // Its writer was closed, which abandons what is out.
  if (!slot.out) return
  warnOnce(
    'FRAMERING_FORGOTTEN_LOAN',
    'A loan was collected as garbage, neither published nor abandoned. Its slot was blocked until ' +
      'now: declare loans with `using`. Said once per process.',
  )
  slot.lender.abandon(slot)
})

/**
 * A slot to fill in place. Made by `writer.loan()`.
 *
 * ```ts
 * using loan = writer.loan()
 * fill(loan.data)                    // or loan.array
 * loan.publish({ captureTime })      // not published = abandoned at the end of the block
 * ```
 *
 * After publish or abandon `data` and all views made from it have length 0. What stands in a new loan
 * is undefined: an older frame's pixels, mostly.
 */
export class Loan implements Disposable {
  /**
   * True when all slots were held: the loan is on private memory. Publishing copies it into a slot
   * that came free meanwhile, or else drops the frame.
   */
  readonly slotless: boolean
  readonly #slot: LoanedSlot
  readonly #format: FrameFormat
  readonly #turn: number
  #array: NdArray | undefined

  // Private, so that the published types have no constructor to call without arguments.
  private constructor(slot: LoanedSlot, format: FrameFormat) {
    this.slotless = slot.index === SLOTLESS
    this.#slot = slot
    this.#turn = slot.turn
    this.#format = format
    forgotten.watch(this, slot)
  }

  /** @internal */
  static make(slot: LoanedSlot, format: FrameFormat): Loan {
    return new Loan(slot, format)
  }

  /** The whole frame, `format.bytes` long. */
  get data(): Uint8Array {
    return this.#over ? EMPTY : this.#slot.bytes(this.#format.bytes)
  }

  /** The same bytes as an array of the format's dtype and shape. Throws `NOT_ON_LOAN` afterwards. */
  get array(): NdArray {
    this.#check()
    const { dtype, shape } = this.#format
    return (this.#array ??= fromBytes(dtype, shape, this.#slot.buffer))
  }

  /**
   * Publishes the frame and ends the loan. Returns its sequence; 0 when it was dropped for want of a
   * slot, which a gap tells the readers.
   *
   * Throws `NOT_ON_LOAN` when it was published or abandoned before, `OPTION_INVALID` for a bad `meta`,
   * `FRAME_TOO_LARGE` for `bytesUsed` beyond the slot (the loan goes on in both cases), `TRUNCATED`.
   */
  publish(meta?: FrameMeta): number {
    this.#check()
    const sequence = this.#slot.lender.publish(this.#slot, meta)
    forgotten.done(this)
    return sequence
  }

  /** Gives the slot back unpublished; no sequence is used up. Does nothing when the loan is over. */
  abandon(): void {
    if (this.#over) return
    forgotten.done(this)
    this.#slot.lender.abandon(this.#slot)
  }

  [Symbol.dispose](): void {
    this.abandon()
  }

  get #over(): boolean {
    return this.#slot.turn !== this.#turn
  }

  #check(): void {
    if (!this.#over) return
    throw new FrameringError(
      'NOT_ON_LOAN',
      'this loan was published or abandoned before, or its writer is closed; ' +
        'call writer.loan() for each frame',
    )
  }
}
