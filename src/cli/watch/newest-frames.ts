import type { AgeSpan } from './ages.ts'
import { forget } from './forget.ts'
import type { News } from './watched-ring.ts'

/** A frame, and how long it was the ring's newest. */
interface Newest {
  /** ms of `now()` */
  readonly from: number
  /** ms of `now()`; as long as nothing newer is known of */
  until: number
  /** ms from capture to publication; null where that is not known */
  readonly captureAge: number | null
}

/**
 * Which frame was a ring's newest in the last so many milliseconds, and how old it was meanwhile, the last
 * million frames at the most. Time in which frames came and went unseen counts for none.
 *
 * ```ts
 * const newest = new NewestFrames(5000)
 * newest.add(ring.look(), now())
 * spreadOfAges(newest.sincePublication).p50
 * ```
 */
export class NewestFrames {
  readonly #length: number
  #frames: Newest[] = []
  #time = 0

  /** `length`: ms */
  constructor(length: number) {
    this.#length = length
  }

  /** `time`: ms of `now()`, when the ring was looked at */
  add({ report, moments, unseen, restart }: News, time: number): void {
    // What an old session published last is nobody's newest frame any more.
    if (restart === 'restarted') this.#frames = []
    this.#time = time
    // A hole lies before the moments: how long what came before it was the newest is not known.
    let current = unseen > 0 ? undefined : this.#frames.at(-1)
    for (const { time: from, captureAge, dropped } of moments) {
      if (dropped) continue
      if (current !== undefined) current.until = from
      current = { from, until: from, captureAge }
      this.#frames.push(current)
    }
    if (current === undefined && report.age !== null) {
      // Drops have pushed it out of the ring's memory, and with it its capture time.
      current = { from: time - report.age, until: time, captureAge: null }
      this.#frames.push(current)
    }
    if (current !== undefined) current.until = time
    forget(this.#frames, ({ until }) => until > time - this.#length)
  }

  /** ms since the newest frame was published. */
  get sincePublication(): readonly AgeSpan[] {
    return this.#frames.map((frame) => this.#span(frame, 0))
  }

  /** ms since the newest frame was captured, where that is known. */
  get sinceCapture(): readonly AgeSpan[] {
    return this.#frames.flatMap((frame) =>
      frame.captureAge === null ? [] : [this.#span(frame, frame.captureAge)],
    )
  }

  /** Of the part that lies in the window. */
  #span({ from, until }: Newest, before: number): AgeSpan {
    const begin = Math.max(from, this.#time - this.#length)
    return { from: begin - from + before, to: until - from + before }
  }
}
