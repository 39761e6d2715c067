import type { FrameFormat } from '../format/index.ts'

/** What a source says of a frame it publishes. */
export interface LoanMeta {
  /** ms of `captureClock` */
  captureTime?: number | undefined
  /** `'monotonic'` unless said */
  captureClock?: 'monotonic' | 'source' | undefined
  captureMoment?: 'unknown' | 'exposure-start' | 'received' | undefined
  /** the source's own count, from 1 */
  sourceSequence?: number | undefined
  /** in `timeBase` units */
  pts?: number | undefined
  duration?: number | undefined
  timeBase?: readonly [number, number] | undefined
  /** decodable without the frames before */
  key?: boolean | undefined
  /** does not continue the frame before */
  discontinuity?: boolean | undefined
  /** of a compressed frame */
  bytesUsed?: number | undefined
}

/** The hold on one slot, as far as a source needs it. `Loan` of the ring fits. */
export interface SlotLoan {
  readonly data: Uint8Array
  readonly slotless: boolean
  /** the sequence; 0 = dropped for want of a slot */
  publish(meta?: LoanMeta): number
  abandon(): void
}

/** Where a source puts its frames, as far as it needs it. `Writer` of the ring fits. */
export interface LoanWriter {
  readonly format: FrameFormat
  loan(): SlotLoan
}

/** One frame that a source has put into its ring. */
export interface PublishedFrame {
  /** the ring's number of it; 0 = dropped, readers hold every slot */
  readonly sequence: number
  /** the source's own count, from 1; undefined where it has none */
  readonly sourceSequence: number | undefined
  /** ms of CLOCK_MONOTONIC; undefined where the source has another clock */
  readonly captureTime: number | undefined
}

/** Counts what one pump publishes, and tells of it who wants to know. */
export class FrameSink {
  readonly #writer: LoanWriter
  readonly #told: ((frame: PublishedFrame) => void) | undefined
  published = 0
  dropped = 0

  constructor(writer: LoanWriter, told?: (frame: PublishedFrame) => void) {
    this.#writer = writer
    this.#told = told
  }

  loan(): SlotLoan {
    return this.#writer.loan()
  }

  /** One whole frame: loan, fill, publish. The loan goes back when `fill` throws. */
  emit(fill: (data: Uint8Array) => void, meta: LoanMeta): void {
    const loan = this.loan()
    try {
      fill(loan.data)
    } catch (error) {
      loan.abandon()
      throw error
    }
    this.publish(loan, meta)
  }

  publish(loan: SlotLoan, meta: LoanMeta): void {
    const sequence = loan.publish(meta)
    if (sequence === 0) this.dropped++
    else this.published++
    this.#told?.({
      sequence,
      sourceSequence: meta.sourceSequence,
      captureTime: meta.captureClock === 'source' ? undefined : meta.captureTime,
    })
  }
}
