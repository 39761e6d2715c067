import { median, Recent } from './recent.ts'

/** Publish times that are kept. */
const HISTORY = 64
/** … and are enough to go by. */
const LEAST = 8
/** Errors of predictions that are kept. */
const ERRORS = 32
/** Publish times that tell the phase. */
const PHASE = 16
/** How far off a whole number of periods a frame of the rhythm may be, in periods. */
const OFF = 0.25
/** Periods without a frame, after which the rhythm counts as broken. */
const LONGEST_GAP = 8
/** Frames off the rhythm or after one that never came, in a row, that break it. */
const STRANGERS = 3

/** A publish time to come, ms of `now()`, and how far off it that of most frames was. */
export interface Prediction {
  readonly time: number
  /** ms, mostly below 0: one in ten came earlier */
  readonly early: number
  /** ms: one in twenty came later */
  readonly late: number
}

/**
 * The rhythm of a writer, learned from the times its frames were published at.
 *
 * The period is the median of the intervals between frames half the history apart: neither a late frame
 * nor one that never came moves it. Where the next frame falls depends on what the writer keeps time by:
 * one with a schedule (a camera) is as exact as its phase, and one that sleeps for a period after each
 * frame is a period away from the last. Both are predicted, and the one that was closer of late is taken.
 */
export class PeriodEstimate {
  readonly #times: number[] = []
  /** In periods since the first. */
  readonly #steps: number[] = []
  #sequence = 0
  #period = NaN
  /** When the last frame should have come, by the phase. */
  #phase = NaN
  #strangers = 0
  readonly #bySchedule = new Recent(ERRORS)
  readonly #byLast = new Recent(ERRORS)

  /** ms; NaN until there is one. */
  get period(): number {
    return this.#period
  }

  add(sequence: number, time: number): void {
    const last = this.#times.at(-1)
    const count = sequence - this.#sequence
    const steps = last === undefined ? 0 : this.#stepsIn(time - last, count)
    // A source that loses every other frame has another rhythm.
    if (steps !== 0 && steps === count) this.#strangers = 0
    else this.#strangers++
    const broken = Number.isNaN(this.#period) ? steps === 0 : this.#strangers >= STRANGERS
    if (last === undefined || broken) {
      this.#begin(sequence, time)
      return
    }
    if (steps === 0) return
    this.#sequence = sequence
    this.#judge(time, last, steps)
    this.#times.push(time)
    this.#steps.push(this.#steps.at(-1)! + steps)
    if (this.#times.length > HISTORY) {
      this.#times.shift()
      this.#steps.shift()
    }
    this.#measure()
  }

  /** The first frame expected that leaves `lead` ms from `now` on; undefined as long as there is no rhythm. */
  next(now: number, lead: number): Prediction | undefined {
    const last = this.#times.at(-1)
    if (last === undefined || this.#strangers > 0 || this.#byLast.count < LEAST) return undefined
    const [errors, from] =
      spread(this.#bySchedule) < spread(this.#byLast)
        ? [this.#bySchedule, this.#phase]
        : [this.#byLast, last]
    const early = errors.quantile(0.1)
    const steps = Math.max(1, Math.ceil((now + lead - early - from) / this.#period))
    if (steps > LONGEST_GAP) return undefined
    return { time: from + steps * this.#period, early, late: errors.quantile(0.95) }
  }

  #begin(sequence: number, time: number): void {
    this.#sequence = sequence
    this.#times.splice(0, Infinity, time)
    this.#steps.splice(0, Infinity, 0)
    this.#period = this.#phase = NaN
    this.#strangers = 0
    this.#bySchedule.clear()
    this.#byLast.clear()
  }

  /** Periods from the last frame of the rhythm to this one; 0 when it is none. */
  #stepsIn(interval: number, count: number): number {
    if (!(interval > 0)) return 0
    // Sequences also count frames that the writer had no slot for. A source's own losses they do not.
    if (Number.isNaN(this.#period)) return count > 0 && count <= LONGEST_GAP ? count : 0
    const periods = interval / this.#period
    const steps = Math.round(periods)
    return steps <= LONGEST_GAP && Math.abs(periods - steps) <= OFF ? steps : 0
  }

  #judge(time: number, last: number, steps: number): void {
    if (Number.isNaN(this.#period)) return
    this.#byLast.add(time - last - steps * this.#period)
    this.#bySchedule.add(time - this.#phase - steps * this.#period)
  }

  #measure(): void {
    const times = this.#times
    const steps = this.#steps
    const count = times.length
    if (count < LEAST) return
    const half = count >> 1
    this.#period = median(
      times.slice(half).map((time, i) => (time - times[i]!) / (steps[i + half]! - steps[i]!)),
    )
    this.#phase = median(
      times.slice(-PHASE).map((time, i, all) => {
        const step = steps[count - all.length + i]!
        return time + (steps[count - 1]! - step) * this.#period
      }),
    )
  }
}

function spread(errors: Recent): number {
  return errors.quantile(0.95) - errors.quantile(0.1)
}
