import { FrameringError } from '../errors/framering-error.ts'
import type { NativeFormat } from '../native/index.ts'
import { Mail, Meta } from '../native/index.ts'

/** What a writer says of one frame, checked. Times are ms, NaN = none. */
export interface FrameWords {
  readonly captureTime: number
  readonly captureClock: number
  readonly captureMoment: number
  readonly sourceSequence: number
  readonly pts: number
  readonly duration: number
  readonly timeBaseNum: number
  readonly timeBaseDen: number
  readonly bytesUsed: number
  readonly flags: number
  readonly user: readonly number[]
}

/** One published frame's header: what stands in shared memory beside its bytes. */
export interface FrameRecord {
  readonly words: FrameWords
  readonly sequence: number
  readonly publishTime: number
  readonly epoch: number
  readonly format: NativeFormat
  /** up to and with this frame, since the writer began */
  readonly dropped: number
  readonly sourceLost: number
}

/** Sequences a reader did not get since the frame before, by cause. */
export interface Losses {
  readonly noSlot: number
  readonly overrun: number
  readonly skipped: number
  readonly restart: number
  readonly source: number
}

const USER_WORDS = Mail.Length - Mail.User
const UINT32 = 2 ** 32 - 1
const INT32 = 2 ** 31 - 1
/** The largest number of ns that 63 bits hold. */
const NS = 9_223_372_036_854_774_784

/**
 * Reads a writer's mailbox; a zero in it has no sign (`+ 0`), as in shared memory. Throws
 * `OPTION_INVALID` when a figure is not one its field can hold.
 */
export function takeWords(mail: Float64Array, bytesUsed = mail[Meta.BytesUsed]!): FrameWords {
  const whole = (at: number, name: string, max: number, min = 0): number => {
    const value = mail[at]!
    return Number.isInteger(value) && value >= min && value <= max ? value + 0 : refuse(name)
  }
  const ticks = (at: Meta, name: string): number =>
    Number.isNaN(mail[at]) ? NaN : whole(at, name, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)
  const captureTime = mail[Meta.CaptureTime]!
  if (Math.abs(captureTime * 1e6) > NS) refuse('captureTime')
  return {
    // Cut off where shared memory cuts it off, at whole nanoseconds.
    captureTime: Math.trunc(captureTime * 1e6) / 1e6 + 0,
    captureClock: whole(Meta.CaptureClock, 'captureClock', UINT32),
    captureMoment: whole(Meta.CaptureMoment, 'captureMoment', UINT32),
    sourceSequence: whole(Meta.SourceSequence, 'sourceSequence', Number.MAX_SAFE_INTEGER),
    pts: ticks(Meta.Pts, 'pts'),
    duration: ticks(Meta.Duration, 'duration'),
    timeBaseNum: whole(Meta.TimeBaseNum, 'timeBase', INT32, -INT32),
    timeBaseDen: whole(Meta.TimeBaseDen, 'timeBase', INT32, -INT32),
    bytesUsed,
    flags: whole(Meta.Flags, 'flags', UINT32),
    user: Array.from({ length: USER_WORDS }, (_, i) =>
      whole(Meta.User + i, 'user', Number.MAX_SAFE_INTEGER),
    ),
  }
}

/** Fills a reader's mailbox. Never plain: what that stands for is told in full here. */
export function putFrame(
  mail: Float64Array,
  slot: number,
  frame: FrameRecord,
  lost: Losses,
  receiveTime: number,
): void {
  const { words } = frame
  const timed = !Number.isNaN(words.captureTime)
  mail[Mail.Slot] = slot
  mail[Mail.Epoch] = frame.epoch
  mail[Mail.Sequence] = frame.sequence
  mail[Mail.BytesUsed] = words.bytesUsed
  mail[Mail.PublishTime] = frame.publishTime
  mail[Mail.ReceiveTime] = receiveTime
  mail[Mail.Plain] = 0
  mail[Mail.CaptureTime] = timed ? words.captureTime : frame.publishTime
  mail[Mail.CaptureClock] = timed && words.captureClock !== 0 ? words.captureClock : 1
  mail[Mail.CaptureMoment] = words.captureMoment
  mail[Mail.SourceSequence] = words.sourceSequence
  mail[Mail.Pts] = words.pts
  mail[Mail.Duration] = words.duration
  mail[Mail.TimeBaseNum] = words.timeBaseNum
  mail[Mail.TimeBaseDen] = words.timeBaseDen
  mail[Mail.Flags] = words.flags
  mail[Mail.LostNoSlot] = lost.noSlot
  mail[Mail.LostOverrun] = lost.overrun
  mail[Mail.LostSkipped] = lost.skipped
  mail[Mail.LostRestart] = lost.restart
  mail[Mail.LostSource] = lost.source
  mail.set(words.user, Mail.User)
}

function refuse(name: string): never {
  throw new FrameringError(
    'OPTION_INVALID',
    `${name} holds a number that does not fit: times are milliseconds, everything else is a whole ` +
      'number, and only pts and duration may be negative',
  )
}
