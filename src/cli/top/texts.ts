import { bytesText } from '../units.ts'
import { UNKNOWN } from '../watch/figures.ts'

/** None as high as a line: those of the line above would grow together with it. */
const LEVELS = '▁▂▃▄▅▆▇'

/** A rate in Hz, with as many digits as say something: `0.50`, `29.9`, `1000`. */
export function rateText(rate: number | null): string {
  if (rate === null) return UNKNOWN
  return rate.toFixed(rate < 10 ? 2 : rate < 100 ? 1 : 0)
}

/** Bytes a second: `593.3 MiB/s`. */
export function throughputText(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? UNKNOWN : `${bytesText(Math.round(bytesPerSecond))}/s`
}

export function countText(count: number | null): string {
  return count === null ? UNKNOWN : String(count)
}

/** The last `width` of `values` as a line of bars, the highest of them the highest value. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-width)
  const most = Math.max(...shown.map((value) => value ?? 0))
  return shown
    .map((value) => {
      if (value === null) return ' '
      const level = most === 0 ? 0 : Math.round((value / most) * (LEVELS.length - 1))
      return LEVELS[level]!
    })
    .join('')
}
