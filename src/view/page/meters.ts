import type { FrameInfo, LostTotals } from '../protocol.ts'

const WINDOW = 2000
const KEPT = 240

/** ms that one frame took from each station to the next; NaN where the clocks cannot be compared. */
export interface Trip {
  readonly capture: number
  readonly publish: number
  readonly receive: number
}

/** What the page knows of a ring's frames. */
export interface Figures {
  readonly sourceFps: number
  readonly receivedFps: number
  readonly paintedFps: number
  readonly received: number
  readonly painted: number
  /** frames the page did not get, by cause, since it was opened */
  readonly lost: LostTotals & { readonly skipped: number }
  /** all of `lost` but the source's */
  readonly gaps: number
}

/** Counts the frames of one ring as they come to the page. */
export class Meters {
  readonly trips: Trip[] = []
  readonly #arrivals: number[] = []
  readonly #paints: number[] = []
  readonly #published: { readonly at: number; readonly count: number }[] = []
  #received = 0
  #painted = 0
  #last: FrameInfo | undefined
  #lost = { source: 0, noSlot: 0, overrun: 0, restart: 0, skipped: 0 }

  /** A frame has arrived at this time of the page. */
  receive(info: FrameInfo, arrived: number): void {
    const last = this.#last
    this.#received++
    this.#arrivals.push(arrived)
    if (last !== undefined && last.session === info.session) {
      this.#count(last, info)
    } else {
      this.#published.length = 0
      if (last !== undefined)
        this.#lost.restart += Math.max(info.lost.restart - last.lost.restart, 0)
    }
    const { sequence, lost } = info
    this.#published.push({ at: info.publishTime, count: sequence - lost.noSlot })
    while (this.#published.length > 2 && this.#published[0]!.at < info.publishTime - WINDOW) {
      this.#published.shift()
    }
    this.#last = info
  }

  /** It was painted; times of the server's clock. */
  paint(info: FrameInfo, arrived: number, painted: number): void {
    this.#painted++
    this.#paints.push(performance.now())
    const { captureTime, publishTime } = info
    this.trips.push({
      capture: captureTime === null ? Number.NaN : publishTime - captureTime,
      publish: arrived - publishTime,
      receive: painted - arrived,
    })
    if (this.trips.length > KEPT) this.trips.shift()
  }

  figures(): Figures {
    const now = performance.now()
    const lost = { ...this.#lost }
    return {
      sourceFps: this.#sourceFps(),
      receivedFps: rate(this.#arrivals, now),
      paintedFps: rate(this.#paints, now),
      received: this.#received,
      painted: this.#painted,
      lost,
      gaps: lost.noSlot + lost.overrun + lost.restart + lost.skipped,
    }
  }

  /** The reader's totals tell why; what is left of the gap the page has not asked for. */
  #count(last: FrameInfo, info: FrameInfo): void {
    const since = (cause: keyof LostTotals): number =>
      Math.max(info.lost[cause] - last.lost[cause], 0)
    const gap = Math.max(info.sequence - last.sequence - 1, 0)
    const noSlot = Math.min(since('noSlot'), gap)
    const overrun = Math.min(since('overrun'), gap - noSlot)
    this.#lost.source += since('source')
    this.#lost.noSlot += noSlot
    this.#lost.overrun += overrun
    this.#lost.skipped += gap - noSlot - overrun
  }

  #sourceFps(): number {
    const [first, last] = [this.#published[0], this.#published.at(-1)]
    if (first === undefined || last === undefined || last.at <= first.at) return 0
    return (1000 * (last.count - first.count)) / (last.at - first.at)
  }
}

/** Events a second over the last two seconds, or since the first. */
function rate(times: number[], now: number): number {
  while (times.length > 0 && times[0]! < now - WINDOW) times.shift()
  if (times.length < 2) return 0
  return (1000 * (times.length - 1)) / (times.at(-1)! - times[0]! || 1)
}

/** The value below which this share of the values lies; NaN when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? Number.NaN
}
