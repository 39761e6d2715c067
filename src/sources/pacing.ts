import { setImmediate, setTimeout } from 'node:timers/promises'

const BREATH = 2 // ms a source may run before it lets the event loop turn
const GIVE_UP = 1000 // ms behind schedule after which catching up would only be a burst

/**
 * Frames at a steady rate, by an absolute schedule: frame n is due n / fps after the first, however
 * late a timer fired. Without a rate, flat out, with a turn of the event loop every 2 ms.
 *
 * ```ts
 * const pacer = new Pacer(30)
 * for (;;) { await pacer.due(signal); emit() }
 * ```
 *
 * More than a second behind (a stopped process), the schedule starts anew instead of sending a burst.
 */
export class Pacer {
  readonly #period: number | undefined
  #next: number | undefined
  #breath = 0

  constructor(fps: number | undefined) {
    this.#period = fps === undefined ? undefined : 1000 / fps
  }

  /** What to wait for before the next frame, or undefined when it is due at once. */
  due(signal: AbortSignal): Promise<void> | undefined {
    const now = performance.now()
    if (this.#period !== undefined) {
      const due = this.#next === undefined || now > this.#next + GIVE_UP ? now : this.#next
      this.#next = due + this.#period
      if (due > now) {
        this.#breath = due
        return setTimeout(due - now, undefined, { signal })
      }
    }
    if (now < this.#breath + BREATH) return undefined
    this.#breath = now
    return setImmediate(undefined, { signal })
  }
}
