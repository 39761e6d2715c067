import { Observable } from 'rxjs'
import { checkOptions, positiveOption } from '../options/index.ts'
import type { ReaderStats, WriterStats } from '../ring/index.ts'
import { Reader, Writer } from '../ring/index.ts'
import { Inspector } from './inspector.ts'
import type { InspectOptions } from './inspector.ts'
import type { RingReport } from './ring-report.ts'

export interface StatsOptions extends InspectOptions {
  /** ms between two looks; 1000 unless said */
  readonly every?: number | undefined
}

const EVERY = 1000

/**
 * Figures again and again: of a writer or reader of this process, or of any ring by its name.
 *
 * ```ts
 * stats('front', { every: 500 }).subscribe(({ rate, readers }) => console.log(rate, readers.length))
 * stats(reader).subscribe(({ received, lost }) => console.log(received, lost.noSlot))
 * ```
 *
 * The first ones at once, then every so many ms, until the subscription ends. A ring is looked at from
 * outside, see `Inspector`, through restarts of its writer; it completes with the report of a ring that
 * `ended`. Of a reader it completes, at the next look, with the last figures once that is `done`; of a
 * writer without another figure once that was closed. Errors with what `new Inspector` throws, and with
 * `CLOSED` for a writer that was closed before the subscription.
 */
export function stats(of: Writer, options?: StatsOptions): Observable<WriterStats>
export function stats(of: Reader, options?: StatsOptions): Observable<ReaderStats>
export function stats(of: string, options?: StatsOptions): Observable<RingReport>
export function stats(
  of: Writer | Reader | string,
  options: StatsOptions = {},
): Observable<WriterStats | ReaderStats | RingReport> {
  checkOptions('stats', options, ['directory', 'every'])
  const every = positiveOption('every', options.every, 'milliseconds') || EVERY
  const { directory } = options
  return new Observable((subscriber) => {
    let inspector: Inspector | undefined
    let timer: NodeJS.Timeout | undefined
    const look = (): void => {
      try {
        if (of instanceof Reader) {
          const { done } = of
          subscriber.next(of.stats())
          if (done) subscriber.complete()
          return
        }
        if (typeof of !== 'string') {
          if (timer !== undefined && of.closed) subscriber.complete()
          else subscriber.next(of.stats())
          return
        }
        inspector ??= new Inspector(of, { directory })
        const report = inspector.look()
        subscriber.next(report)
        if (report.state === 'ended') subscriber.complete()
      } catch (error) {
        subscriber.error(error)
      }
    }
    look()
    if (!subscriber.closed) timer = setInterval(look, every)
    return () => {
      clearInterval(timer)
      inspector?.close()
    }
  })
}
