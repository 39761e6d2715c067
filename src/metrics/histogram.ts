import { type Latency, LATENCY_BOUNDS } from '../ring/index.ts'
import type { Sample } from './family.ts'

/** The samples of a histogram in seconds: of each bucket with those below it, the sum and the count. */
export function histogramSamples(
  name: string,
  labels: Sample['labels'],
  { buckets, sum, count }: Latency,
): readonly Sample[] {
  let below = 0
  const samples: Sample[] = LATENCY_BOUNDS.map((bound, i) => ({
    metricName: `${name}_bucket`,
    labels: { le: bound / 1000, ...labels },
    value: (below += buckets[i] ?? 0),
  }))
  return [
    ...samples,
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
    { metricName: `${name}_sum`, labels, value: sum / 1000 },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
