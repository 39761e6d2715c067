import { build, type Histogram } from 'hdr-histogram-js'

const NS_PER_MS = 1e6
const NS_PER_US = 1e3
const MOST = 60e9 // ns; what took longer than a minute counts as a minute

/** Microseconds; undefined when nothing was recorded. */
export interface Quantiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Times since the last look, and since the start, each within a tenth of a percent. */
export class Latency {
  readonly #interval = histogram()
  readonly #total = histogram()

  record(ms: number): void {
    this.#interval.recordValue(Math.min(Math.max(0, Math.round(ms * NS_PER_MS)), MOST))
  }

  /** The times since the last call. */
  interval(): Quantiles | undefined {
    const quantiles = quantilesOf(this.#interval)
    this.#total.add(this.#interval)
    this.#interval.reset()
    return quantiles
  }

  /** All times up to the last call of `interval`. */
  total(): Quantiles | undefined {
    return quantilesOf(this.#total)
  }
}

function histogram(): Histogram {
  return build({ highestTrackableValue: MOST, numberOfSignificantValueDigits: 3 })
}

function quantilesOf(times: Histogram): Quantiles | undefined {
  if (times.totalCount === 0) return undefined
  const us = (ns: number): number => Math.round(ns / (NS_PER_US / 10)) / 10
  // A quantile is the upper end of its bucket, which may lie above the largest time there was.
  const quantile = (percent: number): number =>
    us(Math.min(times.getValueAtPercentile(percent), times.maxValue))
  return { p50: quantile(50), p99: quantile(99), max: us(times.maxValue) }
}
