import { FrameringError } from '../errors/framering-error.ts'
import type {
  NativeFormat,
  NativeWriter,
  NativeWriterInfo,
  NativeWriterOptions,
  NativeWriterStats,
} from '../native/index.ts'
import { MemoryLock, Meta } from '../native/index.ts'
import { checkFormat, checkGeometry, checkText } from './checks.ts'
import type { FrameWords } from './frame-words.ts'
import { takeWords } from './frame-words.ts'
import { Generation } from './generation.ts'
import type { Geometry } from './geometry.ts'
import { ReaderRoll } from './reader-roll.ts'
import { SlotSupply } from './slot-supply.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A name in a writer's hand, and the numbers it gives what it makes. */
export interface NameHold {
  /** Puts a generation under the name, or takes it away. */
  show(ring: Generation): void
  hide(ring: Generation): void
  /** Lets others have the name. */
  leave(): void
  /** never given before */
  newId(): number
}

/** The writer of a ring kept in memory. */
export class MemoryWriter implements NativeWriter {
  readonly mailbox = new Float64Array(Meta.Length)
  readonly #hold: NameHold
  readonly #clock: VirtualClock
  readonly #session: number
  readonly #reliableLimit: number
  readonly #memoryLock: MemoryLock
  readonly #loaned = new Map<number, Uint8Array>()
  #ring: Generation
  #roll: ReaderRoll
  #supply: SlotSupply
  #format: NativeFormat
  #epoch = 0
  #published = 0
  #dropped = 0
  #sourceLost = 0
  #lastSource = 0
  #abandoned = 0
  #state: 'open' | 'closed' | 'killed' = 'open'

