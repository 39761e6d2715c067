import { MomentColumn } from '../native/index.ts'
import { CAPTURE_CLOCKS, toMonotonic } from '../ring/clock.ts'

/** When a sequence of a ring was used up, by a frame or by a drop. */
export interface Moment {
  readonly sequence: number
  /** ms of `now()`: when it was published or dropped */
  readonly time: number
  /** ms from capture to publication; null where the writer gave no time, or one of a clock of its own */
  readonly captureAge: number | null
  /** there was no free slot, and no frame */
  readonly dropped: boolean
}

/** Sequences whose moments a ring remembers, the last ones. */
export const MOMENTS_KEPT = 1023

/** As users see the rows of `NativeInspection.moments`. */
export function momentsOf(rows: Float64Array): readonly Moment[] {
  const moments: Moment[] = []
  for (let at = 0; at < rows.length; at += MomentColumn.Length) {
    const time = rows[at + MomentColumn.Time]!
    const captured = rows[at + MomentColumn.CaptureTime]!
    const clock = CAPTURE_CLOCKS[rows[at + MomentColumn.CaptureClock]! - 1] ?? 'source'
    // Without a time of its own a frame has the publication's.
    const age = captured === time ? NaN : time - toMonotonic(captured, clock)
    moments.push({
      sequence: rows[at + MomentColumn.Sequence]!,
      time,
      captureAge: Number.isNaN(age) ? null : age,
      dropped: rows[at + MomentColumn.Dropped] === 1,
    })
  }
  return moments
}
