import { type Latency, latencyQuantile } from '../../ring/index.ts'

/** How a figure is spread; null where there is nothing. */
export interface Spread {
  readonly count: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** The spread of nothing. */
export const UNSPREAD: Spread = { count: 0, p50: null, p90: null, p99: null, max: null }

/** The spread of all of `values`, by nearest rank. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = new Float64Array(values).sort()
  const at = (share: number): number | null =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

/** The same of latencies counted in buckets: at most a factor of two off, but for the longest. */
export function spreadOfLatency(latency: Latency): Spread & { readonly mean: number | null } {
  const { count, sum, longest } = latency
  const at = (share: number): number | null =>
    count === 0 ? null : latencyQuantile(latency, share)
  return {
    count,
    mean: count === 0 ? null : sum / count,
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    max: count === 0 ? null : longest,
  }
}
