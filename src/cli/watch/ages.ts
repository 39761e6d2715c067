import { type Spread, UNSPREAD } from './quantiles.ts'

/** What somebody finds who looks at some instant of a stretch of time: ages from `from` to `to`, in ms. */
export interface AgeSpan {
  readonly from: number
  readonly to: number
}

/**
 * How old the newest frame is at any instant of the spans: not sampled, but of all instants alike, as
 * while a frame is the newest its age grows with the time. `count`: spans, that is frames.
 *
 * ```ts
 * // A frame every 10 ms, published 5 ms after its capture.
 * spreadOfAges([{ from: 5, to: 15 }, { from: 5, to: 15 }]) // p50: 10, max: 15
 * ```
 *
 * The distribution of the age of information: S. Kaul, R. Yates and M. Gruteser, "Real-time status: how
 * often should one update?", INFOCOM 2012.
 */
export function spreadOfAges(spans: readonly AgeSpan[]): Spread {
  // Minutes of a fast ring are hundreds of thousands: two arrays, and no other.
  const all = [new Float64Array(spans.length), new Float64Array(spans.length)] as const
  let [count, total] = [0, 0]
  for (const { from, to } of spans) {
    if (!(to > from)) continue
    all[0][count] = from
    all[1][count++] = to
    total += to - from
  }
  if (count === 0) return UNSPREAD
  const [begins, ends] = [all[0].subarray(0, count).sort(), all[1].subarray(0, count).sort()]
  const [p50, p90, p99] = quantiles(begins, ends, [0.5 * total, 0.9 * total, 0.99 * total])
  return { count, p50: p50!, p90: p90!, p99: p99!, max: ends.at(-1)! }
}

/** The ages that so many ms of all instants do not exceed; `begins`, `ends` and `shares` stand in order. */
function quantiles(begins: Float64Array, ends: Float64Array, shares: readonly number[]): number[] {
  const found: number[] = []
  let [begun, ended, passed] = [0, 0, 0]
  let age = begins[0]!
  while (found.length < shares.length && ended < ends.length) {
    const next = Math.min(begins[begun] ?? Infinity, ends[ended]!)
    // So many spans hold each age up to the next bound.
    const deep = begun - ended
    while (found.length < shares.length && passed + deep * (next - age) >= shares[found.length]!) {
      found.push(age + (shares[found.length]! - passed) / deep)
    }
    passed += deep * (next - age)
    age = next
    if (next === begins[begun]) begun++
    else ended++
  }
  // Rounding may leave the last of them a hair beyond the last bound.
  while (found.length < shares.length) found.push(ends.at(-1)!)
  return found
}
