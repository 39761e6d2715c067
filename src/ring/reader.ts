import { transport } from '../transport/index.ts'
import { aborted, checkOptions, durationOption, signalOption } from '../options/index.ts'
import type { Frame } from './frame.ts'
import type { Intake } from './intake.ts'
import type { ReaderStats } from './reader-stats.ts'
import { TurnBudget } from './turn-budget.ts'

const NEXT_OPTIONS = ['timeout', 'signal']

interface Waiter {
  resolve(frame: Frame | null): void
  reject(error: unknown): void
  readonly timer: Disposable | undefined
  readonly signal: AbortSignal | undefined
  readonly onAbort: () => void
}

/**
 * Frames one by one, when they are asked for. Made by `openReader`.
 *
 * ```ts
 * for await (const frame of openReader('front')) {
 *   console.log(frame.sequence, frame.array.shape)   // lent until the next turn of the loop
 * }
 * ```
 *
 * A frame that was pulled is held until `frame.release()` (or `using`), and the reader holds
 * `maxLeases` of them at most. Use a reader from one thread; open another for another.
 */
export class Reader implements AsyncIterable<Frame>, Disposable, AsyncDisposable {
  readonly name: string
  readonly #intake: Intake
  readonly #waiters: Waiter[] = []
  readonly #budget = new TurnBudget()
  #listening = false
  #turning: Disposable | undefined

  // Private, so that the published types have no constructor to call without arguments.
  private constructor(intake: Intake) {
    this.name = intake.options.name
    this.#intake = intake
  }

  /** @internal */
  static make(intake: Intake): Reader {
    return new Reader(intake)
  }

  /** The writer ended the stream and every frame of it was taken. */
  get ended(): boolean {
    return this.#intake.ended
  }

  /** It gives no more frames: closed, at the end of the stream, or failed. */
  get done(): boolean {
    const { closed, ended, failure } = this.#intake
    return closed || ended || failure !== undefined
  }

  /**
   * The next frame if there is one now, else null.
   *
   * Throws `LEASES_EXHAUSTED` when `maxLeases` frames are held, `WRITER_DIED`, `TRUNCATED`, `ABORTED`,
   * `CLOSED`; `NOT_FOUND` when the time to wait for a writer is over.
   */
  tryNext(): Frame | null {
    return this.#intake.take(false, true)
  }

  /**
   * The next frame, for which it blocks this thread at most `timeout` ms (for ever unless said); null
   * when none came, or at the end. Meant for worker threads: nothing else runs meanwhile, except that
   * `worker.terminate()` gets through within 100 ms.
   *
   * Throws as `tryNext`.
   */
  waitSync(timeout = Infinity): Frame | null {
    return this.#intake.waitSync(
      timeout === Infinity ? timeout : durationOption('timeout', timeout, 0),
    )
  }

  /**
   * The next frame as soon as there is one; null at the end of the stream, when the reader is closed
   * meanwhile, or after `timeout` ms. Several at a time are served in order.
   *
   * Rejects as `tryNext` throws, with `ABORTED` when `signal` is aborted.
   */
  async next(options?: {
    readonly timeout?: number | undefined
    readonly signal?: AbortSignal | undefined
  }): Promise<Frame | null> {
    if (options !== undefined) {
      checkOptions('next', options, NEXT_OPTIONS)
      signalOption(options.signal)
    }
    const timeout = options?.timeout
    const signal = options?.signal
    if (signal?.aborted) throw aborted('waiting for a frame', signal)
    const ms =
      timeout === undefined || timeout === Infinity ? 0 : durationOption('timeout', timeout, 0)
    if (this.#waiters.length === 0 && this.#turning === undefined && this.#budget.spend()) {
      const frame = this.#intake.take(false, true)
      if (frame !== null || this.#intake.ended || timeout === 0) return frame
    }
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#drop(waiter)
        reject(aborted('waiting for a frame', signal))
      }
      const timer =
        timeout === undefined || timeout === Infinity
          ? undefined
          : transport().alarm(ms, () => {
              this.#drop(waiter)
              resolve(null)
            })
      const waiter: Waiter = { resolve, reject, timer, signal, onAbort }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiters.push(waiter)
      this.#turn()
    })
  }

  /**
   * Each frame is lent until the next turn of the loop. However the loop is left, the frame is released
   * and this reader closed; at the end of the stream too. For a part of a stream call `next()`. Several
   * `next()` at a time are served one after the other, and each ends the lease of the one before.
   */
  [Symbol.asyncIterator](): AsyncIterator<Frame, undefined> {
    let lent: Frame | null = null
    let running: Promise<unknown> | undefined
    const finish = (): { done: true; value: undefined } => {
      this.close()
      const last = lent
      lent = null
      last?.release()
      return { done: true, value: undefined }
    }
    const step = async (): Promise<IteratorResult<Frame, undefined>> => {
      try {
        lent?.release()
        lent = this.#intake.closed ? null : await this.next()
      } catch (error) {
        lent = null
        this.close()
        throw error
      }
      return lent === null ? finish() : { done: false, value: lent }
    }
    // One after the other: of two at a time, the second would forget the frame of the first.
    const inTurn = <T>(call: () => Promise<T>): Promise<T> => {
      const result = running === undefined ? call() : running.then(call)
      const over = (): void => {
        if (running === settled) running = undefined
      }
      const settled = result.then(over, over)
      running = settled
      return result
    }
    return {
      next: () => inTurn(step),
      return: () => {
        // Not in turn: a `next()` that waits would keep the loop from being left.
        this.close()
        // eslint-disable-next-line @typescript-eslint/require-await -- what a release throws must reject
        return inTurn(async () => finish())
      },
    }
  }

  stats(): ReaderStats {
    return this.#intake.stats()
  }

  /** Takes no more frames. Those that are held stay valid until they are released. Idempotent. */
  close(): void {
    this.#intake.close()
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter).resolve(null)
    this.#rest()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }

  /** Gives waiters what there is, from the event loop. */
  readonly #serve = (): void => {
    this.#budget.renew()
    while (this.#waiters.length > 0) {
      let frame: Frame | null
      try {
        frame = this.#intake.take(true, true)
      } catch (error) {
        for (const waiter of this.#waiters.splice(0)) this.#settle(waiter).reject(error)
        break
      }
      if (frame === null && !this.#intake.ended) return
      const waiter = this.#waiters.shift()
      if (waiter !== undefined) this.#settle(waiter).resolve(frame)
    }
    // Not at once: a loop that asks again right away would build the watch anew for every frame.
    if (this.#listening) this.#turn()
  }

  /** Serves in the next turn of the event loop, or stops listening when nobody waits by then. */
  #turn(): void {
    this.#turning ??= transport().nextTurn(() => {
      this.#turning = undefined
      if (this.#waiters.length === 0) {
        this.#rest()
        return
      }
      if (!this.#listening) {
        this.#listening = true
        this.#intake.listen(this.#serve)
      }
      this.#serve()
    })
  }

  #rest(): void {
    this.#turning?.[Symbol.dispose]()
    this.#turning = undefined
    this.#listening = false
    this.#intake.unlisten()
  }

  #drop(waiter: Waiter): void {
    const index = this.#waiters.indexOf(waiter)
    if (index >= 0) this.#waiters.splice(index, 1)
    this.#settle(waiter)
    if (this.#waiters.length === 0 && this.#listening) this.#turn()
  }

  #settle(waiter: Waiter): Waiter {
    waiter.timer?.[Symbol.dispose]()
    waiter.signal?.removeEventListener('abort', waiter.onAbort)
    return waiter
  }
}