  constructor(
    options: NativeWriterOptions,
    geometry: Geometry,
    hold: NameHold,
    clock: VirtualClock,
  ) {
    this.#hold = hold
    this.#clock = clock
    this.#session = hold.newId()
    this.#reliableLimit = options.reliableLimit
    this.#memoryLock = options.memoryLock
    this.#format = options.format
    this.#ring = new Generation(hold.newId(), this.#session, geometry)
    this.#roll = new ReaderRoll(this.#ring)
    this.#supply = this.#supplyOf(this.#ring)
    this.#startEpoch(options.descriptor)
    hold.show(this.#ring)
  }

  loan(): number {
    this.#open()
    const slot = this.#supply.acquire()
    // Somebody who ran while this waited may have closed it.
    this.#open()
    return slot
  }

  /** The caller's own until `publish` copies it back: what is written later reaches nobody. */
  buffer(slot: number): ArrayBuffer {
    this.#open()
    if (!this.#supply.ages.loaned(slot)) throw notOnLoan()
    const bytes = this.#ring.slots[slot]!.bytes.slice()
    this.#loaned.set(slot, bytes)
    return bytes.buffer
  }

  publish(slot: number): number {
    this.#open()
    const words = takeWords(this.mailbox)
    if (!this.#supply.ages.loaned(slot)) throw notOnLoan()
    this.#checkLength(words.bytesUsed)
    const filled = this.#loaned.get(slot)
    if (filled !== undefined) this.#ring.slots[slot]!.bytes.set(filled)
    return this.#put(slot, words)
  }

  abandon(slot: number): void {
    this.#open()
    if (!this.#supply.ages.loaned(slot)) throw notOnLoan()
    this.#loaned.delete(slot)
    this.#supply.ages.putEmpty(slot)
    this.#abandoned++
  }

  drop(): number {
    this.#open()
    return this.#drop(takeWords(this.mailbox))
  }

  write(bytes: Uint8Array): number {
    this.#open()
    const words = takeWords(this.mailbox, bytes.length)
    this.#checkLength(bytes.length)
    const slot = this.loan()
    if (slot < 0) {
      this.#drop(words)
      return 0
    }
    this.#ring.slots[slot]!.bytes.set(bytes)
    return this.#put(slot, words)
  }

  setFormat(format: NativeFormat, slotBytes: number, descriptor: string): void {
    this.#open()
    const { geometry } = this.#ring
    checkText(descriptor)
    checkFormat(format, Math.max(slotBytes, geometry.slotBytes))
    if (slotBytes > geometry.slotBytes) this.#grow(slotBytes)
    this.#format = format
    this.#startEpoch(descriptor)
  }

  info(): NativeWriterInfo {
    this.#open()
    const { id, geometry } = this.#ring
    const { totalBytes, slotBytes, slotCount, maxReaders } = geometry
    const locked = this.#memoryLock !== MemoryLock.None
    return {
      ...{ generation: id, session: this.#session, totalBytes, slotBytes, slotCount, maxReaders },
      // As on a machine that lets it: memory of this kind is never short of anything.
      locked: locked ? 2 : 0,
      lockErrno: 0,
      lockedBytes: locked ? totalBytes : 0,
    }
  }

  stats(): NativeWriterStats {
    this.#open()
    return {
      head: this.#ring.head,
      published: this.#published,
      dropped: this.#dropped,
      sourceLost: this.#sourceLost,
      abandoned: this.#abandoned,
      bells: this.#ring.bells,
      reclaimed: 0,
      waited: this.#supply.waited,
      readers: this.#roll.count,
      lagging: this.#roll.lagging,
      epoch: this.#epoch,
    }
  }

  close(): void {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.#end('ended')
    this.#hold.leave()
  }

  /** Dies as by SIGKILL: nothing is ended, marked or removed. */
  kill(): void {
    this.#state = 'killed'
    this.#ring.writerAlive = false
    this.#hold.leave()
    // The life line hangs up, which wakes whoever sleeps.
    this.#roll.ringEverybody()
  }

  #end(how: 'ended' | 'moved'): void {
    this.#hold.hide(this.#ring)
    this.#ring.state = how
    this.#roll.ringEverybody()
  }

  #grow(slotBytes: number): void {
    if (this.#supply.ages.loans > 0) {
      throw new FrameringError(
        'OPTION_INVALID',
        `${this.#supply.ages.loans} loans are outstanding: publish or abandon them before a format that ` +
          'needs larger slots',
      )
    }
    const { slotCount, maxReaders } = this.#ring.geometry
    const geometry = checkGeometry(slotBytes, slotCount, maxReaders)
    const larger = new Generation(this.#hold.newId(), this.#session, geometry)
    larger.head = this.#ring.head
    larger.bells = this.#ring.bells
    this.#hold.show(larger)
    this.#end('moved')
    this.#ring = larger
    this.#roll = new ReaderRoll(larger)
    const { waited } = this.#supply
    this.#supply = this.#supplyOf(larger)
    this.#supply.waited = waited
  }

  #supplyOf(ring: Generation): SlotSupply {
    return new SlotSupply(ring, this.#roll, this.#clock, this.#reliableLimit)
  }

  #startEpoch(text: string): void {
    this.#ring.setText(++this.#epoch, text)
  }

  #nextSequence(words: FrameWords): number {
    const { sourceSequence } = words
    if (sourceSequence !== 0) {
      // A source that starts again counts from below: that is no loss to put a number on.
      if (this.#lastSource !== 0 && sourceSequence > this.#lastSource + 1) {
        this.#sourceLost += sourceSequence - this.#lastSource - 1
      }
      this.#lastSource = sourceSequence
    }
    return this.#ring.head + 1
  }

  #put(slot: number, words: FrameWords): number {
    const ring = this.#ring
    const sequence = this.#nextSequence(words)
    ring.slots[slot]!.frame = {
      ...{ words, sequence, publishTime: this.#clock.now, epoch: this.#epoch },
      format: this.#format,
      dropped: this.#dropped,
      sourceLost: this.#sourceLost,
    }
    ring.record(sequence, slot)
    ring.head = ring.latest = sequence
    this.#loaned.delete(slot)
    this.#supply.ages.putNewest(slot, sequence)
    this.#published++
    this.#roll.ringArmed()
    return sequence
  }

  #drop(words: FrameWords): number {
    const sequence = this.#nextSequence(words)
    this.#dropped++
    this.#ring.record(sequence, -1)
    this.#ring.head = sequence
    return sequence
  }

  #checkLength(length: number): void {
    const { slotBytes } = this.#ring.geometry
    if (length <= slotBytes) return
    throw new FrameringError(
      'FRAME_TOO_LARGE',
      `the frame has ${length} bytes and a slot ${slotBytes}: create the ring with larger slots, or ` +
        'change the format first',
    )
  }

  #open(): void {
    if (this.#state === 'open') return
    throw new FrameringError(
      'CLOSED',
      this.#state === 'killed'
        ? 'this writer was killed by memory.kill(): create another'
        : 'this writer is closed; create another',
    )
  }
}

function notOnLoan(): FrameringError {
  return new FrameringError(
    'NOT_ON_LOAN',
    'this loan was published or abandoned before: take a new one for each frame',
  )
}
