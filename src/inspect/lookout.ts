import { FrameringError } from '../errors/framering-error.ts'
import { directoryOption } from '../ring/names.ts'
import type { InspectOptions } from './inspector.ts'
import { Inspector } from './inspector.ts'
import { listRings } from './list-rings.ts'
import type { Moment } from './moment.ts'
import type { RingReport } from './ring-report.ts'

/** What a look at one ring among several came to. */
export interface Sighting {
  readonly ring: string
  /** null where it cannot be looked at */
  readonly report: RingReport | null
  /** why it cannot: `NOT_FOUND`, `PERMISSION`, `NOT_A_RING`, `LAYOUT_VERSION`, … */
  readonly error: FrameringError | null
  /** Its name still stands. A ring that has lost it is told of once more. */
  readonly named: boolean
}

/**
 * Looks at several rings again and again, or at whatever rings there are.
 *
 * ```ts
 * using lookout = new Lookout([])
 * for (const { ring, report } of await lookout.look()) console.log(ring, report?.rate)
 * ```
 *
 * `rings`: their names; none means all of the directory, as they come and go. What is wrong with one
 * keeps none of the others from being looked at. Joins nothing, see `Inspector`.
 *
 * The constructor throws `NAME_INVALID` and `OPTION_INVALID`.
 */
export class Lookout implements Disposable {
  readonly #rings: readonly string[]
  readonly #directory: string
  readonly #inspectors = new Map<string, Inspector>()

  constructor(rings: readonly string[], options: InspectOptions = {}) {
    this.#rings = [...new Set(rings)]
    this.#directory = directoryOption(options.directory)
    for (const ring of this.#rings) {
      const { error } = this.#sight(ring, true)
      if (error?.code === 'NAME_INVALID') throw error
    }
  }

  /** What is known now, in the order of the names given, or by name. */
  async look(): Promise<readonly Sighting[]> {
    const named = await listRings(this.#directory)
    const wanted = this.#rings.length > 0 ? this.#rings : named
    const lost = [...this.#inspectors.keys()].filter((ring) => !wanted.includes(ring))
    return [...wanted, ...lost].map((ring) => this.#sight(ring, named.includes(ring)))
  }

  /**
   * When the sequences of a ring after `after` were used up, as `Inspector.moments` has it; none for a
   * ring that the last look did not reach.
   */
  moments(ring: string, after = 0): readonly Moment[] {
    return this.#inspectors.get(ring)?.moments(after) ?? []
  }

  [Symbol.dispose](): void {
    for (const inspector of this.#inspectors.values()) inspector.close()
    this.#inspectors.clear()
  }

  #sight(ring: string, named: boolean): Sighting {
    let report: RingReport | null = null
    let error: FrameringError | null = null
    try {
      let inspector = this.#inspectors.get(ring)
      if (inspector === undefined) {
        inspector = new Inspector(ring, { directory: this.#directory })
        this.#inspectors.set(ring, inspector)
      }
      report = inspector.look()
    } catch (thrown) {
      if (!(thrown instanceof FrameringError)) throw thrown
      error = thrown
    }
    // An inspector keeps the memory of a ring that is gone.
    if (!named || error !== null) {
      this.#inspectors.get(ring)?.close()
      this.#inspectors.delete(ring)
    }
    return { ring, report, error, named }
  }
}
