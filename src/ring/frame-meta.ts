import { FrameringError } from '../errors/framering-error.ts'
import { Meta } from '../native/index.ts'
import type { CaptureClock, CaptureMoment } from './clock.ts'
import { CAPTURE_CLOCKS, CAPTURE_MOMENTS } from './clock.ts'

/**
 * What a writer says of one frame. All of it is optional, and a received `Frame` is one: relaying is
 * `writer.write(frame.data, frame)`.
 */
export interface FrameMeta {
  /** ms of `captureClock`; left out: the time of publishing */
  readonly captureTime?: number | undefined
  /** `'monotonic'` unless said */
  readonly captureClock?: CaptureClock | undefined
  /** `'unknown'` unless said */
  readonly captureMoment?: CaptureMoment | undefined
  /** the source's own count, from 1; a jump is counted as lost at the source */
  readonly sourceSequence?: number | undefined
  /** presentation time in units of `timeBase` */
  readonly pts?: number | undefined
  /** in units of `timeBase` */
  readonly duration?: number | undefined
  /** seconds per unit as a fraction, `[1, 90000]` */
  readonly timeBase?: readonly [number, number] | undefined
  /** decodable without the frames before */
  readonly key?: boolean | undefined
  /** the source knows that the content is damaged */
  readonly corrupt?: boolean | undefined
  /** does not continue the frame before: a seek, a new file */
  readonly discontinuity?: boolean | undefined
  /** the source has no more after this one */
  readonly endOfStream?: boolean | undefined
  /** bytes filled: needed with loans of compressed formats (MJPG, H264, …), not looked at otherwise */
  readonly bytesUsed?: number | undefined
  /** up to eight whole numbers ≥ 0 of the user's own */
  readonly user?: readonly number[] | undefined
}

/** Bits of Meta.Flags and Mail.Flags. */
export const FLAG_KEY = 1
export const FLAG_CORRUPT = 2
export const FLAG_DISCONTINUITY = 4
export const FLAG_END_OF_STREAM = 8

const USER_WORDS = 8
const NOTHING: FrameMeta = {}

/** Puts `meta` where publish, drop and write look for it. Ranges are checked there. */
export function writeMeta(
  mailbox: Float64Array,
  meta: FrameMeta | undefined,
  bytesUsed: number,
): void {
  const m = meta ?? NOTHING
  mailbox[Meta.CaptureTime] = m.captureTime ?? NaN
  mailbox[Meta.CaptureClock] =
    m.captureClock === undefined ? 1 : indexIn(CAPTURE_CLOCKS, m.captureClock, 'captureClock') + 1
  mailbox[Meta.CaptureMoment] =
    m.captureMoment === undefined ? 0 : indexIn(CAPTURE_MOMENTS, m.captureMoment, 'captureMoment')
  mailbox[Meta.SourceSequence] = m.sourceSequence ?? 0
  mailbox[Meta.Pts] = m.pts ?? NaN
  mailbox[Meta.Duration] = m.duration ?? NaN
  mailbox[Meta.TimeBaseNum] = m.timeBase?.[0] ?? 0
  mailbox[Meta.TimeBaseDen] = m.timeBase?.[1] ?? 0
  mailbox[Meta.BytesUsed] = bytesUsed
  mailbox[Meta.Flags] =
    (m.key ? FLAG_KEY : 0) |
    (m.corrupt ? FLAG_CORRUPT : 0) |
    (m.discontinuity ? FLAG_DISCONTINUITY : 0) |
    (m.endOfStream ? FLAG_END_OF_STREAM : 0)
  const user = m.user
  if (user !== undefined && user.length > USER_WORDS) {
    throw new FrameringError(
      'OPTION_INVALID',
      `user has ${user.length} words and a frame carries ${USER_WORDS}; ` +
        `put the rest into the pixels or into the writer's info`,
    )
  }
  for (let i = 0; i < USER_WORDS; i++) mailbox[Meta.User + i] = user?.[i] ?? 0
}

function indexIn<T extends string>(names: readonly T[], name: T, what: string): number {
  const index = names.indexOf(name)
  if (index >= 0) return index
  throw new FrameringError(
    'OPTION_INVALID',
    `${what} is ${JSON.stringify(name)}; use one of ${names.join(', ')}`,
  )
}
