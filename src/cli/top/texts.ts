import { bytesText } from '../units.ts'

const UNKNOWN = '-'
/** None as high as a line: those of the line above would grow together with it. */
const LEVELS = '▁▂▃▄▅▆▇'

/** A rate in Hz, with as many digits as say something: `0.50`, `29.9`, `1000`. */
export function rateText(rate: number | null): string {
  if (rate === null) return UNKNOWN
  return rate.toFixed(rate < 10 ? 2 : rate < 100 ? 1 : 0)
}

/** ms as people read them: `0.05 ms`, `12.3 ms`, `3.4 s`, `5 min`, `7 h`, `3 d`. */
export function durationText(ms: number | null): string {
  if (ms === null) return UNKNOWN
  if (ms < 1) return `${ms.toFixed(2)} ms`
  if (ms < 1000) return `${ms.toFixed(ms < 100 ? 1 : 0)} ms`
  const s = ms / 1000
  if (s < 120) return `${s.toFixed(1)} s`
  if (s < 7200) return `${Math.floor(s / 60)} min`
  return s < 172_800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86_400)} d`
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
