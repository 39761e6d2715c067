import { nativeCall } from '../native/index.ts'
import { FrameringError } from '../errors/framering-error.ts'
import type { NativeSemaphore } from '../native/index.ts'
import { aborted, checkOptions, durationOption, refuse, signalOption } from '../options/index.ts'
import { atExit } from '../process/index.ts'
import { UnitQueue } from './unit-queue.ts'

/** ms a thread sleeps in one go, so that a worker can be terminated. */
const LONGEST_WAIT = 100

const WAIT_OPTIONS = ['timeout', 'signal']

/** How long to wait, and what ends it. */
export interface WaitOptions {
  /** ms, 0 or more; for ever unless said */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A count of units that processes share: `post` adds one, waiting takes one. With one unit it is a lock.
 * Made by `createSemaphore` and `openSemaphore`.
 *
 * ```ts
 * using sem = openSemaphore('frame')
 * if (await sem.wait({ timeout: 100 })) console.log(`got one, ${sem.value} left`)
 * ```
 *
 * A unit belongs to nobody: who took it may be killed, and then nobody posts it. Every method throws
 * `CLOSED` after `close()`, and `TRUNCATED` when another process cut the semaphore's file off.
 */
export class Semaphore implements Disposable {
  /** without a leading slash */
  readonly name: string
  readonly #native: NativeSemaphore
  readonly #queue: UnitQueue
  #locks = 0
  #unguard: (() => void) | undefined
  #closed = false

