import type { FrameFormat } from '../../format/index.ts'
import { printable } from '../../inspect/printable.ts'
import { sayFormat } from '../frame-format.ts'

/** What stands for a figure that is not known. */
export const UNKNOWN = '-'

/** A number with so many digits behind the point. */
export function fixed(value: number | null, digits: number): string {
  return value === null || !Number.isFinite(value) ? UNKNOWN : value.toFixed(digits)
}

/**
 * A time of `ms` as people read it, three digits or so and 8 characters at the most.
 *
 * ```ts
 * durationText(0.0421)  // '42 µs'
 * durationText(412)     // '412 ms'
 * durationText(93_000)  // '93.0 s'
 * durationText(300_000) // '5 min'
 * ```
 */
export function durationText(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN
  if (ms < 1) return `${Math.round(ms * 1000)} µs`
  if (ms < 10) return `${ms.toFixed(2)} ms`
  if (ms < 100) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** A format in a word or two: `RGB3 640 × 480`, or `float32 [480, 640]`. */
export function formatText(format: FrameFormat | null): string {
  return format === null ? UNKNOWN : printable(sayFormat(format))
}

/** Processes: their id, and what they were started as. */
export function processText(pid: number, command: string): string {
  return command === '' ? `${pid}` : `${pid} (${printable(command)})`
}
