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
 * A time of `ms` as people read it, three digits or so.
 *
 * ```ts
 * durationText(0.0421) // '42 µs'
 * durationText(412)    // '412 ms'
 * durationText(93_000) // '1 min 33 s'
 * ```
 */
export function durationText(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN
  if (ms < 1) return `${Math.round(ms * 1000)} µs`
  if (ms < 10) return `${ms.toFixed(2)} ms`
  if (ms < 100) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.floor(ms / 1000)
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`
}

/** A format in a word or two: `RGB3 640 × 480`, or `float32 [480, 640]`. */
export function formatText(format: FrameFormat | null): string {
  return format === null ? UNKNOWN : printable(sayFormat(format))
}

/** Processes: their id, and what they were started as. */
export function processText(pid: number, command: string): string {
  return command === '' ? `${pid}` : `${pid} (${printable(command)})`
}
