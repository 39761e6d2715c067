import type { Writer } from '../../ring/index.ts'
import type { PublishedFrame } from '../../sources/index.ts'
import { counted } from '../units.ts'

/** How a publication goes, as `--json` prints it. */
export interface Progress {
  readonly type: 'status' | 'summary'
  readonly ring: string
  /** since the ring was made */
  readonly seconds: number
  /** frames readers could get */
  readonly published: number
  /** frames dropped because readers held every slot */
  readonly dropped: number
  /** frames a second; of a status: since the one before; null: fewer than two frames */
  readonly rate: number | null
  /** what that makes in bytes of whole frames */
  readonly bytesPerSecond: number | null
  /** attached at this moment */
  readonly readers: number
}

/** Counts what a source publishes. */
export class ProgressCount {
  readonly #writer: Writer
  readonly #start = performance.now()
  #published = 0
  #dropped = 0
  /** ms; when the first and the last frame came, and the last one of the status before */
  #first = NaN
  #last = NaN
  #before = { published: 0, at: NaN }

  constructor(writer: Writer) {
    this.#writer = writer
  }

  count({ sequence }: PublishedFrame): void {
    if (sequence === 0) {
      this.#dropped++
      return
    }
    this.#last = performance.now()
    if (this.#published++ === 0) {
      this.#first = this.#last
      this.#before = { published: 1, at: this.#first }
    }
  }

  status(): Progress {
    const { published, at } = this.#before
    this.#before = { published: this.#published, at: this.#last }
    return this.#tell('status', this.#published - published, this.#last - at)
  }

  /** Call it while the writer is open. */
  summary(): Progress {
    return this.#tell('summary', this.#published - 1, this.#last - this.#first)
  }

  #tell(type: Progress['type'], frames: number, ms: number): Progress {
    const rate = this.#published < 2 ? null : ms > 0 ? (1000 * frames) / ms : 0
    return {
      type,
      ring: this.#writer.name,
      seconds: Math.round(performance.now() - this.#start) / 1000,
      published: this.#published,
      dropped: this.#dropped,
      rate,
      bytesPerSecond: rate === null ? null : rate * this.#writer.format.bytes,
      readers: this.#writer.stats().readers,
    }
  }
}

/** The same in words. */
export function sayProgress({ published, dropped, rate, readers, seconds }: Progress): string {
  const fps = rate === null ? '' : `, ${rate.toFixed(rate < 10 ? 2 : 1)} fps`
  return (
    `${counted(published, 'frame')} in ${seconds.toFixed(1)} s${fps}, ${dropped} dropped, ` +
    counted(readers, 'reader')
  )
}
