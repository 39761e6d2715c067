import type { FrameFormat } from '../../src/format/index.ts'
import type { LoanMeta, LoanWriter, SlotLoan } from '../../src/sources/index.ts'

/** A writer in ordinary memory: hands each published frame to `onFrame`, and counts loans. */
export class FakeWriter implements LoanWriter {
  readonly format: FrameFormat
  readonly #onFrame: (data: Uint8Array, meta: LoanMeta, index: number) => void
  readonly #slots: Uint8Array[]
  #index = 0
  loans = 0
  abandoned = 0
  full = false

  constructor(
    format: FrameFormat,
    onFrame: (data: Uint8Array, meta: LoanMeta, index: number) => void = () => undefined,
  ) {
    this.format = format
    this.#onFrame = onFrame
    this.#slots = [1, 2].map((fill) => new Uint8Array(format.bytes).fill(fill))
  }

  get outstanding(): number {
    return this.loans - this.#index - this.abandoned
  }

  loan(): SlotLoan {
    const data = this.#slots[this.loans++ % 2] as Uint8Array
    return {
      data,
      slotless: this.full,
      publish: (meta = {}) => {
        this.#onFrame(data, meta, this.#index)
        this.#index++
        return this.full ? 0 : this.#index
      },
      abandon: () => {
        this.abandoned++
      },
    }
  }
}
