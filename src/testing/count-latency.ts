import type { NativeLatency } from '../native/index.ts'
import { LATENCY_BOUNDS } from '../ring/index.ts'

/** One more lease, `ms` after its frame was published. */
export function countLatency(latency: NativeLatency, ms: number): void {
  const bound = LATENCY_BOUNDS.findIndex((most) => ms < most)
  latency.counts[bound < 0 ? LATENCY_BOUNDS.length : bound]! += 1
  latency.sum += ms
  latency.longest = Math.max(latency.longest, ms)
}
