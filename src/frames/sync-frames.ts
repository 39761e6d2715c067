import type { Subscriber } from 'rxjs'
import { Observable } from 'rxjs'
import { FrameringError } from '../errors/framering-error.ts'
import { toMonotonic } from '../ring/clock.ts'
import type { Frame } from '../ring/frame.ts'
import { durationOption, wholeOption } from '../options/index.ts'
import type { ReaderOptions } from '../ring/reader-options.ts'
import { MAX_SLOTS } from '../ring/slots-for.ts'
import { frames } from './frames.ts'
import { releaseAll } from './release-all.ts'

/** How far apart frames that belong together may be, and how each ring is read. */
export interface SyncOptions extends ReaderOptions {
  /** ms between the earliest and the latest capture time of a set, 0 or more */
  readonly tolerance: number
  /**
   * frames of each ring held at the same time at most, 4 unless said, at least 2: the one just come and
   * those that wait for their partners. Let them cover the time by which one stream lags the other.
   */
  readonly maxLeases?: number | undefined
}

/** One frame for each name: `['front', 'depth']` gives `[Frame, Frame]`, a `string[]` gives `Frame[]`. */
export type FrameSet<N extends readonly string[]> = { -readonly [K in keyof N]: Frame }

/**
 * Sets of frames captured at the same time, one of each ring in the order of `names`: colour with
 * depth, left with right. A set is lent for the synchronous call of `next`; `leaseMap` takes sets too.
 *
 * ```ts
 * syncFrames(['front', 'depth'], { tolerance: 10 }).subscribe(([color, depth]) => {
 *   project(color.array, depth.array)
 * })
 * ```
 *
 * Capture times are compared on the monotonic clock; those of clocks of the source's own as they are,
 * so streams of one device can be paired by its time. Of several candidates that have come the nearest
 * is taken; frames without partners are dropped, the oldest first. Each frame is part of one set at most.
 *
 * Completes when any of the streams completes, errors when any does; see `frames()`.
 *
 * Throws `OPTION_INVALID` and `NAME_INVALID` at once.
 */
export function syncFrames<const N extends readonly string[]>(
  names: N,
  options: SyncOptions,
): Observable<FrameSet<N>> {
  if (!Array.isArray(names) || names.length < 2) {
    throw new FrameringError(
      'OPTION_INVALID',
      'syncFrames pairs rings; give an array of two names or more',
    )
  }
  const given = options as Partial<SyncOptions> | null | undefined
  const { tolerance, ...reading } = given ?? {}
  // NaN, so that leaving it out is refused like any other value that is none.
  const within = durationOption('tolerance', tolerance, NaN)
  const maxLeases = wholeOption('maxLeases', reading.maxLeases, 4, 2, MAX_SLOTS)
  const streams = (names as readonly string[]).map((name) =>
    frames(name, { ...reading, maxLeases }),
  )
  const sets = new Observable<Frame[]>((subscriber) => {
    const matcher = new Matcher(streams.length, within, maxLeases - 1)
    for (const [index, stream] of streams.entries()) {
      if (subscriber.closed) break
      subscriber.add(
        stream.subscribe({
          next: (frame) => {
            try {
              matcher.add(index, frame)
              emitSets(matcher, subscriber)
            } catch (error) {
              subscriber.error(error)
            }
          },
          error: (error: unknown) => {
            subscriber.error(error)
          },
          complete: () => {
            subscriber.complete()
          },
        }),
      )
    }
    return () => {
      matcher.clear()
    }
  })
  return sets as Observable<FrameSet<N>>
}

/** Throws what the release of a set that was delivered threw. */
function emitSets(matcher: Matcher, subscriber: Subscriber<Frame[]>): void {
  while (!subscriber.closed) {
    const set = matcher.next()
    if (set === undefined) return
    let broken: { error: unknown } | undefined
    try {
      subscriber.next(set)
    } finally {
      broken = releaseAll(set)
    }
    if (broken !== undefined) throw broken.error
  }
}

interface Waiting {
  readonly frame: Frame
  readonly time: number
}

/** Frames that wait for their partners, a bounded queue for each stream. */
class Matcher {
  readonly #queues: Waiting[][]
  readonly #tolerance: number
  readonly #depth: number

  constructor(streams: number, tolerance: number, depth: number) {
    this.#queues = Array.from({ length: streams }, () => [])
    this.#tolerance = tolerance
    this.#depth = depth
  }

  add(stream: number, lent: Frame): void {
    const queue = this.#queues[stream]
    if (queue === undefined) return
    queue.push({ frame: lent.retain(), time: comparableTime(lent) })
    if (queue.length > this.#depth) drop(queue)
  }

  /** A set whose frames belong together, taken out of the queues; the caller releases it. */
  next(): Frame[] | undefined {
    for (;;) {
      if (this.#queues.some((queue) => queue.length === 0)) return undefined
      const latest = Math.max(...this.#queues.map((queue) => headTime(queue)))
      let dropped = false
      for (const queue of this.#queues) {
        while (isHopeless(queue, latest, this.#tolerance)) {
          drop(queue)
          dropped = true
        }
      }
      if (!dropped) return this.#queues.map((queue) => (queue.shift() as Waiting).frame)
    }
  }

  /** Does not throw: nobody was shown these frames, so a broken lease among them harms nobody. */
  clear(): void {
    releaseAll(this.#queues.flatMap((queue) => queue.splice(0)).map((waiting) => waiting.frame))
  }
}

function headTime(queue: readonly Waiting[]): number {
  return queue[0]?.time ?? NaN
}

/** Whether the first of a queue cannot be the best partner of a frame captured at `latest`. */
function isHopeless(queue: readonly Waiting[], latest: number, tolerance: number): boolean {
  const [first, second] = queue
  if (first === undefined) return false
  if (first.time < latest - tolerance) return true
  return second !== undefined && Math.abs(second.time - latest) < Math.abs(first.time - latest)
}

/** Throws what the release throws; the frame is out of the queue all the same. */
function drop(queue: Waiting[]): void {
  queue.shift()?.frame.release()
}

function comparableTime(frame: Frame): number {
  const { captureTime, captureClock } = frame
  return captureClock === 'source' ? captureTime : toMonotonic(captureTime, captureClock)
}
