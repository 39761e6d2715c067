import { sharedMemory } from './shared-memory.ts'
import type { Transport } from './transport.ts'

let current: Transport | undefined

/**
 * What frames are moved by: shared memory, unless something else was put in its place.
 *
 * @throws FrameringError UNSUPPORTED: the native addon cannot be loaded; the message says what to type
 */
export function transport(): Transport {
  return (current ??= sharedMemory())
}

/** Puts `other` in its place for whatever is opened from now on. Returns what puts the former back. */
export function replaceTransport(other: Transport): () => void {
  const former = current
  current = other
  return () => {
    if (current === other) current = former
  }
}
