import { type Frame, type Lost, now } from 'framering'
import { Latency, type Quantiles } from './latency.ts'

/** One line about a reader. Counts are since the start. */
export interface Figures {
  readonly seconds: number
  /** frames a second since the line before; in the last line, over the whole time */
  readonly fps: number
  readonly received: number
  /** frames not got, and why */
  readonly gaps: number
  readonly lost: Lost
  /** frames whose bytes did not belong together; undefined when they were not checked */
  readonly torn: number | undefined
  /** µs from publishing to receipt, since the line before; in the last line, over the whole time */
  readonly receive: Quantiles | undefined
  /** µs from the frame's capture to its receipt */
  readonly capture: Quantiles | undefined
}

/** Counts what one reader receives. */
export class Counter {
  readonly #start = now()
  readonly #receive = new Latency()
  readonly #capture = new Latency()
  readonly #verifies: boolean
  #lost: Lost = { source: 0, noSlot: 0, overrun: 0, skipped: 0, restart: 0 }
  #gaps = 0
  #received = 0
  #torn = 0
  #firstTime = 0
  #lastTime = 0
  #reported = 0
  #reportTime = this.#start

  constructor(verifies: boolean) {
    this.#verifies = verifies
  }

  count(frame: Frame, whole: boolean): void {
    if (this.#received++ === 0) this.#firstTime = frame.receiveTime
    this.#lastTime = frame.receiveTime
    if (!whole) this.#torn++
    if (frame.gap > 0 || frame.lost.source > 0) this.#countLost(frame)
    // A frame that lay there before this reader came says nothing about the way.
    if (frame.publishTime < this.#start) return
    this.#receive.record(frame.receiveTime - frame.publishTime)
    if (!Number.isNaN(frame.latency)) this.#capture.record(frame.latency)
  }

  get torn(): number {
    return this.#torn
  }

  /** Since the last call. */
  interval(): Figures {
    const time = now()
    const fps = perSecond(this.#received - this.#reported, time - this.#reportTime)
    this.#reportTime = time
    this.#reported = this.#received
    return this.#figures(fps, this.#receive.interval(), this.#capture.interval())
  }

  /** From the first frame to the last. */
  total(): Figures {
    this.interval()
    const fps = perSecond(this.#received - 1, this.#lastTime - this.#firstTime)
    return this.#figures(fps, this.#receive.total(), this.#capture.total())
  }

  #figures(fps: number, receive: Quantiles | undefined, capture: Quantiles | undefined): Figures {
    return {
      seconds: (now() - this.#start) / 1000,
      fps,
      received: this.#received,
      gaps: this.#gaps,
      lost: this.#lost,
      torn: this.#verifies ? this.#torn : undefined,
      receive,
      capture,
    }
  }

  #countLost({ gap, lost }: Frame): void {
    this.#gaps += gap
    this.#lost = {
      source: this.#lost.source + lost.source,
      noSlot: this.#lost.noSlot + lost.noSlot,
      overrun: this.#lost.overrun + lost.overrun,
      skipped: this.#lost.skipped + lost.skipped,
      restart: this.#lost.restart + lost.restart,
    }
  }
}

export function figuresText(figures: Figures): string {
  const { seconds, fps, received, lost, torn, receive, capture } = figures
  const causes = Object.entries(lost)
    .filter(([, count]) => count > 0)
    .map(([cause, count]) => `${cause} ${count}`)
  return [
    `${seconds.toFixed(0).padStart(4)} s`,
    `${fps.toFixed(1)} fps`,
    `received ${received}`,
    `latency ${microseconds(receive)}`,
    `since capture ${microseconds(capture)}`,
    `gaps ${figures.gaps}${causes.length > 0 ? ` (${causes.join(', ')})` : ''}`,
    ...(torn === undefined ? [] : [`torn ${torn}`]),
  ].join('  ')
}

function perSecond(count: number, ms: number): number {
  return ms > 0 ? (count / ms) * 1000 : 0
}

function microseconds(times: Quantiles | undefined): string {
  return times ? `p50 ${times.p50.toFixed(0)} p99 ${times.p99.toFixed(0)} µs` : '–'
}
