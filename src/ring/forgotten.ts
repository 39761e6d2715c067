/** ms after which the newest hold is watched as well */
const SOON = 100

/**
 * Notices holds that became garbage before they were given back.
 *
 * ```ts
 * const forgotten = new Forgotten<Frame, Lease>((lease) => lease.release())
 * forgotten.watch(frame, lease)
 * forgotten.done(frame) // it was given back
 * ```
 *
 * A FinalizationRegistry costs several times what the rest of a lease does, and nearly every hold is given
 * back before there is another. So the newest one is kept from the garbage collector instead, and
 * registered when a second one comes, or when it is held for a while.
 */
export class Forgotten<T extends object, Held> {
  readonly #registry: FinalizationRegistry<Held>
  #newest: T | undefined
  #held: Held | undefined
  /** Holds so far: tells whether the newest one is still the one it was when the timer was set. */
  #count = 0
  #timing = false

  /** `found` is called with what was held, some time after the collection. */
  constructor(found: (held: Held) => void) {
    this.#registry = new FinalizationRegistry(found)
  }

  watch(hold: T, held: Held): void {
    if (this.#newest !== undefined) this.register()
    this.#newest = hold
    this.#held = held
    this.#count++
    if (!this.#timing) this.#soon()
  }

  done(hold: T): void {
    if (this.#newest !== hold) {
      this.#registry.unregister(hold)
      return
    }
    this.#newest = undefined
    this.#held = undefined
  }

  /** Lets the newest one become garbage too: nothing may come after it. */
  register(): void {
    const hold = this.#newest
    if (hold === undefined) return
    this.#registry.register(hold, this.#held as Held, hold)
    this.#newest = undefined
    this.#held = undefined
  }

  #soon(): void {
    this.#timing = true
    const seen = this.#count
    setTimeout(() => {
      this.#timing = false
      if (this.#newest === undefined) return
      if (this.#count === seen) this.register()
      else this.#soon()
    }, SOON).unref()
  }
}
