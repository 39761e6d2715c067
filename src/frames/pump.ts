import type { Subscriber } from 'rxjs'
import { Subject } from 'rxjs'
import { FrameringError } from '../errors/framering-error.ts'
import type { Frame, Pace } from '../ring/frame.ts'
import { Intake } from '../ring/intake.ts'
import type { CheckedReaderOptions } from '../ring/reader-options.ts'
import { TurnBudget } from '../ring/turn-budget.ts'
import { warnOnce } from '../ring/warn.ts'
import { transport } from '../transport/index.ts'

/**
 * Moves frames from one reader to one subscriber: leases, delivers, releases; never two at a time, and
 * none while somebody has paused it.
 */
export class Pump implements Pace {
  readonly #subscriber: Subscriber<Frame>
  readonly #intake: Intake
  readonly #budget = new TurnBudget()
  #paused = 0
  #running = false
  #turning: Disposable | undefined
  readonly #turn = (): void => {
    this.#budget.renew()
    this.#run()
  }

  /** Throws what `openReader` throws. */
  constructor(options: CheckedReaderOptions, subscriber: Subscriber<Frame>) {
    this.#subscriber = subscriber
    this.#intake = new Intake(options, this)
    try {
      this.#intake.listen(this.#turn, rehearse)
    } catch (error) {
      // Nobody else knows of the reader: it would stay in the ring until the process ends.
      this.#intake.close()
      throw error
    }
    // Not at once: the subscriber has its Subscription before the first frame comes.
    this.#nextTurn()
  }

  pause(): void {
    this.#paused++
  }

  resume(): void {
    if (--this.#paused === 0) this.#run()
  }

  close(): void {
    this.#turning?.[Symbol.dispose]()
    this.#intake.close()
  }

  #nextTurn(): void {
    this.#turning ??= transport().nextTurn(() => {
      this.#turning = undefined
      this.#turn()
    })
  }

  #run(): void {
    // A resume out of a delivery, by a project function that settles at once.
    if (this.#running || this.#turning !== undefined) return
    this.#running = true
    try {
      while (this.#due()) {
        const frame = this.#take()
        if (frame === null) return
        try {
          this.#subscriber.next(frame)
        } finally {
          frame.release()
        }
        if (!this.#budget.spend()) {
          this.#nextTurn()
          return
        }
      }
    } catch (error) {
      this.#subscriber.error(error)
    } finally {
      this.#running = false
    }
  }

  /** A failure is told even while paused: the work that pauses may never settle. */
  #due(): boolean {
    if (this.#intake.closed) return false
    return this.#paused === 0 || this.#intake.failure !== undefined
  }

  #take(): Frame | null {
    try {
      const frame = this.#intake.take(true, false)
      if (frame === null && this.#intake.ended) this.#subscriber.complete()
      return frame
    } catch (error) {
      if (!(error instanceof FrameringError) || error.code !== 'LEASES_EXHAUSTED') throw error
      // The intake wakes us when one of them is released.
      warnOnce(
        'FRAMERING_LEASES_EXHAUSTED',
        `A subscription to ring '${this.#intake.options.name}' stands still because all frames its ` +
          'maxLeases allows are retained; release them sooner or raise maxLeases. Said once per process.',
      )
      return null
    }
  }
}

/** What RxJS does with a frame, done to nobody. */
const rehearsed = new Subject<undefined>()
rehearsed.subscribe({
  next() {
    // The way here is all that matters.
  },
})

function rehearse(): void {
  rehearsed.next(undefined)
}
