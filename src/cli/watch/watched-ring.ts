import { FrameringError } from '../../errors/framering-error.ts'
import {
  type InspectOptions,
  Inspector,
  type Moment,
  type RingReport,
} from '../../inspect/index.ts'
import { now } from '../../ring/index.ts'

/**
 * ms for which a ring that ended is looked at, in case its writer starts again: what supervises processes
 * needs about one second.
 */
const GRACE = 2000

/** What a look at a ring has brought. */
export interface News {
  readonly report: RingReport
  /** of the sequences used up since the last look, in order */
  readonly moments: readonly Moment[]
  /** sequences used up since the last look that are in nobody's memory any more */
  readonly unseen: number
  /** the first sequence that this is news of */
  readonly from: number
  /** another writer's ring, or larger slots of the same one, since the last look */
  readonly restart: 'restarted' | 'moved' | null
  /** the end of a generation, which the next one may have followed already */
  readonly last: boolean
}

/**
 * A ring that is looked at again and again, through restarts of its writer, such that no sequence is
 * told of twice and none is missed without being counted.
 *
 * ```ts
 * using ring = new WatchedRing('front', { directory })
 * for await (const _ of ticks(() => 100, io.signal)) {
 *   const { moments, unseen } = ring.look()
 * }
 * ```
 *
 * The first look brings what the ring remembers, its last 1023 sequences. The constructor throws what
 * that of `Inspector` does, and `WRITER_DIED` or `NOT_FOUND` for a ring that is over.
 */
export class WatchedRing implements Disposable {
  readonly name: string
  readonly inspector: Inspector
  #generation: number
  #session: number
  /** last sequence told of; undefined: none, and what is forgotten at the first look was before us */
  #after: number | undefined
  /** all that this generation will ever tell has been told */
  #told = false
  #over: number | undefined

  constructor(name: string, { directory }: InspectOptions) {
    this.name = name
    this.inspector = new Inspector(name, { directory })
    try {
      const report = this.inspector.look()
      refuseDamaged(report)
      if (isOver(report)) throw gone(report)
      this.#generation = report.generation
      this.#session = report.session
    } catch (error) {
      this.inspector.close()
      throw error
    }
  }

  /**
   * What is new. When there is another generation, first what the one before did until its end, and the new
   * one's at the next look; `last` says that there is nothing to wait for. Throws `WRITER_DIED` or
   * `NOT_FOUND` when the ring is over, its last frames have been told of and no writer has taken the name
   * within two seconds; `TRUNCATED` when it was damaged.
   */
  look(): News {
    let report = this.inspector.look({ follow: this.#told })
    // What it did last is lost, but another ring may have the name.
    if (report.state === 'damaged') report = this.inspector.look()
    refuseDamaged(report)
    let restart: News['restart'] = null
    if (report.generation !== this.#generation) {
      restart = report.session === this.#session ? 'moved' : 'restarted'
      this.#generation = report.generation
      this.#session = report.session
      if (restart === 'restarted') this.#after = 0
      this.#told = false
    }
    const last = !this.#told && isLast(report)
    this.#told ||= last
    if (!isOver(report)) this.#over = undefined
    else if (this.#over === undefined) this.#over = now()
    else if (now() - this.#over > GRACE) throw gone(report)
    const moments = this.inspector.moments(this.#after)
    const after = this.#after ?? (moments[0]?.sequence ?? report.sequence + 1) - 1
    const newest = moments.at(-1)?.sequence ?? after
    const unseen = newest - after - moments.length
    const from = after + 1
    this.#after = newest
    return { report, moments, unseen, from, restart, last }
  }

  [Symbol.dispose](): void {
    this.inspector.close()
  }
}

function isOver({ state }: RingReport): boolean {
  return state === 'ended' || state === 'dead'
}

/** Nothing comes after what this one has, or another ring has its name. */
function isLast(report: RingReport): boolean {
  return isOver(report) || report.state === 'moved' || !report.named
}

function gone({ ring, state, writer }: RingReport): FrameringError {
  return state === 'dead'
    ? new FrameringError(
        'WRITER_DIED',
        `the writer of ring '${ring}' (pid ${writer.pid}) is gone without closing it; start it again, ` +
          `and see what it left: framering info ${ring}`,
      )
    : new FrameringError('NOT_FOUND', `ring '${ring}' was closed by its writer; start it again`)
}

function refuseDamaged({ ring, state }: RingReport): void {
  if (state !== 'damaged') return
  throw new FrameringError(
    'TRUNCATED',
    `the memory of ring '${ring}' was cut off by somebody; start its writer again`,
  )
}

/** A sentence on what became of a ring's writer while it was watched. */
export function restartText(ring: string, { restart, report }: News): string {
  return restart === 'moved'
    ? `ring '${ring}' has larger slots now, of ${report.slotBytes} bytes`
    : `ring '${ring}' has another writer now, pid ${report.writer.pid}: its sequences begin at 1 again`
}
