import { Lookout, type Sighting } from '../../inspect/index.ts'
import { now } from '../../ring/clock.ts'
import type { RingFigures } from './figures.ts'
import { RingMemory } from './ring-memory.ts'

/** ms that a ring which is gone is still told of */
const LINGERS = 3000

/** What rings and their readers do from one look to the next. */
export class Survey implements Disposable {
  readonly #lookout: Lookout
  readonly #memories = new Map<string, RingMemory>()
  readonly #gone = new Map<string, { readonly figures: RingFigures; readonly until: number }>()
  #looks = 0

  /** `rings`: those to look at; none means all of the directory. Throws what `Lookout` does. */
  constructor(rings: readonly string[], directory: string | undefined) {
    this.#lookout = new Lookout(rings, { directory })
  }

  /** All rings, and for three seconds those that are gone. */
  async look(): Promise<readonly RingFigures[]> {
    const time = now()
    const sightings = await this.#lookout.look()
    const seen = sightings.map((sighting) => this.#figures(sighting, time))
    this.#looks++
    for (const [ring, { figures, until }] of this.#gone) {
      if (until <= time) this.#gone.delete(ring)
      else if (!seen.some((one) => one.ring === ring)) seen.push(figures)
    }
    const rings = new Set(seen.map(({ ring }) => ring))
    for (const ring of this.#memories.keys()) if (!rings.has(ring)) this.#memories.delete(ring)
    return seen
  }

  /** The rates of a ring at the last looks, oldest first. */
  rates(ring: string): readonly (number | null)[] {
    return this.#memories.get(ring)?.rates ?? []
  }

  [Symbol.dispose](): void {
    this.#lookout[Symbol.dispose]()
  }

  #figures({ ring, report, error, named }: Sighting, time: number): RingFigures {
    if (report === null) {
      const gone = this.#gone.get(ring)
      if (gone !== undefined && gone.until > time && error?.code === 'NOT_FOUND')
        return gone.figures
      return unreadable(ring, error?.code ?? 'NOT_FOUND', error?.message ?? '')
    }
    let memory = this.#memories.get(ring)
    if (memory === undefined) {
      memory = new RingMemory(this.#looks === 0 ? report : undefined)
      this.#memories.set(ring, memory)
    }
    const figures = memory.figures(report, time)
    if (named) this.#gone.delete(ring)
    else this.#gone.set(ring, { figures, until: time + LINGERS })
    return figures
  }
}

function unreadable(ring: string, code: string, message: string): RingFigures {
  return {
    ring,
    state: code === 'NOT_FOUND' ? 'missing' : 'unreadable',
    error: { code, message },
    rate: null,
    bytesPerSecond: null,
    published: null,
    dropped: null,
    sourceLost: null,
    age: null,
    slots: null,
    bytes: null,
    lockedBytes: null,
    writer: null,
    readers: null,
    heldSlots: null,
  }
}
