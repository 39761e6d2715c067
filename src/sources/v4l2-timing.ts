import type { NativeV4l2Frame } from '../native/index.ts'
import { now } from '../ring/clock.ts'
import type { LoanMeta } from './frame-sink.ts'

// V4L2_BUF_FLAG_*: "Buffer Flags" of the kernel's userspace-api/media/v4l
const KEYFRAME = 0x8
const TIMESTAMP_MASK = 0xe000
const TIMESTAMP_MONOTONIC = 0x2000
const TSTAMP_SRC_MASK = 0x70000
const TSTAMP_SRC_SOE = 0x10000

const TURNS = 2 ** 32
const LATEST = 2 ** 40 // s; beyond it is no time

/** A driver's numbers and time stamps, as a frame's header tells them. */
export class V4l2Timing {
  #last: number | undefined
  #count = 0
  #broken = false
  /** frames it was asked about */
  frames = 0
  /** frames the driver counted and did not deliver whole */
  lost = 0

  /** The frames that follow come from another start of the driver: it counts from 0 again. */
  restart(): void {
    this.#last = undefined
    this.#broken = this.#count > 0
  }

  /** What to say of a frame. */
  meta(frame: NativeV4l2Frame, opaque: boolean): LoanMeta {
    this.frames++
    const backwards = this.#advance(frame.sequence)
    const discontinuity = this.#broken || backwards
    this.#broken = false
    return {
      sourceSequence: this.#count,
      ...captured(frame),
      ...(discontinuity && { discontinuity }),
      ...(opaque && { bytesUsed: frame.bytes }),
      ...(opaque && (frame.flags & KEYFRAME) !== 0 && { key: true }),
    }
  }

  /** The driver's 32 bits, made to go on. True: they went backwards, which only a restart explains. */
  #advance(sequence: number): boolean {
    const step = this.#last === undefined ? 1 : (sequence - this.#last + TURNS) % TURNS
    this.#last = sequence
    const backwards = step >= TURNS / 2
    // A driver that does not count always says the same.
    const counted = step === 0 || backwards ? 1 : step
    this.#count += counted
    this.lost += counted - 1
    return backwards
  }
}

function captured({ flags, seconds, microseconds }: NativeV4l2Frame): LoanMeta {
  const isTime =
    seconds >= 0 &&
    seconds < LATEST &&
    microseconds >= 0 &&
    microseconds < 1e6 &&
    seconds + microseconds > 0
  if (!isTime) return { captureTime: now(), captureMoment: 'received' }
  return {
    captureTime: seconds * 1e3 + microseconds / 1e3,
    // Copied ones come from whatever fed the device; of drivers before Linux 3.9 nobody knows.
    captureClock: (flags & TIMESTAMP_MASK) === TIMESTAMP_MONOTONIC ? 'monotonic' : 'source',
    captureMoment: (flags & TSTAMP_SRC_MASK) === TSTAMP_SRC_SOE ? 'exposure-start' : 'received',
  }
}
