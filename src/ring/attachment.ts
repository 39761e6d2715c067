import { FrameringError } from '../errors/framering-error.ts'
import type { ErrorCode } from '../errors/framering-error.ts'
import type { NativePosition, NativeReader } from '../native/index.ts'
import { asFrameringError, Mail } from '../native/index.ts'
import { transport } from '../transport/index.ts'
import type { Epoch } from './epoch.ts'
import { epochOf } from './epoch.ts'
import type { Pace } from './frame.ts'
import { Frame } from './frame.ts'
import { FrameHeader } from './frame-header.ts'
import { HeldSlot } from './held-slot.ts'
import { ReaderTally } from './reader-stats.ts'
import type { SlotViews, ViewStrategy } from './slot-views.ts'
import { slotViews } from './slot-views.ts'

/** What a rehearsed frame is counted in. */
const REHEARSED = new ReaderTally()

/**
 * One native reader: a reader's stay at one generation of a ring. A reader that follows a writer
 * through restarts and larger rings has one after the other; frames retained from an earlier one keep
 * it open until they are released.
 */
export class Attachment {
  /** the ring's */
  readonly name: string
  readonly reader: NativeReader
  readonly session: number
  readonly generation: number
  readonly pace: Pace | undefined
  /** Called once when a slot comes free, then forgotten. */
  onFreed: (() => void) | undefined
  readonly #views: SlotViews
  readonly #leases: (Lease | undefined)[] = []
  readonly #tally: ReaderTally
  #held = 0
  #leaving = false
  #epoch: Epoch | undefined

  constructor(
    name: string,
    reader: NativeReader,
    strategy: ViewStrategy,
    tally: ReaderTally,
    pace: Pace | undefined,
  ) {
    const { session, generation } = reader.info()
    this.name = name
    this.reader = reader
    this.session = session
    this.generation = generation
    this.pace = pace
    this.#views = slotViews(strategy, reader)
    this.#tally = tally
    tally.join(reader)
  }

  /** The frame that the native reader has just leased. Throws `NOT_A_RING` when its format is damaged. */
  frame(watched: boolean): Frame {
    const mail = this.reader.mailbox
    const index = mail[Mail.Slot] as number
    const number = mail[Mail.Epoch] as number
    let epoch = this.#epoch
    if (epoch === undefined || epoch.number !== number) epoch = this.#readEpoch(index, number)
    const lease = (this.#leases[index] ??= new Lease(
      this,
      new HeldSlot(index, this.#views, this.reader),
    ))
    const header = new FrameHeader(mail, epoch)
    lease.count = 1
    this.#held++
    this.#tally.leases++
    this.#tally.count(header)
    return Frame.make(header, lease, watched)
  }

  /**
   * Runs what `frame` runs, on the figures of the frame before and without a trace: a thread that has slept
   * finds its code out of the caches, and that costs a frame ten times what it costs otherwise.
   */
  rehearse(): void {
    const mail = this.reader.mailbox
    const lease = this.#leases[mail[Mail.Slot] as number]
    const epoch = this.#epoch
    if (lease === undefined || epoch === undefined) return
    const header = new FrameHeader(mail, epoch)
    REHEARSED.count(header)
    Frame.make(header, lease, false)
  }

  /** @internal Ends the hold on a slot; see `Frame.release` for what it throws. */
  free(slot: HeldSlot): void {
    // Before the pin goes: from then on the bytes may be another frame's.
    slot.revoke()
    this.#held--
    this.#tally.leases--
    const status = this.reader.release(slot.index)
    if (this.#leaving && this.#held === 0) this.#finish()
    const freed = this.onFreed
    if (freed !== undefined) {
      this.onFreed = undefined
      freed()
    }
    if (status !== 0) throw leaseError(status)
  }

  position(): NativePosition {
    return this.reader.position()
  }

  /** Takes no more frames, and leaves the ring as soon as none is held. */
  leave(): void {
    if (this.#leaving) return
    this.#leaving = true
    this.reader.unwatch()
    if (this.#held === 0) this.#finish()
  }

  #finish(): void {
    this.#views.close()
    this.#tally.leave(this.reader)
    this.reader.close()
  }

  #readEpoch(slot: number, number: number): Epoch {
    try {
      const { format, descriptor } = this.reader.format(slot)
      return (this.#epoch = epochOf(number, this.session, format, descriptor))
    } catch (error) {
      this.reader.release(slot)
      throw asFrameringError(error)
    }
  }
}

/** A reader's hold on one slot, shared by the frames that stand for it. */
export class Lease {
  readonly slot: HeldSlot
  readonly #attachment: Attachment
  /** Frames that have not been released; the hold ends with the last. */
  count = 0

  constructor(attachment: Attachment, slot: HeldSlot) {
    this.#attachment = attachment
    this.slot = slot
  }

  get pace(): Pace | undefined {
    return this.#attachment.pace
  }

  get ring(): string {
    return this.#attachment.name
  }

  release(): void {
    if (--this.count === 0) this.#attachment.free(this.slot)
  }
}

function leaseError(status: number): FrameringError {
  const code = transport().statusName(status) as ErrorCode
  return new FrameringError(
    code,
    code === 'TRUNCATED'
      ? 'another process cut the ring off while this frame was held: bytes of it read as zeros; ' +
          'discard what was made of it, and restart the writer'
      : 'a process with write access to the ring took the slot of this frame away while it was held: ' +
          'its bytes may have changed; discard what was made of it, and see who may write the ring',
  )
}
