import type { ReaderReport, RingReport } from '../../inspect/index.ts'
import { rateNow } from '../rate-now.ts'
import type { HeldSlot, RingFigures } from './figures.ts'
import { ReaderMemory } from './reader-memory.ts'

/** Rates remembered, one a look: what a line of them shows at the most. */
const HISTORY = 60

type Totals = Pick<RingReport, 'session' | 'published' | 'dropped' | 'sourceLost'>

/** What `top` remembers of one ring, to tell what came since. */
export class RingMemory {
  readonly #rates: (number | null)[] = []
  #base: Totals | undefined
  #readers = new Map<string, ReaderMemory>()
  #looks = 0

  /** `base`: what it had done before `top` started; left out where it came since. */
  constructor(base?: RingReport) {
    this.#base = base
  }

  /** The rates of the last looks, oldest first. */
  get rates(): readonly (number | null)[] {
    return this.#rates
  }

  /** Its figures at `time`, ms of `now()`. */
  figures(report: RingReport, time: number): RingFigures {
    const { ring, state, age, bytes, lockedBytes, writer, format, control, slots } = report
    const rate = rateNow(report)
    this.#rates.push(rate)
    if (this.#rates.length > HISTORY) this.#rates.shift()
    // A writer that began again counts from 0.
    if (this.#base?.session !== report.session) this.#base = undefined
    const alive = report.readers.filter((reader) => reader.alive)
    const readers = this.#memories(report, alive)
    this.#looks++
    return {
      ring,
      state,
      error: null,
      rate,
      bytesPerSecond: rate === null || format === null ? null : rate * format.bytes,
      published: report.published - (this.#base?.published ?? 0),
      dropped: report.dropped - (this.#base?.dropped ?? 0),
      sourceLost: report.sourceLost - (this.#base?.sourceLost ?? 0),
      age,
      slots: slots.length,
      bytes,
      lockedBytes,
      writer: { pid: writer.pid, command: writer.command },
      readers:
        control === null ? null : alive.map((reader, i) => readers[i]!.figures(reader, time)),
      heldSlots: control === null ? null : heldSlots(report, alive),
    }
  }

  /** Those of readers that left are forgotten. */
  #memories({ generation }: RingReport, alive: readonly ReaderReport[]): readonly ReaderMemory[] {
    const known = this.#readers
    const wasThere = this.#base !== undefined && this.#looks === 0
    this.#readers = new Map(
      alive.map((reader) => {
        const key = `${generation} ${reader.entry} ${reader.joins}`
        return [key, known.get(key) ?? new ReaderMemory(wasThere ? reader : undefined)]
      }),
    )
    return [...this.#readers.values()]
  }
}

function heldSlots({ slots }: RingReport, alive: readonly ReaderReport[]): readonly HeldSlot[] {
  const readers = new Map(alive.map((reader) => [reader.entry, reader]))
  return slots
    .filter(({ holders }) => holders.length > 0)
    .map(({ slot, sequence, holders }) => ({
      slot,
      sequence,
      holders: holders.map(({ entry, held }) => {
        const { pid = 0, command = '' } = readers.get(entry) ?? {}
        return { entry, pid, command, held }
      }),
    }))
}
