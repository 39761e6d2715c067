import type { FrameFormat } from '../format/index.ts'
import type { CaptureClock, CaptureMoment } from '../ring/clock.ts'
import { now, toMonotonic } from '../ring/clock.ts'
import type { Frame } from '../ring/index.ts'

/** What a file says of the frame it was made of, as JSON. */
export interface FrameRecord {
  readonly ring: string
  readonly sequence: number
  readonly session: number
  readonly sourceSequence: number
  /** wall-clock time in ISO 8601; undefined when captured by a clock of the source's own */
  readonly captured: string | undefined
  readonly published: string | undefined
  /** ms of `captureClock` */
  readonly captureTime: number
  readonly captureClock: CaptureClock
  readonly captureMoment: CaptureMoment
  /** ms of `now()` */
  readonly publishTime: number
  readonly pts: number | undefined
  readonly timeBase: readonly [number, number] | undefined
  readonly format: FrameFormat
  readonly info: unknown
  readonly user: readonly number[]
}

export function recordOf(frame: Frame): FrameRecord {
  const { captureTime, captureClock, publishTime } = frame
  return {
    ring: frame.ring,
    sequence: frame.sequence,
    session: frame.session,
    sourceSequence: frame.sourceSequence,
    captured: wallTime(toMonotonic(captureTime, captureClock)),
    published: wallTime(publishTime),
    captureTime,
    captureClock,
    captureMoment: frame.captureMoment,
    publishTime,
    pts: frame.pts,
    timeBase: frame.timeBase,
    format: frame.format,
    info: frame.info,
    user: frame.user,
  }
}

/** In ASCII alone: EXIF texts know no other letters. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A time of `now()` by the calendar; undefined for NaN, the time of a clock of the source's own. */
function wallTime(time: number): string | undefined {
  return Number.isNaN(time) ? undefined : new Date(Date.now() - now() + time).toISOString()
}
