import type { NativeLatency } from '../native/index.ts'

/** How late frames were, counted in buckets that double in width. */
export interface Latency {
  /** frames counted */
  readonly count: number
  /** ms, all of them together */
  readonly sum: number
  /** ms */
  readonly longest: number
  /** Frames below each bound of `LATENCY_BOUNDS` and not below the one before; the last: all others. */
  readonly buckets: readonly number[]
}

/** ms: 2^i µs for i = 0…20, about one second. */
export const LATENCY_BOUNDS: readonly number[] = Object.freeze(
  Array.from({ length: 21 }, (_, i) => 2 ** i / 1000),
)

/** Latencies of several stays at a ring, added up. */
export class LatencyTally implements NativeLatency {
  sum = 0
  longest = 0
  readonly counts = new Float64Array(LATENCY_BOUNDS.length + 1)

  add({ counts, sum, longest }: NativeLatency): this {
    this.sum += sum
    this.longest = Math.max(this.longest, longest)
    for (let i = 0; i < this.counts.length; i++) this.counts[i]! += counts[i] ?? 0
    return this
  }
}

/** As users see it. */
export function latencyOf({ counts, sum, longest }: NativeLatency): Latency {
  const buckets = Array.from(counts)
  return { count: buckets.reduce((a, b) => a + b, 0), sum, longest, buckets }
}

/**
 * The latency that a share of the frames stayed below, in ms.
 *
 * ```ts
 * latencyQuantile(reader.stats().latency, 0.99)
 * ```
 *
 * `share` from 0 to 1. Exact at the bounds of the buckets and a straight line in between, so at most a
 * factor of two off; never more than `longest`. NaN when nothing was counted.
 */
export function latencyQuantile(latency: Latency, share: number): number {
  const { count, longest, buckets } = latency
  if (count === 0) return NaN
  const wanted = share * count
  let below = 0
  for (const [i, n] of buckets.entries()) {
    if (n > 0 && below + n >= wanted) {
      const from = i === 0 ? 0 : LATENCY_BOUNDS[i - 1]!
      const to = Math.min(LATENCY_BOUNDS[i] ?? longest, longest)
      return Math.min(from + ((to - from) * Math.max(0, wanted - below)) / n, longest)
    }
    below += n
  }
  return longest
}
