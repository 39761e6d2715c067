const KEPT = 16

/**
 * Where the server's clock stands against the page's, from questions and answers: of the last 16 the one
 * that took the shortest way, taken in the middle (as NTP does; RFC 5905, section 10). Wrong by half the
 * round trip at most.
 */
export class ServerClock {
  readonly #samples: { readonly offset: number; readonly trip: number }[] = []
  #best: { readonly offset: number; readonly trip: number } | undefined

  /** ms, the shortest round trip; undefined before the first answer */
  get trip(): number | undefined {
    return this.#best?.trip
  }

  /** A question sent and answered at these times of the page, and the server's time between. */
  learn(sent: number, server: number, answered: number): void {
    const trip = answered - sent
    this.#samples.push({ offset: server - (sent + answered) / 2, trip })
    if (this.#samples.length > KEPT) this.#samples.shift()
    this.#best = this.#samples.reduce((a, b) => (b.trip < a.trip ? b : a))
  }

  /** The page's time as the server's, NaN before the first answer. */
  at(pageTime: number): number {
    return this.#best === undefined ? Number.NaN : pageTime + this.#best.offset
  }

  forget(): void {
    this.#samples.length = 0
    this.#best = undefined
  }
}
