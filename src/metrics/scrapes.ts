import { Lookout, type RingReport, type Sighting } from '../inspect/index.ts'
import { CaptureDelay } from './capture-delay.ts'

/** A ring at a scrape. */
export interface Scraped {
  readonly ring: string
  /** null: there is none, or it cannot be looked at */
  readonly report: RingReport | null
  readonly delay: CaptureDelay
}

/** Looks at rings once a scrape, however many metrics are asked for in it. */
export class Scrapes implements Disposable {
  readonly #lookout: Lookout
  readonly #delays = new Map<string, CaptureDelay>()
  readonly #named: boolean
  #current: Promise<readonly Scraped[]> | undefined

  constructor(rings: readonly string[], directory: string | undefined) {
    this.#lookout = new Lookout(rings, { directory })
    this.#named = rings.length > 0
  }

  /** What is known now; the same for all that ask before it is. */
  scrape(): Promise<readonly Scraped[]> {
    this.#current ??= this.#look().finally(() => {
      this.#current = undefined
    })
    return this.#current
  }

  [Symbol.dispose](): void {
    this.#lookout[Symbol.dispose]()
    this.#delays.clear()
  }

  async #look(): Promise<readonly Scraped[]> {
    const sightings = (await this.#lookout.look()).filter(({ named }) => named || this.#named)
    // What is gone takes no memory, and no series.
    for (const ring of this.#delays.keys()) {
      if (!sightings.some((sighting) => sighting.ring === ring)) this.#delays.delete(ring)
    }
    return sightings.map((sighting) => this.#scraped(sighting))
  }

  #scraped({ ring, report, named }: Sighting): Scraped {
    const delay = this.#delays.get(ring) ?? new CaptureDelay()
    this.#delays.set(ring, delay)
    if (report === null || !named) return { ring, report: null, delay }
    delay.add(report, this.#lookout.moments(ring, delay.after(report)))
    return { ring, report, delay }
  }
}
