import { FrameringError } from '../errors/framering-error.ts'
import type { Frame } from '../ring/index.ts'
import { encodeImage } from '../sinks/index.ts'
import { frameHead, MessagePool, PooledMessage } from './frame-message.ts'
import type { After, RingState } from './protocol.ts'
import { RingSignal } from './ring-signal.ts'

const STILL = 200 // ms without a new frame

/** One frame that somebody waits for. Exactly one of `deliver` and `refuse` is called, once. */
export interface Demand {
  readonly as: 'raw' | 'jpeg' | 'png'
  /** of a JPEG, 1…100 */
  readonly quality: number
  /** the frame he has; undefined: any will do */
  readonly after: After | undefined
  /** The message is the callee's to release. */
  deliver(message: PooledMessage, frame: Delivered): void
  refuse(error: FrameringError): void
}

/** What was delivered. */
export interface Delivered extends After {
  /** where the payload begins in the message */
  readonly headBytes: number
}

interface Ready {
  readonly frame: Delivered
  readonly message: PooledMessage
}

interface Encoding extends After {
  readonly key: string
  readonly demands: Set<Demand>
  /** undefined until it is done */
  ready: Ready | undefined
}

/**
 * One ring for any number of viewers: one reader, one copy of each frame that is asked for, one encoding
 * of it. Nothing is queued: who asks gets the newest frame, and who asks late has missed those between.
 * No lease is ever held for a socket: a slow browser would hold a slot of the ring.
 */
export class RingFeed {
  readonly name: string
  readonly #signal: RingSignal
  readonly #pool: MessagePool
  readonly #demands = new Set<Demand>()
  readonly #encodings = new Map<string, Encoding>()
  #raw: Ready | undefined
  #last: After | undefined
  #running = false
  #waiting = false
  #closed = false
  /** frames encoded so far */
  encodes = 0
  /** frames taken from the ring so far */
  taken = 0

  constructor(
    name: string,
    options: { readonly directory?: string | undefined; readonly pool?: MessagePool },
    tell: (state: RingState) => void,
  ) {
    this.name = name
    this.#pool = options.pool ?? new MessagePool()
    this.#signal = new RingSignal(name, options, tell)
  }

  get state(): RingState {
    return this.#signal.state
  }

  want(demand: Demand): void {
    if (this.#closed) {
      demand.refuse(closing())
      return
    }
    this.#demands.add(demand)
    if (this.#waiting) this.#serveKept()
    void this.#run()
  }

  cancel(demand: Demand): void {
    this.#demands.delete(demand)
    for (const encoding of this.#encodings.values()) encoding.demands.delete(demand)
  }

  close(): void {
    this.#closed = true
    this.#signal.close()
    this.#raw?.message.release()
    this.#raw = undefined
    for (const encoding of this.#encodings.values()) this.#drop(encoding)
    for (const demand of this.#takeAll(() => true)) demand.refuse(closing())
  }

  /** Takes frames as long as somebody waits for one that can be given now. */
  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    try {
      while (!this.#closed && this.#open().length > 0) {
        const now = this.#signal.tryNext()
        if (now !== null) {
          this.#serve(now)
          continue
        }
        this.#serveKept()
        if (this.#open().length === 0) break
        this.#waiting = true
        // Again and again: somebody may come to want the same frame in another kind.
        const still = setInterval(() => {
          this.#serveStill()
        }, STILL)
        const frame = await this.#signal.next().finally(() => {
          clearInterval(still)
        })
        this.#waiting = false
        if (frame !== null) this.#serve(frame)
      }
    } finally {
      this.#waiting = false
      this.#running = false
    }
  }

  /** Those who wait for nothing that is in the making. */
  #open(): readonly Demand[] {
    return [...this.#demands].filter((demand) => this.#busy(keyOf(demand)) === undefined)
  }

  #busy(key: string): Encoding | undefined {
    const encoding = this.#encodings.get(key)
    return encoding?.ready === undefined ? encoding : undefined
  }

  /** Hands out what there is already. */
  #serveKept(): void {
    for (const demand of this.#demands) {
      const kept = demand.as === 'raw' ? this.#raw : this.#encodings.get(keyOf(demand))
      if (kept === undefined) continue
      if (!isNewer('message' in kept ? kept.frame : kept, demand.after)) continue
      if ('message' in kept) this.#give(demand, kept)
      else if (kept.ready !== undefined) this.#give(demand, kept.ready)
      else {
        this.#demands.delete(demand)
        kept.demands.add(demand)
      }
    }
  }