  // Private, so that the published types have no constructor to call without arguments.
  private constructor(name: string, native: NativeSemaphore) {
    this.name = name
    this.#native = native
    this.#queue = new UnitQueue(native, () => {
      this.#guard()
    })
  }

  /** @internal */
  static make(name: string, native: NativeSemaphore): Semaphore {
    return new Semaphore(name, native)
  }

  /** Units there at this moment. Another process may change that before it is read. */
  get value(): number {
    this.#check()
    return nativeCall(() => this.#native.value())
  }

  /** Adds a unit; wakes who waits. Throws `SEMAPHORE_OVERFLOW` at 2147483647 of them. */
  post(): void {
    this.#check()
    nativeCall(() => {
      this.#native.post()
    })
  }

  /** Takes a unit if there is one. */
  tryWait(): boolean {
    this.#check()
    return nativeCall(() => this.#native.tryWait())
  }

  /**
   * Takes a unit, for which it blocks this thread at most `timeout` ms (for ever unless said); false
   * when none came. Meant for worker threads: nothing else runs meanwhile, except that
   * `worker.terminate()` gets through within 100 ms.
   *
   * Throws `OPTION_INVALID`.
   */
  waitSync(timeout = Infinity): boolean {
    this.#check()
    const deadline = performance.now() + timeoutOf(timeout)
    for (;;) {
      const left = Math.max(0, deadline - performance.now())
      if (nativeCall(() => this.#native.wait(Math.min(left, LONGEST_WAIT)))) return true
      if (left <= LONGEST_WAIT) return false
    }
  }

  /**
   * Takes a unit as soon as there is one; false after `timeout` ms. Several at a time are served in
   * order. It waits on a thread of this semaphore's own, which lives until `close()`; a wait that is
   * going on keeps the process alive.
   *
   * Rejects with `ABORTED` when `signal` is aborted, `CLOSED` when the semaphore is closed meanwhile,
   * `OPTION_INVALID`, `UNSUPPORTED` (not Node), `SYSTEM` (no thread). A unit that comes at that moment
   * is posted back.
   */
  async wait(options: WaitOptions = {}): Promise<boolean> {
    return this.#wait('wait', options)
  }

  /**
   * What `run` returns, called with a unit taken, which is posted when it is done or has thrown, or
   * calls `process.exit()`.
   *
   * ```ts
   * const frame = await sem.withLock(() => Uint8Array.from(shared), { timeout: 100 })
   * ```
   *
   * `close()` meanwhile takes effect when it is done. Rejects with `TIMED_OUT` after `timeout` ms, or as
   * `wait`; `run` was not called then.
   */
  async withLock<T>(run: () => T | PromiseLike<T>, options: WaitOptions = {}): Promise<T> {
    checkRun('withLock', run)
    // Counted the moment it is taken: a close before this goes on must leave the handle to post with.
    const taken = await this.#wait('withLock', options, () => {
      this.#lock()
    })
    if (!taken) throw this.#late(options.timeout)
    return this.#unlockAfter(await settled(run))
  }

  /**
   * As `withLock`, but blocks this thread as `waitSync` does.
   *
   * Throws `TIMED_OUT`; `OPTION_INVALID` when `run` returns a promise, for which the lock cannot last.
   */
  withLockSync<T>(run: () => T, options: { readonly timeout?: number | undefined } = {}): T {
    checkRun('withLockSync', run)
    checkOptions('withLockSync', options, ['timeout'])
    if (!this.waitSync(options.timeout)) throw this.#late(options.timeout)
    this.#lock()
    return this.#unlockAfter(
      outcome(() => {
        const value = run()
        if (isThenable(value)) {
          throw new FrameringError(
            'OPTION_INVALID',
            'withLockSync was given an async function, which goes on without the lock; use withLock',
          )
        }
        return value
      }),
    )
  }

  /**
   * Lets go of it; the semaphore itself stays. Waits that are going on reject with `CLOSED`. Idempotent.
   */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#queue.end(closed(this.name))
    if (this.#locks === 0) this.#native.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #check(): void {
    if (this.#closed) throw closed(this.name)
  }

  async #wait(where: string, options: WaitOptions, onTaken?: () => void): Promise<boolean> {
    checkOptions(where, options, WAIT_OPTIONS)
    signalOption(options.signal)
    const timeout = timeoutOf(options.timeout)
    this.#check()
    if (options.signal?.aborted) throw aborted('waiting for a semaphore', options.signal)
    // Not past those who wait.
    if (this.#queue.empty && this.tryWait()) {
      onTaken?.()
      return true
    }
    return timeout === 0 ? false : this.#queue.take(timeout, options.signal, onTaken)
  }

  #lock(): void {
    this.#locks += 1
    this.#guard()
  }

  #unlock(): void {
    this.#locks -= 1
    this.#guard()
    try {
      nativeCall(() => {
        this.#native.post()
      })
    } finally {
      if (this.#closed && this.#locks === 0) this.#native.close()
    }
  }

  /** Nothing that is taken must go with the process: neither a lock nor what was not told yet. */
  #guard(): void {
    if (this.#locks === 0 && this.#queue.empty) {
      this.#unguard?.()
      this.#unguard = undefined
    } else {
      this.#unguard ??= atExit(this.#giveBack)
    }
  }

  readonly #giveBack = (): void => {
    this.close()
    while (this.#locks > 0) {
      try {
        this.#unlock()
      } catch {
        // Full or cut off: nobody waits for this unit, and the other exit hooks have their own to do.
      }
    }
  }

  #unlockAfter<T>(result: Outcome<T>): T {
    try {
      this.#unlock()
    } catch (error) {
      // What `run` threw matters more.
      if (!('error' in result)) throw error
    }
    if ('error' in result) throw result.error
    return result.value
  }

  #late(timeout: number | undefined): FrameringError {
    return new FrameringError(
      'TIMED_OUT',
      `semaphore '${this.name}' was not to be had within ${timeout} ms: give it longer, or see who ` +
        'holds it; if that process was killed, post() once',
    )
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

function outcome<T>(run: () => T): Outcome<T> {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}

async function settled<T>(run: () => T | PromiseLike<T>): Promise<Outcome<T>> {
  try {
    return { value: await run() }
  } catch (error) {
    return { error }
  }
}

/** Before there is a unit: one must not be waited for, for ever perhaps, to learn that nothing can run. */
function checkRun(where: string, run: unknown): void {
  if (typeof run !== 'function') refuse(where, run, 'a function to call with a unit taken')
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<PromiseLike<unknown>>).then === 'function'
  )
}

function timeoutOf(timeout: number | undefined): number {
  if (timeout === undefined || timeout === Infinity) return Infinity
  return durationOption('timeout', timeout, 0)
}

function closed(name: string): FrameringError {
  return new FrameringError('CLOSED', `this handle of semaphore '${name}' is closed; open it again`)
}
