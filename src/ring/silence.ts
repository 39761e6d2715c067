import { transport } from '../transport/index.ts'
import { now } from './clock.ts'

/** What `onDeadline` is told. */
export interface DeadlineMiss {
  /** ms since the last frame, or since the reader began to wait for the first */
  readonly since: number
}

/**
 * Tells when no frame came for `deadline` ms: once per silence, not once per period. One timer that
 * compares times when it fires; frames only note when they came.
 */
export class Silence {
  readonly #deadline: number
  readonly #onMiss: (miss: DeadlineMiss) => void
  /** NaN = not waiting yet */
  #last = NaN
  #told = false
  #timer: Disposable | undefined

  constructor(deadline: number, onMiss: (miss: DeadlineMiss) => void) {
    this.#deadline = deadline
    this.#onMiss = onMiss
  }

  start(): void {
    if (this.#timer !== undefined) return
    if (Number.isNaN(this.#last)) this.#last = now()
    this.#set(this.#deadline)
  }

  frame(time: number): void {
    this.#last = time
    this.#told = false
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  /** For a thread that blocks: no timer fires there. */
  check(): void {
    if (Number.isNaN(this.#last)) this.#last = now()
    const since = now() - this.#last
    if (this.#told || since < this.#deadline) return
    this.#told = true
    this.#onMiss({ since })
  }

  /** ms until `check` may have something to tell. */
  left(): number {
    return this.#told ? Infinity : Math.max(0, this.#last + this.#deadline - now())
  }

  #set(ms: number): void {
    this.#timer = transport().alarm(ms, () => {
      const left = this.#last + this.#deadline - now()
      // Armed again before the user's callback: it may throw, and the next silence counts as well.
      this.#set(left > 0 ? left : this.#deadline)
      this.check()
    })
  }
}
