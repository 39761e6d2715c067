import { PeriodEstimate } from './period-estimate.ts'
import { Recent } from './recent.ts'

/** Of the time, that goes into polling at most. */
const SHARE = 0.015
/** ms that one poll may block the thread. */
const LONGEST = 1
/** ms to be awake before a frame can come, for what is to be done by then. */
const AHEAD = 0.06
/** ms that a timer is taken to be late by until its lateness is known. */
const OVERSHOOT = 0.3
/** Timers that are remembered, and how many of them tell. */
const OVERSHOOTS = 32
const ENOUGH = 8
/** Awakenings by whose success it is decided whether to go on. */
const TRIAL = 16
/** Frames to sleep through after a trial that failed; twice as many after the next. */
const REST = 64
const LONGEST_REST = 4096

/**
 * When to be awake for the next frame, and for how long to poll for it: `wake: 'predictive'`.
 *
 * ```ts
 * foresight.learn(frame.sequence, frame.publishTime)
 * foresight.plan(now())    // ms of now() to wake at
 * // … by then:
 * foresight.awake(now())   // ms of now() to poll until
 * ```
 *
 * It only adds looks to those that the doorbell brings about, so that a wrong guess costs processor time
 * and no frame. What it costs is bounded three times over: in one poll, over time, and by the rest it
 * takes when most of its guesses are wrong.
 */
export class Foresight {
  readonly #estimate = new PeriodEstimate()
  readonly #overshoots = new Recent(OVERSHOOTS)
  #sequence = 0
  #published = NaN
  /** Something was learned that no plan has been made with. */
  #fresh = false
  /** ms of `now()` to wake at; NaN = nothing is planned. */
  #at = NaN
  #until = NaN
  /** When the poll began; NaN = not yet. */
  #woke = NaN
  #polling = false
  /** ms that may go into polling, and when they were counted last. */
  #credit = LONGEST
  #counted = NaN
  #awakenings = 0
  #hits = 0
  #resting = 0
  #rest = REST

  /** The last frame taken; told again and again until there is another. */
  learn(sequence: number, publishTime: number): void {
    if (sequence === this.#sequence && publishTime === this.#published) return
    this.#sequence = sequence
    this.#published = publishTime
    this.#fresh = true
    this.#estimate.add(sequence, publishTime)
    if (Number.isNaN(this.#at)) return
    // The doorbell was first: the timer was later than the frame, and nobody knows by how much.
    if (Number.isNaN(this.#woke) && publishTime > this.#at) {
      this.#overshoots.add(publishTime - this.#at)
    }
    this.#score(publishTime >= this.#woke && publishTime <= this.#until)
    this.#spend(publishTime)
    this.#at = this.#woke = NaN
  }

  /** There is nothing to take: until when to poll, ms of `now()`; 0 = it is not time to. */
  awake(now: number): number {
    if (!(now >= this.#at && now < this.#until) || !Number.isNaN(this.#woke)) return 0
    this.#overshoots.add(now - this.#at)
    this.#woke = now
    this.#polling = true
    return Math.min(this.#until, now + LONGEST)
  }

  /** There is nothing to take: when to wake, ms of `now()`; 0 = when the doorbell rings. */
  plan(now: number): number {
    this.#spend(now)
    if (this.#fresh) {
      this.#fresh = false
      this.#earn(now)
      if (this.#resting > 0) this.#resting--
      else if (this.#credit > 0) this.#expect(now)
    }
    return Number.isNaN(this.#woke) && this.#at > now ? this.#at : 0
  }

  #expect(now: number): void {
    const known = this.#overshoots.count >= ENOUGH
    const lead = AHEAD + (known ? this.#overshoots.quantile(0.9) : OVERSHOOT)
    const expected = this.#estimate.next(now, lead)
    if (expected === undefined) return
    const { time, early, late } = expected
    // So much of it would be polled if the timer were just as late as it is at worst.
    if (AHEAD + late - early > LONGEST) return
    this.#at = time + early - lead
    this.#until = time + late
  }

  #score(hit: boolean): void {
    this.#awakenings++
    if (hit) this.#hits++
    if (this.#awakenings < TRIAL) return
    if (this.#hits >= TRIAL / 2) {
      this.#rest = REST
    } else {
      this.#resting = this.#rest
      this.#rest = Math.min(this.#rest * 2, LONGEST_REST)
      // They may have been those of a thread that was busy then.
      this.#overshoots.clear()
    }
    this.#awakenings = this.#hits = 0
  }

  #earn(now: number): void {
    const passed = now - this.#counted
    if (passed > 0) this.#credit = Math.min(this.#credit + passed * SHARE, LONGEST)
    this.#counted = now
  }

  #spend(now: number): void {
    if (!this.#polling) return
    this.#polling = false
    this.#credit -= Math.max(0, Math.min(now, this.#until, this.#woke + LONGEST) - this.#woke)
  }
}
