import type { Observer, ObservableInput, OperatorFunction } from 'rxjs'
import { from, Observable, Subscriber, Subscription } from 'rxjs'
import type { Frame, Pace } from '../ring/frame.ts'
import { paceOf } from '../ring/frame.ts'
import { releaseAll } from './release-all.ts'

/**
 * Works on each frame for as long as it takes: the lease is held until the promise or observable
 * that `project` returns has settled, then the newest frame is taken.
 *
 * ```ts
 * frames('front')
 *   .pipe(leaseMap((frame) => sharp(frame.data, { raw: frame.raw }).jpeg().toBuffer()))
 *   .subscribe((jpeg) => response.write(jpeg))
 * ```
 *
 * While it works nothing else is leased; with delivery `every` or `reliable` the next in order follows
 * instead of the newest. Takes what `syncFrames` emits as well. Frames that come from elsewhere than
 * `frames()` (a Subject of pulled ones) cannot be held back: they are worked on side by side.
 *
 * - emits everything that the inner promise, observable or (async) iterable emits
 * - errors when `project` throws, the inner one fails, or the release tells `LEASE_BROKEN`; the lease is
 *   released first
 * - completes when the source has completed and the work is done
 * - unsubscribing ends an inner observable and releases its frame at once; a promise or async iterable
 *   cannot be stopped, and native work may still read the memory: its frame is released when it settles.
 *   So return the promise itself, not an observable made of it.
 * - an error of the source (`signal` aborted) ends it like unsubscribing, also while it works
 *
 * With `share()` upstream the slowest `leaseMap` sets the pace of all; subscribe to `frames()` once for
 * each instead.
 */
export function leaseMap<T extends Frame | readonly Frame[], R>(
  project: (lent: T, index: number) => ObservableInput<R>,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((subscriber) => {
      let index = 0
      let working = 0
      let exhausted = false
      const settle = (hold: Hold, failed: boolean, error?: unknown): void => {
        working--
        const broken = hold.release()
        if (failed) subscriber.error(error)
        else if (broken !== undefined) subscriber.error(broken.error)
        else if (exhausted && working === 0) subscriber.complete()
        // Last: it takes the next frame, and calls `next` below.
        hold.resume()
      }
      const outer: Observer<T> = {
        next: (lent) => {
          let hold: Hold
          try {
            hold = new Hold(lent)
          } catch (error) {
            subscriber.error(error)
            return
          }
          working++
          let inner: ObservableInput<R>
          try {
            inner = project(hold.kept as T, index++)
          } catch (error) {
            settle(hold, true, error)
            return
          }
          work(inner, subscriber, hold, settle)
        },
        error: (error: unknown) => {
          subscriber.error(error)
        },
        complete: () => {
          exhausted = true
          if (working === 0) subscriber.complete()
        },
      }
      source.subscribe(childOf(subscriber, outer))
    })
}

/**
 * A subscriber that ends with `parent` from the beginning: one that is made by `subscribe` ends only
 * after that has returned, and an endless synchronous source never returns from it.
 */
function childOf<T>(parent: Subscription, observer: Observer<T>): Subscriber<T> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- RxJS 7 has no other way to make one
  const child = new Subscriber<T>(observer)
  parent.add(child)
  return child
}

type Settle = (hold: Hold, failed: boolean, error?: unknown) => void

/** The frames of one call of `project`, and the deliveries they hold back. */
class Hold {
  readonly kept: Frame | readonly Frame[]
  readonly #frames: Frame[] = []
  #paces: readonly Pace[]

  /** Throws `RELEASED` for a frame that an operator before kept beyond its time. */
  constructor(lent: Frame | readonly Frame[]) {
    const frames = Array.isArray(lent) ? (lent as readonly Frame[]) : [lent as Frame]
    this.#paces = frames.map(paceOf).filter((pace) => pace !== undefined)
    try {
      for (const frame of frames) this.#frames.push(frame.retain())
    } catch (error) {
      this.release()
      throw error
    }
    this.kept = Array.isArray(lent) ? this.#frames : (this.#frames[0] as Frame)
    for (const pace of this.#paces) pace.pause()
  }

  /** What the first release that failed threw. */
  release(): { error: unknown } | undefined {
    return releaseAll(this.#frames)
  }

  /** Idempotent: one resume per pause. */
  resume(): void {
    const paces = this.#paces
    this.#paces = []
    for (const pace of paces) pace.resume()
  }
}

function work<R>(
  inner: ObservableInput<R>,
  subscriber: Subscriber<R>,
  hold: Hold,
  settle: Settle,
): void {
  const running = unstoppable(inner, subscriber)
  if (running !== undefined) {
    // The lease stays with the work; others who share the stream need not wait for it.
    const unsubscribed = new Subscription(() => {
      hold.resume()
    })
    subscriber.add(unsubscribed)
    const done = (failed: boolean, error?: unknown): void => {
      subscriber.remove(unsubscribed)
      settle(hold, failed, error)
    }
    running.then(
      () => {
        done(false)
      },
      (error: unknown) => {
        done(true, error)
      },
    )
    return
  }
  let settled = false
  const done = (failed: boolean, error?: unknown): void => {
    if (settled) return
    settled = true
    settle(hold, failed, error)
  }
  let values: Observable<R>
  try {
    values = from(inner)
  } catch (error) {
    done(true, error)
    return
  }
  const child = childOf<R>(subscriber, {
    next: (value) => {
      subscriber.next(value)
    },
    error: (error: unknown) => {
      done(true, error)
    },
    complete: () => {
      done(false)
    },
  })
  // Also when it was unsubscribed from outside before it settled.
  child.add(() => {
    done(false)
  })
  values.subscribe(child)
}

/** Emits a promise's or async iterable's values; undefined for an inner one that can be stopped. */
function unstoppable<R>(
  inner: ObservableInput<R>,
  subscriber: Subscriber<R>,
): Promise<void> | undefined {
  if (isPromiseLike<R>(inner)) {
    return Promise.resolve(inner).then((value) => {
      subscriber.next(value)
    })
  }
  if (isAsyncIterable<R>(inner)) return drain(inner, subscriber)
  return undefined
}

async function drain<R>(inner: AsyncIterable<R>, subscriber: Subscriber<R>): Promise<void> {
  for await (const value of inner) {
    if (subscriber.closed) return
    subscriber.next(value)
  }
}

function isPromiseLike<R>(inner: unknown): inner is PromiseLike<R> {
  return typeof (inner as { then?: unknown } | null | undefined)?.then === 'function'
}

function isAsyncIterable<R>(inner: unknown): inner is AsyncIterable<R> {
  return (
    typeof (inner as Partial<AsyncIterable<R>> | null | undefined)?.[Symbol.asyncIterator] ===
    'function'
  )
}
