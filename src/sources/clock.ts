/** CLOCK_MONOTONIC, ms: the clock of `captureTime`. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
