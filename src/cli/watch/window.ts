import { type Moment, type Pace, paceOfMoments } from '../../inspect/index.ts'
import { forget } from './forget.ts'
import type { News } from './watched-ring.ts'

/** What a look has brought. */
interface Look {
  readonly time: number
  readonly unseen: number
  /** frames of the session so far */
  readonly published: number
  /** when the last of them was published, or a later one dropped; undefined where that is forgotten */
  readonly at: number | undefined
}

/**
 * What a ring did in the last so many milliseconds, its last million sequences at the most.
 *
 * ```ts
 * const window = new Window(5000)
 * window.add(ring.look(), now())
 * const pace = paceOfMoments(window.moments)
 * ```
 */
export class Window {
  readonly #length: number
  readonly #moments: Moment[] = []
  readonly #looks: Look[] = []
  /** Of the last look, once they were asked for: there may be hundreds of thousands. */
  #frames: readonly Moment[] | undefined
  #pace: { readonly of: Pace | undefined } | undefined

  /** `length`: ms */
  constructor(length: number) {
    this.#length = length
  }

  /** In order, of one session of the writer. */
  get moments(): readonly Moment[] {
    return this.#moments
  }

  /** The frames among them. */
  get frames(): readonly Moment[] {
    this.#frames ??= this.#moments.filter(({ dropped }) => !dropped)
    return this.#frames
  }

  /** Drops among the moments. */
  get dropped(): number {
    return this.#moments.length - this.frames.length
  }

  /** Sequences that came and went between two looks. */
  get unseen(): number {
    return this.#looks.reduce((sum, look) => sum + look.unseen, 0)
  }

  /**
   * How evenly the frames came; undefined for fewer than two. Where some were not seen the rate is that of
   * all, by the ring's own count, and the rest that of the frames behind the last such hole.
   */
  get pace(): Pace | undefined {
    this.#pace ??= { of: this.#paceNow() }
    return this.#pace.of
  }

  #paceNow(): Pace | undefined {
    const time = this.#looks.at(-1)?.time
    const pace = paceOfMoments(this.#moments.slice(lastHole(this.#moments)), time)
    const rate = this.unseen === 0 ? undefined : this.#counted(pace)
    return pace === undefined || rate === undefined ? pace : { ...pace, rate }
  }

  /** Frames per second; 0 where none came, null where one alone says nothing. */
  get rate(): number | null {
    return this.pace?.rate ?? (this.frames.length + this.unseen === 0 ? 0 : null)
  }

  /** `time`: ms of `now()` */
  add({ moments, unseen, restart, report }: News, time: number): void {
    this.#frames = this.#pace = undefined
    // Another session counts from 1 again: no period spans the two.
    if (restart === 'restarted') this.#moments.length = this.#looks.length = 0
    const { published, sequence } = report
    const at = moments.find((moment) => moment.sequence === sequence)?.time
    this.#moments.push(...moments)
    this.#looks.push({ time, unseen, published, at })
    const since = time - this.#length
    forget(this.#moments, (moment) => moment.time >= since)
    forget(this.#looks, (look) => look.time >= since)
  }

  /**
   * Frames per second by the count of the first and the last look that saw a moment of their own, until
   * now when the next frame is overdue.
   */
  #counted(pace: Pace | undefined): number | undefined {
    const known = this.#looks.filter((look) => look.at !== undefined)
    const [first, last] = [known[0], known.at(-1)]
    if (first?.at === undefined || last?.at === undefined || last.at <= first.at) return undefined
    const overdue = pace === undefined || last.time - last.at > 2 * pace.max
    const until = overdue ? last.time : last.at
    return (1000 * (last.published - first.published)) / (until - first.at)
  }
}

/** Where the moments begin that follow each other without a hole. */
function lastHole(moments: readonly Moment[]): number {
  const before = moments.findLastIndex(
    ({ sequence }, i) => i > 0 && sequence !== moments[i - 1]!.sequence + 1,
  )
  return Math.max(0, before)
}
