import { expect } from 'vitest'
import type { Frame } from '../../src/index.ts'

/** One reader's frames of one session. */
interface Stay {
  readonly session: number
  /** the sequence it is counted from */
  readonly first: number
  received: number
  gaps: number
}

/** Checks of one reader's frames that none is lost uncounted: last − first + 1 = received + gaps. */
export class Account {
  #stay: Stay | undefined

  count(frame: Frame): void {
    const { sequence, session, gap, lost } = frame
    if (this.#stay?.session !== session) {
      // The first session is counted from the first frame on, each one followed from its beginning on.
      const first = this.#stay === undefined && lost.restart === 0 ? sequence - gap : 1
      this.#stay = { session, first, received: 0, gaps: 0 }
    }
    const stay = this.#stay
    stay.received++
    stay.gaps += gap - lost.restart
    expect(sequence - stay.first + 1).toBe(stay.received + stay.gaps)
    expect(gap).toBe(lost.noSlot + lost.overrun + lost.skipped + lost.restart)
  }
}
