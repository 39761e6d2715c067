import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'
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

/** Words of the user's own that a frame carries. */
export const USER_WORDS = 8
const MAX_TICKS = 0x7fff_ffff
const NOTHING: FrameMeta = {}

/**
 * Puts `meta` where publish, drop and write look for it. Throws `OPTION_INVALID` for what a
 * Float64Array would turn into a number, or into none, in silence; ranges are checked over there.
 */
export function writeMeta(
  mailbox: Float64Array,
  meta: FrameMeta | undefined,
  bytesUsed: number,
): void {
  const m = meta === undefined ? NOTHING : meta
  if (typeof m !== 'object' || (m as unknown) === null) {
    throw invalid('meta', m, 'an object such as { captureTime: now() }, or leave it out')
  }
  mailbox[Meta.CaptureTime] = figure('captureTime', m.captureTime, NaN)
  mailbox[Meta.CaptureClock] =
    m.captureClock === undefined ? 1 : indexIn(CAPTURE_CLOCKS, m.captureClock, 'captureClock') + 1
  mailbox[Meta.CaptureMoment] =
    m.captureMoment === undefined ? 0 : indexIn(CAPTURE_MOMENTS, m.captureMoment, 'captureMoment')
  mailbox[Meta.SourceSequence] = figure('sourceSequence', m.sourceSequence, 0)
  mailbox[Meta.Pts] = figure('pts', m.pts, NaN)
  mailbox[Meta.Duration] = figure('duration', m.duration, NaN)
  const timeBase = m.timeBase
  if (timeBase !== undefined) checkTimeBase(timeBase)
  mailbox[Meta.TimeBaseNum] = timeBase === undefined ? 0 : timeBase[0]
  mailbox[Meta.TimeBaseDen] = timeBase === undefined ? 0 : timeBase[1]
  mailbox[Meta.BytesUsed] = bytesUsed
  mailbox[Meta.Flags] =
    flag('key', m.key, FLAG_KEY) |
    flag('corrupt', m.corrupt, FLAG_CORRUPT) |
    flag('discontinuity', m.discontinuity, FLAG_DISCONTINUITY) |
    flag('endOfStream', m.endOfStream, FLAG_END_OF_STREAM)
  const user = m.user
  if (user !== undefined) checkUser(user)
  for (let i = 0; i < USER_WORDS; i++) mailbox[Meta.User + i] = user?.[i] ?? 0
  mailbox[Meta.Unread] = 1
}

function figure(what: string, value: number | undefined, none: number): number {
  if (value === undefined) return none
  if (Number.isFinite(value)) return value
  const expected =
    what === 'captureTime'
      ? 'ms as a number: now(), or Number(ns) / 1e6 for nanoseconds'
      : 'a finite number, or leave it out'
  throw invalid(what, value, expected)
}

function flag(what: string, value: unknown, bit: number): number {
  if (value === undefined || value === false) return 0
  if (value === true) return bit
  throw invalid(what, value, 'true or false')
}

function checkTimeBase(timeBase: readonly number[]): void {
  if (Array.isArray(timeBase) && timeBase.length === 2 && timeBase.every(isTicks)) return
  throw invalid('timeBase', timeBase, `two whole numbers from 1 to ${MAX_TICKS}, as in [1, 90000]`)
}

function isTicks(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= MAX_TICKS
}

function checkUser(user: readonly number[]): void {
  if (!Array.isArray(user)) {
    throw invalid('user', user, `an array of up to ${USER_WORDS} whole numbers from 0`)
  }
  if (user.length > USER_WORDS) {
    throw new FrameringError(
      'OPTION_INVALID',
      `user has ${user.length} words and a frame carries ${USER_WORDS}; ` +
        `put the rest into the pixels or into the writer's info`,
    )
  }
  for (let i = 0; i < user.length; i++) {
    const word: unknown = user[i]
    if (Number.isSafeInteger(word) && (word as number) >= 0) continue
    throw invalid(`user[${i}]`, word, `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`)
  }
}

function indexIn<T extends string>(names: readonly T[], name: T, what: string): number {
  const index = names.indexOf(name)
  if (index >= 0) return index
  throw invalid(what, name, `one of ${names.join(', ')}`)
}

function invalid(what: string, value: unknown, expected: string): FrameringError {
  return new FrameringError('OPTION_INVALID', `${what} is ${show(value)}; give ${expected}`)
}
