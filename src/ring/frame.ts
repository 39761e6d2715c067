import { FrameringError } from '../errors/framering-error.ts'
import { fourccInfo } from '../format/index.ts'
import type { NdArray } from '../ndarray/index.ts'
import type { Lease } from './attachment.ts'
import { toMonotonic } from './clock.ts'
import { Forgotten } from './forgotten.ts'
import type { Epoch } from './epoch.ts'
import type { FrameHeader } from './frame-header.ts'
import { FrameFacts } from './frame-facts.ts'
import { warnOnce } from './warn.ts'

/** Frames a reader did not get since the one before, by cause. */
export interface Lost {
  /** lost before the ring: jumps of the source's own count; not part of `gap` */
  readonly source: number
  /** the writer had no free slot: all were held */
  readonly noSlot: number
  /** overwritten before this reader came to them */
  readonly overrun: number
  /** passed over because this reader asked for it: `latest` (with `maxFps` too), `maxAge` */
  readonly skipped: number
  /** left behind in the ring of a writer that restarted */
  readonly restart: number
}

/** Size of a picture whose channels lie side by side, as sharp's `raw` option takes it. */
export interface RawImage {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
}

/** @internal What paces the delivery that a frame came from. Counts: one resume per pause. */
export interface Pace {
  pause(): void
  resume(): void
}

/** @internal Where a lent frame's delivery can be paused; undefined for a frame that was pulled. */
export let paceOf: (frame: Frame) => Pace | undefined

const EMPTY = new Uint8Array(0)

const forgotten = new Forgotten<Frame, Lease>((lease) => {
  warnOnce(
    'FRAMERING_FORGOTTEN_LEASE',
    'A frame was collected as garbage without having been released. Its slot was blocked until now: ' +
      'call frame.release(), or declare it with `using`. Said once per process.',
  )
  try {
    lease.release()
  } catch {
    // A broken lease of a frame that nobody looks at any more harms nobody.
  }
})

/** @internal The newest frame may become garbage as well: no other may follow it. */
export function noFrameFollows(): void {
  forgotten.register()
}

/**
 * One leased frame: views on shared memory, and what is known about it.
 *
 * ```ts
 * frames('front').subscribe((frame) => {
 *   frame.array.get(10, 20, 0)              // row 10, column 20, first channel; no copy
 *   console.log(frame.sequence, frame.gap, frame.latency.toFixed(2), 'ms')
 * })
 * ```
 *
 * While the lease lasts the bytes do not change. When it ends, `data` and every view made from it have
 * length 0 and arrays throw `RELEASED`; the figures stay readable. A write into the views changes
 * nothing for anybody else. A frame is itself a `FrameMeta`, so that a relay can pass it on.
 */
export class Frame extends FrameFacts implements Disposable {
  readonly #lease: Lease
  readonly #watched: boolean
  #released = false

  static {
    paceOf = (frame) => frame.#lease.pace
  }

  // Private, so that the published types have no constructor to call without arguments.
  private constructor(header: FrameHeader, lease: Lease, watched: boolean) {
    super(header)
    this.#lease = lease
    this.#watched = watched
    if (watched) forgotten.watch(this, lease)
  }

  /** @internal `watched`: the user must release it, so a frame he forgets is reported. */
  static make(header: FrameHeader, lease: Lease, watched: boolean): Frame {
    return new Frame(header, lease, watched)
  }

  /** The whole frame, on shared memory; of length 0 after the release. */
  get data(): Uint8Array {
    return this.#released ? EMPTY : this.#lease.slot.bytes(this.header.length)
  }

  /**
   * The same bytes as an array of the format's dtype and shape; for compressed pictures uint8 [bytes].
   * Throws `RELEASED` after the release.
   */
  get array(): NdArray {
    this.#check('array')
    const { epoch, length } = this.header
    const { dtype, shape } = epoch.format
    return this.#lease.slot.array(dtype, epoch.opaque ? [length] : shape, length)
  }

