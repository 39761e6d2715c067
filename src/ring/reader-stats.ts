import type { NativeReader } from '../native/index.ts'
import type { Lost } from './frame.ts'
import { PLAIN } from './frame-details.ts'
import type { FrameHeader } from './frame-header.ts'
import type { Latency } from './latency.ts'
import { latencyOf, LatencyTally } from './latency.ts'

/** What a reader has seen since it was opened, over all sessions of the ring. */
export interface ReaderStats {
  /** frames leased */
  readonly received: number
  /** frames not got: the sum of all gaps */
  readonly gaps: number
  /** the same by cause, and what the sources lost before the ring */
  readonly lost: Lost
  /** sequence of the last frame leased, 0 = none yet */
  readonly sequence: number
  /** frames held at this moment */
  readonly leases: number
  /** publish to lease, of all frames received */
  readonly latency: Latency
  /** rings followed so far: 1, and one more for each restart of the writer or larger ring */
  readonly attachments: number
  /** whether there is a ring under the reader at this moment */
  readonly attached: boolean
}

/** Sums over the frames of one reader. */
export class ReaderTally {
  leases = 0
  #attachments = 0
  #received = 0
  #sequence = 0
  #source = 0
  #noSlot = 0
  #overrun = 0
  #skipped = 0
  #restart = 0
  readonly #stays = new Set<NativeReader>()
  /** of the stays that are over */
  readonly #latencies = new LatencyTally()

  /** A stay at a ring begins. */
  join(reader: NativeReader): void {
    this.#attachments++
    this.#stays.add(reader)
  }

  /** A stay at a ring is about to end. */
  leave(reader: NativeReader): void {
    this.#stays.delete(reader)
    this.#latencies.add(reader.latency())
  }

  count(frame: FrameHeader): void {
    this.#received++
    this.#sequence = frame.sequence
    const { details } = frame
    if (details === PLAIN) return
    this.#source += details.lostSource
    this.#noSlot += details.lostNoSlot
    this.#overrun += details.lostOverrun
    this.#skipped += details.lostSkipped
    this.#restart += details.lostRestart
  }

  stats(attached: boolean): ReaderStats {
    return {
      received: this.#received,
      gaps: this.#noSlot + this.#overrun + this.#skipped + this.#restart,
      lost: {
        source: this.#source,
        noSlot: this.#noSlot,
        overrun: this.#overrun,
        skipped: this.#skipped,
        restart: this.#restart,
      },
      sequence: this.#sequence,
      leases: this.leases,
      latency: this.#latency(),
      attachments: this.#attachments,
      attached,
    }
  }

  #latency(): Latency {
    const all = new LatencyTally().add(this.#latencies)
    for (const reader of this.#stays) all.add(reader.latency())
    return latencyOf(all)
  }
}
