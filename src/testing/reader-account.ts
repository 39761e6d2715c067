import type { NativePosition, NativeReaderOptions } from '../native/index.ts'
import { Delivery } from '../native/index.ts'
import type { FrameRecord, Losses } from './frame-words.ts'
import type { Generation } from './generation.ts'

/** Where a reader stands in its stream, and what it has lost on the way. */
export class ReaderAccount {
  /** last sequence looked at */
  cursor = 0
  readonly #ring: Generation
  readonly #latestOnly: boolean
  /** last sequence delivered */
  #delivered = 0
  /** Whether the two below are known. */
  #counted = false
  #dropped = 0
  #sourceLost = 0
  /** passed over for their age since the last delivery */
  #aged = 0
  #restart = 0

  constructor(ring: Generation, options: NativeReaderOptions) {
    this.#ring = ring
    this.#latestOnly = options.delivery === Delivery.Latest
    const { position } = options
    if (position === undefined) {
      this.cursor = ring.latest - Math.min(ring.latest, options.replay)
      return
    }
    this.#restart = position.restart
    if (position.session === ring.session) {
      this.cursor = this.#delivered = position.sequence
      this.#dropped = position.dropped
      this.#sourceLost = position.sourceLost
      this.#counted = position.counted !== 0
      this.#aged = position.aged
    } else {
      // A new session is counted from its first sequence on, whatever this reader sees of it first.
      this.#counted = true
      this.#restart += Math.max(0, position.head - position.sequence)
    }
  }

  passOver(sequence: number): void {
    this.#aged++
    this.cursor = sequence
  }

  /** Goes on to this frame. Returns what was lost since the one before. */
  deliver(frame: FrameRecord): Losses {
    const { sequence, dropped, sourceLost } = frame
    const missing = this.#counted ? sequence - this.#delivered - 1 : 0
    const noSlot = this.#counted ? Math.min(missing, Math.max(0, dropped - this.#dropped)) : 0
    const rest = missing - noSlot
    const skipped = this.#latestOnly ? rest : Math.min(rest, this.#aged)
    const lost = {
      noSlot,
      skipped,
      overrun: rest - skipped,
      restart: this.#restart,
      source: this.#counted ? Math.max(0, sourceLost - this.#sourceLost) : 0,
    }
    this.#counted = true
    this.#dropped = dropped
    this.#sourceLost = sourceLost
    this.#delivered = this.cursor = sequence
    this.#aged = 0
    this.#restart = 0
    return lost
  }

  position(): NativePosition {
    const sequence = this.#counted ? this.#delivered : this.cursor
    return {
      session: this.#ring.session,
      sequence,
      head: Math.max(sequence, this.#ring.head),
      counted: this.#counted ? 1 : 0,
      dropped: this.#dropped,
      sourceLost: this.#sourceLost,
      restart: this.#restart,
      aged: this.#aged,
    }
  }
}