  /**
   * The newest frame was taken for others, who wanted it in another way, and no newer one comes: takes it
   * once more for those who have not had it.
   */
  #serveStill(): void {
    const last = this.#last
    if (last === undefined || !this.#open().some(({ after }) => isNewer(last, after))) return
    const frame = this.#signal.again()
    if (frame !== null) this.#serve(frame)
  }

  #serve(frame: Frame): void {
    try {
      this.taken++
      const jpeg = frame.format.fourcc === 'MJPG'
      this.#last = { session: frame.session, sequence: frame.sequence }
      const raw = this.#takeAll(({ as }) => as === 'raw' || (as === 'jpeg' && jpeg))
      const open = new Set(this.#open().map(keyOf))
      // Kept also when nobody wants it raw now: it may be the newest for long.
      this.#serveRaw(frame, raw)
      for (const key of open) void this.#encode(frame, key)
    } finally {
      releaseQuietly(frame)
    }
  }

  #serveRaw(frame: Frame, demands: readonly Demand[]): void {
    this.#raw?.message.release()
    this.#raw = undefined
    const head = frameHead(this.name, frame, 'raw', this.#signal.lost)
    let message: PooledMessage
    try {
      message = this.#pool.join(head, frame.data)
    } catch (error) {
      for (const demand of demands) demand.refuse(error as FrameringError)
      return
    }
    const { session, sequence } = frame
    this.#raw = { frame: { session, sequence, headBytes: head.length }, message }
    for (const demand of demands) this.#give(demand, this.#raw)
  }

  async #encode(frame: Frame, key: string): Promise<void> {
    const { session, sequence } = frame
    const encoding: Encoding = {
      key,
      session,
      sequence,
      demands: new Set(this.#takeAll((demand) => keyOf(demand) === key)),
      ready: undefined,
    }
    const before = this.#encodings.get(key)
    if (before !== undefined) this.#drop(before)
    // Of each kind the last one; of kinds that nobody asks for any more, none.
    for (const other of this.#encodings.values()) {
      if (other.ready !== undefined && other.sequence !== sequence) this.#drop(other)
    }
    this.#encodings.set(key, encoding)
    const [format, quality] = key.split(' ') as ['jpeg' | 'png', string]
    const head = frameHead(this.name, frame, 'jpeg', this.#signal.lost)
    this.encodes++
    try {
      const bytes = await encodeImage(frame, { format, quality: Number(quality) })
      const message = new PooledMessage(Buffer.concat([head, bytes]), () => undefined)
      encoding.ready = { frame: { session, sequence, headBytes: head.length }, message }
      for (const demand of encoding.demands) this.#give(demand, encoding.ready)
    } catch (error) {
      if (this.#encodings.get(key) === encoding) this.#encodings.delete(key)
      for (const demand of encoding.demands) demand.refuse(error as FrameringError)
    }
    encoding.demands.clear()
    void this.#run()
  }

  #give(demand: Demand, { frame, message }: Ready): void {
    this.#demands.delete(demand)
    demand.deliver(message.retain(), frame)
  }

  #drop(encoding: Encoding): void {
    this.#encodings.delete(encoding.key)
    encoding.ready?.message.release()
  }

  #takeAll(which: (demand: Demand) => boolean): readonly Demand[] {
    const taken = [...this.#demands].filter(which)
    for (const demand of taken) this.#demands.delete(demand)
    return taken
  }
}

function closing(): FrameringError {
  return new FrameringError('CLOSED', 'the viewer is closing; start another')
}

function keyOf({ as, quality }: Demand): string {
  return as === 'raw' ? as : `${as} ${quality}`
}

function isNewer(frame: After, than: After | undefined): boolean {
  if (than === undefined || frame.session !== than.session) return true
  return frame.sequence > than.sequence
}

/** A broken lease means that another process wrote where it must not: the next frame is another one. */
function releaseQuietly(frame: Frame): void {
  try {
    frame.release()
  } catch {
    return
  }
}
