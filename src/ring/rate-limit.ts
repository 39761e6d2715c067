/**
 * When the next frame may be taken at `fps` frames a second at most. Frames are due on an absolute
 * schedule, so that a late one does not delay all that follow.
 */
export class RateLimit {
  readonly #period: number
  readonly #slack: number
  #due = -Infinity

  constructor(fps: number) {
    this.#period = 1000 / fps
    // Timers count whole milliseconds, and the frames of a camera at just this rate jitter: without
    // slack every other one would come a moment too early and wait for a timer.
    this.#slack = Math.min(1, this.#period / 10)
  }

  /** ms to wait before a frame may be taken; 0 = now. */
  wait(now: number): number {
    const left = this.#due - this.#slack - now
    return left > 0 ? left : 0
  }

  taken(now: number): void {
    // More than a period late: the schedule starts anew instead of catching up with a burst.
    this.#due = now - this.#due > this.#period ? now + this.#period : this.#due + this.#period
  }
}
