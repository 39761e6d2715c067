import type { Moment, RingReport } from '../inspect/index.ts'
import { type Latency, LATENCY_BOUNDS } from '../ring/index.ts'

/**
 * How long frames of one ring took from capture to publication, counted as they are seen: the ring
 * remembers its last 1023 sequences, so of a fast one a sample at each scrape.
 */
export class CaptureDelay {
  readonly #buckets = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0)
  #sum = 0
  #longest = 0
  #count = 0
  #session = 0
  #seen = 0

  /** The last sequence counted of this session. */
  after({ session }: RingReport): number {
    return session === this.#session ? this.#seen : 0
  }

  /** Counts what `moments` after `after(report)` tell. */
  add({ session }: RingReport, moments: readonly Moment[]): void {
    this.#seen = moments.at(-1)?.sequence ?? (session === this.#session ? this.#seen : 0)
    this.#session = session
    for (const { captureAge } of moments) {
      if (captureAge === null) continue
      // A capture clock that was set may run ahead.
      const age = Math.max(0, captureAge)
      const bucket = LATENCY_BOUNDS.findIndex((bound) => age < bound)
      this.#buckets[bucket === -1 ? LATENCY_BOUNDS.length : bucket]! += 1
      this.#sum += age
      this.#longest = Math.max(this.#longest, age)
      this.#count += 1
    }
  }

  get latency(): Latency {
    return { count: this.#count, sum: this.#sum, longest: this.#longest, buckets: this.#buckets }
  }
}
