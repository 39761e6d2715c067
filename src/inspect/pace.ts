import type { Moment } from './moment.ts'

/** How evenly a ring's frames come. Periods in ms. */
export interface Pace {
  /** frames looked at */
  readonly frames: number
  /** frames per second, from the first to the last */
  readonly rate: number
  readonly mean: number
  readonly min: number
  readonly max: number
  /** standard deviation of the periods, of all of them and not of a sample */
  readonly stddev: number
  /** mean difference between one period and the next */
  readonly jitter: number
}

/**
 * The pace of the frames among `moments`, which stand in order; drops are no frames and lengthen the
 * period they fall into. undefined for fewer than two frames.
 *
 * ```ts
 * const pace = paceOfMoments(inspector.moments())
 * ```
 */
export function paceOfMoments(moments: readonly Moment[]): Pace | undefined {
  const times = moments.filter((moment) => !moment.dropped).map((moment) => moment.time)
  const periods = times.slice(1).map((time, i) => time - times[i]!)
  if (periods.length === 0) return undefined
  const mean = periods.reduce((a, b) => a + b, 0) / periods.length
  const square = periods.reduce((a, b) => a + (b - mean) ** 2, 0) / periods.length
  const steps = periods.slice(1).map((period, i) => Math.abs(period - periods[i]!))
  return {
    frames: times.length,
    rate: mean > 0 ? 1000 / mean : Infinity,
    mean,
    min: periods.reduce((a, b) => Math.min(a, b)),
    max: periods.reduce((a, b) => Math.max(a, b)),
    stddev: Math.sqrt(square),
    jitter: steps.length === 0 ? 0 : steps.reduce((a, b) => a + b, 0) / steps.length,
  }
}
