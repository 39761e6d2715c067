import type { NativeSemaphore } from '../native/index.ts'
import { asFrameringError } from '../native/index.ts'
import { aborted } from '../options/index.ts'

/** What a timer has room for, in ms: with more it would ring at once. */
const LONGEST_ALARM = 0x7fff_ffff

interface Waiter {
  resolve(taken: boolean): void
  reject(error: Error): void
  /** at once when it gets its unit, before anything else can happen */
  readonly onTaken: (() => void) | undefined
  readonly signal: AbortSignal | undefined
  readonly onAbort: () => void
  timer: NodeJS.Timeout | undefined
}

/**
 * Who waits for units of one semaphore on the event loop, in order of arrival. Units are asked for one
 * by one and go to whoever is first by then: one that comes when its waiter has just given up goes to
 * the next, or back.
 */
export class UnitQueue {
  readonly #native: NativeSemaphore
  readonly #onChange: () => void
  readonly #waiters: Waiter[] = []

  /** `onChange` is called when the first one comes and when the last one is gone. */
  constructor(native: NativeSemaphore, onChange: () => void) {
    this.#native = native
    this.#onChange = onChange
  }

  get empty(): boolean {
    return this.#waiters.length === 0
  }

  /** True with a unit, false after `timeout` ms. Rejects with `ABORTED`, or with why waiting failed. */
  take(timeout: number, signal?: AbortSignal, onTaken?: () => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        // Nobody is left to have the unit that was taken just now.
        if (this.#leave(waiter)) this.#postBack()
        reject(aborted('waiting for a semaphore', signal))
      }
      const waiter: Waiter = { resolve, reject, onTaken, signal, onAbort, timer: undefined }
      signal?.addEventListener('abort', onAbort, { once: true })
      if (timeout !== Infinity) this.#arm(waiter, performance.now() + timeout)
      this.#waiters.push(waiter)
      if (this.#waiters.length > 1) return
      this.#onChange()
      this.#want()
    })
  }

  /** Everybody's wait ends with `error`. */
  end(error: Error): void {
    if (this.empty) return
    for (const waiter of this.#waiters.splice(0)) {
      this.#disarm(waiter)
      waiter.reject(error)
    }
    if (this.#native.unwant()) this.#postBack()
    this.#onChange()
  }

  /** A unit has come, or waiting failed: told by the addon, from the event loop. */
  readonly #serve = (error?: unknown): boolean => {
    if (error !== undefined) {
      this.end(asFrameringError(error))
      return false
    }
    const waiter = this.#waiters.shift()
    if (waiter === undefined) return false
    this.#give(waiter)
    if (this.empty) this.#onChange()
    else this.#want()
    return true
  }

  #give(waiter: Waiter): void {
    this.#disarm(waiter)
    waiter.onTaken?.()
    waiter.resolve(true)
  }

  #want(): void {
    try {
      this.#native.want(this.#serve)
    } catch (error) {
      this.end(asFrameringError(error))
    }
  }

  /** Whether a unit is there that was meant for it, and for nobody else. */
  #leave(waiter: Waiter): boolean {
    this.#disarm(waiter)
    this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
    if (!this.empty) return false
    this.#onChange()
    return this.#native.unwant()
  }

  #arm(waiter: Waiter, deadline: number): void {
    const left = Math.min(Math.ceil(deadline - performance.now()), LONGEST_ALARM)
    waiter.timer = setTimeout(() => {
      if (left === LONGEST_ALARM) this.#arm(waiter, deadline)
      else if (this.#leave(waiter)) this.#give(waiter)
      else waiter.resolve(false)
    }, left)
  }

  #disarm(waiter: Waiter): void {
    clearTimeout(waiter.timer)
    waiter.signal?.removeEventListener('abort', waiter.onAbort)
  }

  #postBack(): void {
    try {
      this.#native.post()
    } catch {
      // Filled up to the last unit meanwhile, or cut off: whoever else waits has no use for this one.
    }
  }
}
