import type { Moment } from '../../inspect/index.ts'

/** The usual time between two frames, in ms: the median, which a few late ones do not move. */
export function usualPeriod(moments: readonly Moment[]): number | undefined {
  const frames = moments.filter(({ dropped }) => !dropped)
  const periods = frames
    .slice(1)
    .map(({ time }, i) => time - frames[i]!.time)
    .sort((a, b) => a - b)
  return periods[Math.floor(periods.length / 2)]
}
