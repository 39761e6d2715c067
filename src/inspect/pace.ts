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
  // Minutes of a fast ring are hundreds of thousands: one array, and no other.
  const times = new Float64Array(moments.length)
  let frames = 0
  for (const moment of moments) if (!moment.dropped) times[frames++] = moment.time
  const count = frames - 1
  if (count < 1) return undefined
  let [sum, min, max, steps] = [0, Infinity, -Infinity, 0]
  for (let i = 1; i <= count; i++) {
    const period = times[i]! - times[i - 1]!
    sum += period
    min = Math.min(min, period)
    max = Math.max(max, period)
    if (i > 1) steps += Math.abs(period - (times[i - 1]! - times[i - 2]!))
  }
  const mean = sum / count
  // Only a ring that lies has all its frames at once, or the later ones first.
  if (!(mean > 0)) return undefined
  let square = 0
  for (let i = 1; i <= count; i++) square += (times[i]! - times[i - 1]! - mean) ** 2
  const last = times[count]!
  const silence = (time ?? last) - last
  return {
    frames,
    rate: rateOf(mean, silence <= 2 * max ? 0 : silence, frames),
    mean,
    min,
    max,
    stddev: Math.sqrt(square / count),
    jitter: count === 1 ? 0 : steps / (count - 1),
  }
}

/** Of so many frames, `mean` ms apart, and the silence after them. */
function rateOf(mean: number, silence: number, frames: number): number {
  return silence > 0 ? (1000 * frames) / (mean * frames + silence) : 1000 / mean
}
