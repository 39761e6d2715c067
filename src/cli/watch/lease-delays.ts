import type { ReaderReport } from '../../inspect/index.ts'
import { type Latency, LATENCY_BOUNDS } from '../../ring/index.ts'
import { type Spread, spreadOfLatency } from './quantiles.ts'

/** Publish to lease of one reader, in ms. */
export interface LeaseDelay extends Spread {
  readonly mean: number | null
  /** ms of `now()` from when on leases count; null: from when it joined */
  readonly since: number | null
}

/** Looks that are kept of a window: what counts begins by so much of it too early at the most. */
const KEPT = 200

interface Noted {
  readonly time: number
  readonly latency: Latency
}

/**
 * What readers have recorded of their leases, of the last so many milliseconds: the difference of two
 * looks at counts that only ever grow. Of a reader that was not seen before the window, all it has.
 */
export class LeaseDelays {
  readonly #length: number
  #readers = new Map<string, readonly Noted[]>()
  #generation = 0

  /** `length`: ms */
  constructor(length: number) {
    this.#length = length
  }

  /** `time`: ms of `now()` */
  add(readers: readonly ReaderReport[], generation: number, time: number): void {
    const before = generation === this.#generation ? this.#readers : new Map<string, Noted[]>()
    this.#generation = generation
    this.#readers = new Map(
      readers.map((reader) => {
        const key = keyOf(reader)
        const noted = [...(before.get(key) ?? [])]
        const since = noted.at(-2)?.time ?? -Infinity
        if (time - since < this.#length / KEPT) noted.pop()
        noted.push({ time, latency: reader.latency })
        // One from before the window stays, to count from.
        const from = noted.findLastIndex((one) => one.time <= time - this.#length)
        return [key, noted.slice(Math.max(0, from))]
      }),
    )
  }

  of(reader: ReaderReport): LeaseDelay {
    const noted = this.#readers.get(keyOf(reader)) ?? []
    const [first, last] = [noted[0], noted.at(-1)]
    if (first === undefined || last === undefined)
      return { ...spreadOfLatency(reader.latency), since: null }
    // Two looks with a whole window between them, or nearly.
    return first.time <= last.time - this.#length
      ? { ...spreadOfLatency(difference(last.latency, first.latency)), since: first.time }
      : { ...spreadOfLatency(last.latency), since: null }
  }
}

/** Entries are used again, by readers of other processes or that join later. */
function keyOf({ entry, pid, joins }: ReaderReport): string {
  return `${entry} ${pid} ${joins}`
}

function difference(all: Latency, before: Latency): Latency {
  const buckets = all.buckets.map((n, i) => Math.max(0, n - (before.buckets[i] ?? 0)))
  const highest = buckets.findLastIndex((n) => n > 0)
  return {
    count: buckets.reduce((a, b) => a + b, 0),
    sum: Math.max(0, all.sum - before.sum),
    // The longest of all may have been before: no longer than its bucket goes.
    longest: Math.min(all.longest, LATENCY_BOUNDS[highest] ?? all.longest),
    buckets,
  }
}
