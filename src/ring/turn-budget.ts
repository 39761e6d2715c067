import { now } from './clock.ts'

const FRAMES = 32
const MS = 4

/**
 * How much may be delivered before the event loop must turn: with a fast writer there is always one
 * more frame, and timers, sockets and signals would never get their turn.
 */
export class TurnBudget {
  #frames = 0
  #until = 0

  /** A new turn of the event loop has begun. */
  renew(): void {
    this.#frames = 0
  }

  /** Counts a frame; false when the loop must turn before the next one. */
  spend(): boolean {
    if (this.#frames++ === 0) this.#until = now() + MS
    return this.#frames < FRAMES && now() < this.#until
  }
}
