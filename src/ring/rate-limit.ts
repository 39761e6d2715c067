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
    // Timers count whole milliseconds and come late, and the frames of a camera at just this rate
    // jitter: without slack every other one would be there a moment before it may be taken.
    this.#slack = Math.min(3, this.#period / 10)
  }

  /** ms to wait before a frame may be taken; 0 = now. */
  wait(now: number): number {
    const left = this.#due - this.#slack - now
    return left > 0 ? left : 0
  }

  /**
   * ms that a `latest` frame may be old at this moment; 0 = any age will do. A frame that was published
   * before it was due has waited, and a regular source has a fresh one soon: that is worth waiting for,
   * for one period.
   */
  maxAge(now: number): number {
    const since = now - (this.#due - this.#slack)
    return since < this.#period ? Math.max(since, 0.001) : 0
  }

  /** ms until any age will do; 0 = now. */
  patience(now: number): number {
    const left = this.#due - this.#slack + this.#period - now
    return left > 0 ? left : 0
  }

  taken(now: number): void {
    // More than a period late: the schedule starts anew instead of catching up with a burst.
    this.#due = now - this.#due > this.#period ? now + this.#period : this.#due + this.#period
  }
}
