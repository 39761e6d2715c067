import type { RingBinding } from '../native/index.ts'

/**
 * What moves the frames and tells the time. Everything above stands on it, so that one kept in memory,
 * with a clock of its own, can take the place of shared memory in a test.
 *
 * Times are milliseconds, and all of one clock: an alarm for `now() + 5` finds `now()` there.
 */
export interface Transport extends RingBinding {
  /** Whether an ArrayBuffer of a slot still stands on the slot's memory after it was moved into another. */
  readonly buffersMove: boolean
  /** ms a thread may block in one go; who wants to wait longer looks around in between */
  readonly longestWait: number
  /** Whether something stands under that name, be it what a dead writer left. */
  hasRing(directory: string, name: string): boolean
  /**
   * Calls `onChange` whenever a ring of that name may have appeared or been replaced, until disposed of.
   * Keeps the event loop alive. The caller looks once more after calling this, since what appeared just
   * before is not told.
   */
  watchName(directory: string, name: string, onChange: () => void): Disposable
  /** Blocks this thread until a ring of that name may have appeared, at most `ms`. */
  awaitName(directory: string, name: string, ms: number): void
  /** Blocks this thread for `ms`, or for less. */
  sleep(ms: number): void
  /** Calls `ring` once, from the event loop and no earlier than `ms` from now, unless disposed of before. */
  alarm(ms: number, ring: () => void): Disposable
  /** Calls `run` once, in the next turn of the event loop, unless disposed of before. */
  nextTurn(run: () => void): Disposable
}
