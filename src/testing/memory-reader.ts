import { FrameringError } from '../errors/framering-error.ts'
import type {
  NativeFormat,
  NativeLatency,
  NativePosition,
  NativeReader,
  NativeReaderInfo,
  NativeReaderOptions,
} from '../native/index.ts'
import { Bell, Delivery, Mail, Next } from '../native/index.ts'
import { LATENCY_BOUNDS } from '../ring/index.ts'
import { countLatency } from './count-latency.ts'
import type { FrameRecord } from './frame-words.ts'
import { putFrame } from './frame-words.ts'
import type { Generation, Slot } from './generation.ts'
import { ReaderAccount } from './reader-account.ts'
import { statusOf } from './status.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What a reader holds: a slot of the ring, or an observer's copy of one. */
interface Lease {
  readonly frame: FrameRecord
  readonly bytes: Uint8Array
  readonly slot: Slot | undefined
  count: number
}

/** One reader's stay at one generation of a ring kept in memory. */
export class MemoryReader implements NativeReader {
  readonly mailbox = new Float64Array(Mail.Length)
  readonly reliable: boolean
  /** ms it asks the writer to wait */
  readonly reliableWait: number
  /** what it wants to be woken by */
  bell = Bell.None
  readonly #ring: Generation
  readonly #clock: VirtualClock
  readonly #delivery: Delivery
  readonly #maxLeases: number
  /** ms between two looks of an observer, who does not join; 0 = joins */
  readonly #observe: number
  /** -1 = none: nobody knows of an observer */
  readonly #entry: number
  readonly #account: ReaderAccount
  /** by slot; an observer's copies have numbers of their own */
  readonly #leases = new Map<number, Lease>()
  /** the bell that the last `next` left armed */
  #posted = false
  #closed = false
  #onBell: (() => void) | undefined
  #bellRang = false
  #call: Disposable | undefined
  #alarm: Disposable | undefined
  readonly #latency: NativeLatency = {
    counts: new Float64Array(LATENCY_BOUNDS.length + 1),
    sum: 0,
    longest: 0,
  }
  /** newest sequence of the ring at the last look */
  #seen = 0

  /** Throws `READERS_EXHAUSTED`. */
  constructor(name: string, ring: Generation, options: NativeReaderOptions, clock: VirtualClock) {
    this.#ring = ring
    this.#clock = clock
    this.#delivery = options.delivery
    this.#maxLeases = options.maxLeases
    this.reliable = options.delivery === Delivery.Reliable
    this.reliableWait = options.reliableWait
    this.#observe = options.observe
    this.#entry = options.observe > 0 ? -1 : ring.readers.indexOf(undefined)
    if (this.#entry < 0 && options.observe === 0) {
      throw new FrameringError(
        'READERS_EXHAUSTED',
        `all ${ring.readers.length} reader entries of ring '${name}' are in use: close a reader, or ` +
          'create the ring with more (maxReaders, at most 64)',
      )
    }
    this.#account = new ReaderAccount(ring, options)
    if (this.#entry >= 0) ring.readers[this.#entry] = this
  }

  get cursor(): number {
    return this.#account.cursor
  }

  next(arm: Bell, maxAge: number): Next {
    this.#open()
    if (arm !== Bell.None && this.#observe > 0) throw noDoorbell()
    const found = this.#look(maxAge)
    if (arm !== Bell.None) this.bell = found === Next.None ? arm : Bell.None
    return found
  }

  wait(timeout: number, maxAge: number): Next {
    this.#open()
    const until = this.#clock.now + timeout
    const bell = this.#observe > 0 ? Bell.None : Bell.Semaphore
    let found = this.next(bell, maxAge)
    while (found === Next.None && this.#clock.now < until) {
      this.#posted = false
      const left = until - this.#clock.now
      const over = (): boolean => this.#posted || this.#closed
      this.#clock.block(this.#observe > 0 ? Math.min(left, this.#observe) : left, over)
      // By somebody who ran meanwhile: the caller knows of it, and why.
      if (this.#closed) return Next.None
      found = this.next(bell, maxAge)
    }
    this.bell = Bell.None
    return found
  }

  retain(index: number): void {
    this.#leased(index).count++
  }

  release(index: number): number {
    const lease = this.#leases.get(index)
    if (this.#closed || lease === undefined) return statusOf(this.#closed ? 'CLOSED' : 'NOT_LEASED')
    if (--lease.count > 0) return 0
    this.#leases.delete(index)
    lease.slot?.holders.delete(this)
    this.#ring.released = true
    return 0
  }

  /** None: every frame is a copy of its own, which is what keeps a reader's scribble its own. */
  buffer(): undefined {
    return undefined
  }

  copy(index: number, length: number): ArrayBuffer {
    return this.#leased(index).bytes.slice(0, length).buffer
  }

  format(index: number): { format: NativeFormat; descriptor: string } {
    const { format, epoch } = this.#leased(index).frame
    return { format: structuredClone(format), descriptor: this.#ring.text(epoch) }
  }

  info(): NativeReaderInfo {
    this.#open()
    const { id, session, geometry } = this.#ring
    const { slotBytes, slotCount, maxReaders } = geometry
    return {
      ...{ generation: id, session, slotBytes, slotCount, maxReaders },
      entry: this.#entry,
      writerPid: process.pid,
    }
  }

  position(): NativePosition {
    this.#open()
    return this.#account.position()
  }

  latency(): NativeLatency {
    return this.#latency
  }

  leases(): number {
    return this.#leases.size
  }

  writerAlive(): boolean {
    this.#open()
    return this.#ring.writerAlive && this.#ring.state === 'running'
  }

  watch(onBell: () => void): void {
    this.#open()
    if (this.#observe > 0) throw noDoorbell()
    this.#onBell = onBell
    if (this.#bellRang || this.#ring.over) this.rung(Bell.Fifo)
  }

  unwatch(): void {
    this.#onBell = undefined
    this.#call?.[Symbol.dispose]()
    this.#call = undefined
    this.wakeAt(0)
  }

  wakeAt(time: number): void {
    this.#alarm?.[Symbol.dispose]()
    const ring = (): void => this.#onBell?.()
    this.#alarm = time > 0 ? this.#clock.alarm(time - this.#clock.now, ring) : undefined
  }

  /** One look: who spins does not let time pass that is only told to. */
  poll(): boolean {
    this.#open()
    this.bell = Bell.None
    return this.#ring.latest !== this.#seen || this.#ring.over
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.unwatch()
    for (const { slot } of this.#leases.values()) slot?.holders.delete(this)
    this.#leases.clear()
    if (this.#entry >= 0) this.#ring.readers[this.#entry] = undefined
    this.#ring.released = true
  }

  /** Rung by the writer: a thread that blocks goes on, an event loop hears of it in its next turn. */
  rung(bell: Bell): void {
    if (bell === Bell.Semaphore) {
      this.#posted = true
      return
    }
    this.#bellRang = true
    if (this.#onBell === undefined) return
    this.#call ??= this.#clock.nextTurn(() => {
      this.#call = undefined
      this.#bellRang = false
      this.#onBell?.()
    })
  }

  #look(maxAge: number): Next {
    const found = this.#take(maxAge)
    if (found || !this.#ring.over) return found ? Next.Frame : Next.None
    if (this.#ring.state === 'ended') return Next.Ended
    return this.#ring.state === 'moved' ? Next.Moved : Next.Died
  }

  #take(maxAge: number): boolean {
    const { latest } = this.#ring
    this.#seen = latest
    if (latest <= this.#account.cursor) return false
    if (this.#leases.size >= this.#maxLeases) {
      throw new FrameringError(
        'LEASES_EXHAUSTED',
        `this reader holds ${this.#leases.size} frames and asked for no more: release one, or open it ` +
          'with a larger maxLeases (the ring then needs as many slots more)',
      )
    }
    if (this.#delivery === Delivery.Latest) {
      const frame = this.#frame(latest)
      // Left where it is when it is too old: the next call may ask for less.
      return frame !== undefined && !this.#tooOld(frame, maxAge) && this.#lease(frame)
    }
    const furthest = latest - this.#ring.geometry.indexCount + 1
    for (let next = Math.max(this.#account.cursor + 1, furthest); next <= latest; next++) {
      const frame = this.#frame(next)
      // Overrun, or dropped by the writer: both show in the next gap.
      if (frame === undefined) continue
      if (!this.#tooOld(frame, maxAge)) return this.#lease(frame)
      this.#account.passOver(next)
      this.#ring.released = true
    }
    return false
  }

  #frame(sequence: number): FrameRecord | undefined {
    const index = this.#ring.slotOf(sequence)
    const frame = index === undefined ? undefined : this.#ring.slots[index]!.frame
    return frame?.sequence === sequence ? frame : undefined
  }

  #tooOld(frame: FrameRecord, maxAge: number): boolean {
    return maxAge > 0 && this.#clock.now - frame.publishTime > maxAge
  }

  #lease(frame: FrameRecord): true {
    const at = this.#ring.slotOf(frame.sequence)!
    const slot = this.#ring.slots[at]!
    const joined = this.#observe === 0
    if (joined) slot.holders.add(this)
    const bytes = joined ? slot.bytes : slot.bytes.slice(0, frame.words.bytesUsed)
    const index = joined ? at : this.#freeCopy()
    this.#leases.set(index, { frame, bytes, slot: joined ? slot : undefined, count: 1 })
    const { now } = this.#clock
    putFrame(this.mailbox, index, frame, this.#account.deliver(frame), now)
    countLatency(this.#latency, now - frame.publishTime)
    this.#ring.released = true
    return true
  }

  #freeCopy(): number {
    let index = 0
    while (this.#leases.has(index)) index++
    return index
  }

  #leased(index: number): Lease {
    this.#open()
    const lease = this.#leases.get(index)
    if (lease !== undefined) return lease
    throw new FrameringError('NOT_LEASED', 'this frame was released before')
  }

  #open(): void {
    if (!this.#closed) return
    throw new FrameringError('CLOSED', 'this reader is closed; open another')
  }
}

function noDoorbell(): FrameringError {
  return new FrameringError('UNSUPPORTED', 'an observer has no doorbell: look again after a while')
}
