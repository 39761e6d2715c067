import { transport } from '../transport/index.ts'

/** The clocks a capture time can be told by, in the order of their numbers in shared memory. */
export const CAPTURE_CLOCKS = ['monotonic', 'realtime', 'tai', 'source'] as const

/**
 * Which clock a capture time was read from: `CLOCK_MONOTONIC`, `CLOCK_REALTIME`, `CLOCK_TAI`, or one
 * of the source's own that nothing here can be compared with.
 */
export type CaptureClock = (typeof CAPTURE_CLOCKS)[number]

/** The moments a capture time can stand for, in the order of their numbers in shared memory. */
export const CAPTURE_MOMENTS = ['unknown', 'exposure-start', 'exposure-end', 'received'] as const

/** What happened at the capture time. */
export type CaptureMoment = (typeof CAPTURE_MOMENTS)[number]

/**
 * Milliseconds of `CLOCK_MONOTONIC`, the clock all frame times are told by unless they say otherwise.
 *
 * ```ts
 * writer.write(pixels, { captureTime: now() })
 * ```
 *
 * The same in every process and container of the machine, unlike `performance.now()`.
 */
export function now(): number {
  return transport().now()
}

/** A time of `clock` as one of `now()`, or NaN where the clocks cannot be compared. */
export function toMonotonic(time: number, clock: CaptureClock): number {
  switch (clock) {
    case 'monotonic':
      return time
    case 'realtime':
      return time - transport().clockOffset(2)
    case 'tai':
      return time - transport().clockOffset(3)
    case 'source':
      return NaN
  }
}
