import type { RingReport } from '../inspect/index.ts'

/** Frames a second; null of a ring that is over, of which the report tells the rate that it had. */
export function rateNow({ state, rate }: RingReport): number | null {
  return state === 'running' ? rate : null
}
