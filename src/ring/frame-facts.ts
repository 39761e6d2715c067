import type { FrameFormat } from '../format/index.ts'
import type { CaptureClock, CaptureMoment } from './clock.ts'
import { CAPTURE_CLOCKS, CAPTURE_MOMENTS } from './clock.ts'
import type { FrameHeader } from './frame-header.ts'
import type { FrameMeta } from './frame-meta.ts'
import { FLAG_CORRUPT, FLAG_DISCONTINUITY, FLAG_END_OF_STREAM, FLAG_KEY } from './frame-meta.ts'

/** What a frame's header says, which stays readable when the frame itself is gone. */
export class FrameFacts implements FrameMeta {
  /** @internal */
  declare protected readonly header: FrameHeader

  /** @internal */
  constructor(header: FrameHeader) {
    this.header = header
  }

  get format(): FrameFormat {
    return this.header.epoch.format
  }

  /** What the writer gave as `info` with this format. */
  get info(): unknown {
    return this.header.epoch.info
  }

  /** The ring's number of this frame: +1 for each frame the writer published or had to drop. */
  get sequence(): number {
    return this.header.sequence
  }

  /** The same as `sequence`. */
  get seq(): number {
    return this.header.sequence
  }

  /** One writer's life on the ring: another number after each restart. */
  get session(): number {
    return this.header.epoch.session
  }

  /** Rises with each change of format. */
  get epoch(): number {
    return this.header.epoch.number
  }

  /** ms of `captureClock` */
  get captureTime(): number {
    return this.header.captureTime
  }

  get captureClock(): CaptureClock {
    return CAPTURE_CLOCKS[this.header.details.captureClock - 1] ?? 'source'
  }

  get captureMoment(): CaptureMoment {
    return CAPTURE_MOMENTS[this.header.details.captureMoment] ?? 'unknown'
  }

  /** ms of `now()`, when the writer published it */
  get publishTime(): number {
    return this.header.publishTime
  }

  /** The source's own count; 0 when it has none. */
  get sourceSequence(): number {
    return this.header.details.sourceSequence
  }

  /** Presentation time in units of `timeBase`; undefined when there is none. */
  get pts(): number | undefined {
    const { pts } = this.header.details
    return Number.isNaN(pts) ? undefined : pts
  }

  /** In units of `timeBase`; undefined when there is none. */
  get duration(): number | undefined {
    const { duration } = this.header.details
    return Number.isNaN(duration) ? undefined : duration
  }

  /** Seconds per unit of `pts` as a fraction; undefined when there is none. */
  get timeBase(): readonly [number, number] | undefined {
    const { timeBaseNum, timeBaseDen } = this.header.details
    return timeBaseDen === 0 ? undefined : [timeBaseNum, timeBaseDen]
  }

  /** Decodable without the frames before. */
  get key(): boolean {
    return (this.header.details.flags & FLAG_KEY) !== 0
  }

  /** The source knows that the content is damaged. */
  get corrupt(): boolean {
    return (this.header.details.flags & FLAG_CORRUPT) !== 0
  }

  /** Does not continue the frame before. */
  get discontinuity(): boolean {
    return (this.header.details.flags & FLAG_DISCONTINUITY) !== 0
  }

  /** The source has no more after this one. */
  get endOfStream(): boolean {
    return (this.header.details.flags & FLAG_END_OF_STREAM) !== 0
  }

  get bytesUsed(): number {
    return this.header.bytesUsed
  }

  /** Eight words of the writer's own. */
  get user(): readonly number[] {
    return this.header.details.user
  }
}
