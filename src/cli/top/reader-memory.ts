import type { ReaderReport } from '../../inspect/index.ts'
import { type Latency, latencyQuantile } from '../../ring/index.ts'
import type { ReaderFigures } from './figures.ts'

/** ms that latencies are of */
const LATENCY_SPAN = 10_000
/** ms that a rate is of, at least */
const RATE_SPAN = 1000

interface Sample {
  readonly time: number
  readonly received: number
  readonly latency: Latency
}

/** What `top` remembers of one stay of a reader, to tell what came since. */
export class ReaderMemory {
  readonly #base: Pick<ReaderReport, 'lost' | 'held'> | undefined
  readonly #samples: Sample[] = []

  /** `base`: what it had lost before `top` started; left out where it joined since. */
  constructor(base?: ReaderReport) {
    this.#base = base
  }

  /** Its figures at `time`, ms of `now()`. */
  figures(reader: ReaderReport, time: number): ReaderFigures {
    const { entry, joins, pid, command, delivery, lag, leases, maxLeases } = reader
    const { received, latency, lost, held } = reader
    this.#samples.push({ time, received, latency })
    while (this.#samples.length > 2 && this.#samples[1]!.time <= time - LATENCY_SPAN) {
      this.#samples.shift()
    }
    const recent = this.#recentLatency(latency)
    const quantile = (share: number): number | null =>
      recent.count === 0 ? null : latencyQuantile(recent, share)
    const before = this.#base?.lost
    return {
      entry,
      joins,
      pid,
      command,
      delivery,
      rate: this.#rate(received, time),
      lag,
      leases,
      maxLeases,
      p50: quantile(0.5),
      p99: quantile(0.99),
      lost: {
        source: lost.source - (before?.source ?? 0),
        noSlot: lost.noSlot - (before?.noSlot ?? 0),
        overrun: lost.overrun - (before?.overrun ?? 0),
        skipped: lost.skipped - (before?.skipped ?? 0),
        restart: lost.restart - (before?.restart ?? 0),
      },
      heldDrops: held.drops - (this.#base?.held.drops ?? 0),
    }
  }

  #rate(received: number, time: number): number | null {
    if (this.#samples.length < 2) return null
    const since =
      this.#samples.filter((sample) => sample.time <= time - RATE_SPAN).at(-1) ?? this.#samples[0]!
    return time > since.time ? (1000 * (received - since.received)) / (time - since.time) : null
  }

  /** At the first look: since it joined. */
  #recentLatency(latency: Latency): Latency {
    const [first, second] = this.#samples
    if (first === undefined || second === undefined) return latency
    const buckets = latency.buckets.map((count, i) => count - (first.latency.buckets[i] ?? 0))
    return {
      count: latency.count - first.latency.count,
      sum: latency.sum - first.latency.sum,
      longest: latency.longest,
      buckets,
    }
  }
}
