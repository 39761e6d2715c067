import { type Moment, MOMENTS_KEPT } from '../../inspect/index.ts'

/** ms between two looks at a ring. */
export interface Looks {
  /** what a processor may spend on it */
  readonly least: number
  /** what a person notices, or a rate may rise in */
  readonly most: number
  /** of a ring that has no rate yet */
  readonly first: number
}

/** Of whoever wants each moment of a ring: misses none up to 25 kHz. */
export const FOR_MOMENTS = {
  remembered: () => MOMENTS_KEPT,
  looks: { least: 20, most: 500, first: 100 },
}

/**
 * ms until half of the last `remembered` sequences are used up: to look again then misses none, also of a
 * ring that becomes twice as fast, or when the processor is busy for as long again.
 *
 * ```ts
 * lookAgain(1000, 1023, { least: 20, most: 500, first: 100 }) // 500
 * lookAgain(1000, 4, { least: 20, most: 500, first: 100 })    // 20
 * ```
 *
 * `rate`: Hz; null: not known
 */
export function lookAgain(rate: number | null, remembered: number, looks: Looks): number {
  const { least, most, first } = looks
  const half = rate === null ? first : (500 * remembered) / rate
  return Math.min(most, Math.max(least, half))
}

/** Sequences used up per second, frames and drops, of the last 256; null for fewer than two. */
export function sequenceRate(moments: readonly Moment[]): number | null {
  const recent = moments.slice(-256)
  const [first, last] = [recent[0], recent.at(-1)]
  if (first === undefined || last === undefined || !(last.time > first.time)) return null
  return (1000 * (recent.length - 1)) / (last.time - first.time)
}
