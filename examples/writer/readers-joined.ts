import { setTimeout } from 'node:timers/promises'
import type { Writer } from 'framering'

/** Resolves when `count` readers have joined, so that they get the stream from its first frame. */
export async function readersJoined(
  writer: Writer,
  count: number,
  signal: AbortSignal,
): Promise<void> {
  while (writer.stats().readers < count && !signal.aborted) {
    await setTimeout(20, undefined, { signal }).catch(() => undefined)
  }
}
