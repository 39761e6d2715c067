import { Observable } from 'rxjs'
import type { Frame } from '../ring/frame.ts'
import type { ReaderOptions } from '../ring/reader-options.ts'
import { checkReaderOptions } from '../ring/reader-options.ts'
import { Pump } from './pump.ts'

/**
 * The frames of a ring. Each is lent for the synchronous call of `next`, then revoked.
 *
 * ```ts
 * frames('front', { maxFps: 30 }).subscribe((frame) => {
 *   console.log(frame.sequence, frame.gap, frame.array.get(0, 0, 0))
 * })
 * ```
 *
 * Cold: every subscription is a reader of its own, with its own pace and gaps, and unsubscribing
 * detaches it. Operators that keep a value for later (`debounceTime`, `delay`, `switchMap`, …) see a
 * released frame: take what is needed in a `map` before them, or work on the frame in `leaseMap`.
 * The first frame comes after `subscribe` has returned.
 *
 * - completes when the writer ends the stream (with `reconnect` it waits for the next writer instead)
 * - errors with `WRITER_DIED` (with `reconnect`: a gap instead), `LEASE_BROKEN` or `TRUNCATED` when a
 *   frame just delivered may have been damaged by another process, and whatever `openReader` throws
 * - errors with `ABORTED` when `signal` is aborted: completing would say that the writer ended
 * - stands still while all `maxLeases` frames are retained, and warns once
 * - a subscriber that throws is reported by RxJS; its frame is released and others go on
 *
 * Throws `NAME_INVALID` and `OPTION_INVALID` at once.
 */
export function frames(name: string, options?: ReaderOptions): Observable<Frame> {
  const checked = checkReaderOptions(name, options)
  return new Observable((subscriber) => {
    let pump: Pump
    try {
      pump = new Pump(checked, subscriber)
    } catch (error) {
      subscriber.error(error)
      return undefined
    }
    return () => {
      pump.close()
    }
  })
}
