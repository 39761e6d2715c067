import { Intake } from './intake.ts'
import { Reader } from './reader.ts'
import type { ReaderOptions } from './reader-options.ts'
import { checkReaderOptions } from './reader-options.ts'

/**
 * Opens a ring to pull frames from it.
 *
 * ```ts
 * using reader = openReader('front', { wait: 5000 })
 * {
 *   using frame = reader.waitSync(100)        // in a worker thread
 * }
 * for await (const frame of openReader('front')) { … }
 * ```
 *
 * Returns at once. Without `wait` the ring must exist: `NOT_FOUND` otherwise.
 *
 * Throws `NAME_INVALID`, `OPTION_INVALID`, `NOT_FOUND`, `NOT_A_RING`, `LAYOUT_VERSION`, `BYTE_ORDER`,
 * `WORD_SIZE`, `LIBC`, `PERMISSION`, `READERS_EXHAUSTED`, `ABORTED`, `SYSTEM`.
 */
export function openReader(name: string, options?: ReaderOptions): Reader {
  return Reader.make(new Intake(checkReaderOptions(name, options)))
}
