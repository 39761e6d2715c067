import { crc32 } from 'node:zlib'
import type { Writer } from 'framering'
import type { LoanWriter } from 'framering/sources'

export interface Tap {
  /** put the CRC-32 of its bytes into each frame's first user word, so that readers can check any video */
  readonly checksum: boolean
  /** frames until `onEnd` is called */
  readonly frames: number
  readonly onEnd: () => void
}

/** Stands between a source and the writer: what is published passes through here, without a copy. */
export function tappedWriter(writer: Writer, { checksum, frames, onEnd }: Tap): LoanWriter {
  let count = 0
  return {
    format: writer.format,
    loan() {
      const loan = writer.loan()
      return {
        get data() {
          return loan.data
        },
        slotless: loan.slotless,
        publish(meta) {
          const sequence = loan.publish(checksum ? { ...meta, user: [crc32(loan.data)] } : meta)
          if (++count === frames) onEnd()
          return sequence
        },
        abandon() {
          loan.abandon()
        },
      }
    },
  }
}
