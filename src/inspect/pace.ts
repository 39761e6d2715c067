import type { Moment } from './moment.ts'

/** How evenly a ring's frames come. Periods in ms. */
export interface Pace {
  /** frames looked at */
  readonly frames: number
  /** frames per second, from the first to the last; less when the next one is overdue */
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
 * period they fall into. undefined for fewer than two frames, and where none took any time.
 *
 * ```ts
 * const pace = paceOfMoments(inspector.moments(), now())
 * ```
 *
 * `time`: until when, ms of `now()`; the last frame unless said. When the next frame is overdue by then, by
 * more than the longest period, the silence counts for the rate.
 */
export function paceOfMoments(moments: readonly Moment[], time?: number): Pace | undefined {
  const times = moments.filter((moment) => !moment.dropped).map((moment) => moment.time)
  const periods = times.slice(1).map((time, i) => time - times[i]!)
  if (periods.length === 0) return undefined
  const mean = periods.reduce((a, b) => a + b, 0) / periods.length
  // Only a ring that lies has all its frames at once, or the later ones first.
  if (!(mean > 0)) return undefined
  const square = periods.reduce((a, b) => a + (b - mean) ** 2, 0) / periods.length
  const max = periods.reduce((a, b) => Math.max(a, b))
  const silence = (time ?? times.at(-1)!) - times.at(-1)!
  const steps = periods.slice(1).map((period, i) => Math.abs(period - periods[i]!))
  return {
    frames: times.length,
    rate: rateOf(mean, silence <= 2 * max ? 0 : silence, times.length),
    mean,
    min: periods.reduce((a, b) => Math.min(a, b)),
    max,
    stddev: Math.sqrt(square),
    jitter: steps.length === 0 ? 0 : steps.reduce((a, b) => a + b, 0) / steps.length,
  }
}

/** Of so many frames, `mean` ms apart, and the silence after them. */
function rateOf(mean: number, silence: number, frames: number): number {
  return silence > 0 ? (1000 * frames) / (mean * frames + silence) : 1000 / mean
}