  /**
   * The planes of a picture as arrays of rows and columns, on the same memory, in the order of
   * `format.planes`; none for plain arrays and compressed pictures.
   *
   * ```ts
   * const [luma, chroma] = frame.planes // NV12: uint8 [h, w] and [h/2, w/2, 2], odd sizes rounded up
   * const cb = chroma?.slice(null, null, 0)
   * ```
   *
   * Throws `RELEASED` after the release, `FORMAT_INVALID` when the planes do not lie in the frame.
   */
  get planes(): readonly NdArray[] {
    this.#check('planes')
    const { epoch, length } = this.header
    return this.#lease.slot.planes(epoch.format, length)
  }

  /**
   * For `sharp(frame.data, { raw: frame.raw })`; 16-bit and float pictures give sharp
   * `frame.array.data` instead. Throws `FORMAT_INVALID` where the channels of a pixel do not lie side
   * by side (YUV, compressed pictures) or the array is no picture.
   */
  get raw(): RawImage {
    return rawImage(this.header.epoch)
  }

  /** How many frames this reader did not get since the one before; `lost` says why. */
  get gap(): number {
    const h = this.header.details
    return h.lostNoSlot + h.lostOverrun + h.lostSkipped + h.lostRestart
  }

  get lost(): Lost {
    const h = this.header.details
    return {
      source: h.lostSource,
      noSlot: h.lostNoSlot,
      overrun: h.lostOverrun,
      skipped: h.lostSkipped,
      restart: h.lostRestart,
    }
  }

  /** The name of the ring it came from. */
  get ring(): string {
    return this.#lease.ring
  }

  /** ms of `now()`, when this reader leased it */
  get receiveTime(): number {
    return this.header.receiveTime
  }

  /** ms from capture to receipt; NaN when captured by a clock of the source's own */
  get latency(): number {
    return this.header.receiveTime - toMonotonic(this.captureTime, this.captureClock)
  }

  /** Whether this lease is over. */
  get released(): boolean {
    return this.#released
  }

  /**
   * One more lease on the same frame, to be released by itself; both show the same views, which go with
   * the last. It counts as one frame against the reader's `maxLeases` however often it is retained.
   *
   * Throws `RELEASED` after the release.
   */
  retain(): Frame {
    this.#check('retain()')
    this.#lease.count++
    return new Frame(this.header, this.#lease, true)
  }

  /** The pixels in ordinary memory, to be kept as long as wanted. Throws `RELEASED`. */
  copy(): NdArray {
    return this.array.copy()
  }

  /**
   * Ends the lease. Calling it again does nothing.
   *
   * Throws `LEASE_BROKEN` when a process with write access to the ring took the slot away meanwhile,
   * `TRUNCATED` when it cut the memory off: what was read may be wrong. The lease is over all the same.
   */
  release(): void {
    if (this.#released) return
    this.#released = true
    if (this.#watched) forgotten.done(this)
    this.#lease.release()
  }

  [Symbol.dispose](): void {
    this.release()
  }

  #check(what: string): void {
    if (!this.#released) return
    throw new FrameringError(
      'RELEASED',
      `${what} of frame ${this.sequence}, which was released; use it before, call retain() to keep ` +
        `the lease, or copy() to keep the pixels`,
    )
  }
}

function rawImage({ format, opaque }: Epoch): RawImage {
  const [height, width, channels = 1] = format.shape
  const yuv = fourccInfo(format.fourcc)?.model === 'yuv'
  if (
    !opaque &&
    !yuv &&
    format.shape.length <= 3 &&
    height !== undefined &&
    width !== undefined &&
    channels <= 4
  ) {
    return { width, height, channels: channels as RawImage['channels'] }
  }
  throw new FrameringError(
    'FORMAT_INVALID',
    `a frame of ${format.fourcc || format.dtype} [${format.shape.join(', ')}] has no rows of pixels ` +
      `with 1 to 4 channels side by side; convert it before it is published`,
  )
}
