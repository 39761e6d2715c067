import type { ReaderReport, RingReport } from '../inspect/index.ts'
import { formatRecord } from './frame-format.ts'
import { spreadOfLatency } from './watch/quantiles.ts'

/** What `--json` prints of a ring: every figure there is. */
export function ringJson(report: RingReport): object {
  const { format, readers, ...rest } = report
  return {
    ...rest,
    format: format === null ? null : formatRecord(format),
    readers: readers.map(readerJson),
  }
}

function readerJson({ latency, ...rest }: ReaderReport): object {
  return { ...rest, latency: { ...spreadOfLatency(latency), buckets: latency.buckets } }
}
