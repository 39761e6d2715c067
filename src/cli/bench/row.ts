import { createHistogram } from 'node:perf_hooks'

/** Times of one thing, in ms. */
export interface Times {
  readonly samples: number
  readonly min: number
  readonly median: number
  readonly p99: number
  readonly max: number
}

/** One thing that was measured, beside the simplest thing of its kind. */
export interface BenchRow extends Times {
  readonly name: string
  /** in words */
  readonly what: string
  /** measured in turn with it */
  readonly floor: Times & { readonly what: string }
  /** of the medians */
  readonly ratio: number
}

/** Samples of one thing: an HDR histogram of nanoseconds, as Node brings it along. */
export class Samples {
  readonly #histogram = createHistogram()
  #warmUp: number

  /** `warmUp`: how many are passed over first, until the compiler has seen enough. */
  constructor(warmUp = 0) {
    this.#warmUp = warmUp
  }

  /** `ms` of one sample, or of the mean of many. */
  add(ms: number): void {
    if (this.#warmUp > 0) this.#warmUp--
    // Two processes may read the clock a few ns apart; less than one cannot be recorded.
    else this.#histogram.record(Math.max(1, Math.round(ms * 1e6)))
  }

  times(): Times {
    const { count, min, max } = this.#histogram
    if (count === 0) return { samples: 0, min: NaN, median: NaN, p99: NaN, max: NaN }
    const at = (percentile: number): number => this.#histogram.percentile(percentile) / 1e6
    return { samples: count, min: min / 1e6, median: at(50), p99: at(99), max: max / 1e6 }
  }
}

/** A row of what was sampled in turn with its floor. */
export function rowOf(
  name: string,
  what: string,
  own: Samples,
  floorWhat: string,
  floor: Samples,
): BenchRow {
  const times = own.times()
  const below = floor.times()
  return {
    name,
    what,
    ...times,
    floor: { what: floorWhat, ...below },
    ratio: times.median / below.median,
  }
}

/**
 * Runs rounds of `round` for so many ms, and 50 at least; lets the event loop turn between them, so that
 * finalisers and signals get through. Ends early when `signal` aborts.
 */
export async function rounds(ms: number, signal: AbortSignal, round: () => void): Promise<void> {
  const end = performance.now() + ms
  for (let i = 0; (i < 50 || performance.now() < end) && !signal.aborted; i++) {
    round()
    await new Promise(setImmediate)
  }
}
