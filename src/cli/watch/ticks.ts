import { setTimeout as sleep } from 'node:timers/promises'
import { now } from '../../ring/index.ts'

/**
 * Now, and again after `every()` milliseconds until the signal aborts: the times, in ms of `now()`.
 *
 * ```ts
 * for await (const time of ticks(() => 1000, io.signal)) await io.line(String(time))
 * ```
 *
 * `every` is asked after the work of each tick. What falls due while the last one is still worked on is left out: a slow output slows the looks down.
 */
export async function* ticks(every: () => number, signal: AbortSignal): AsyncGenerator<number> {
  let due = now()
  while (!signal.aborted) {
    yield now()
    due = Math.max(due + every(), now())
    await pause(due - now(), signal)
  }
}

/** Resolves after so many milliseconds, or at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

/**
 * When the report after the one that was due at `due` and made at `time` is due, one every `every` ms: those
 * that fell due while nobody took the last one are left out.
 */
export function nextDue(due: number, every: number, time: number): number {
  return due + every > time ? due + every : time + every
}
