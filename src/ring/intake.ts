import { FrameringError } from '../errors/framering-error.ts'
import type { NativePosition } from '../native/index.ts'
import { asFrameringError, Bell, Delivery, Mail, Next } from '../native/index.ts'
import { transport } from '../transport/index.ts'
import { aborted } from '../options/index.ts'
import { Attachment } from './attachment.ts'
import { now } from './clock.ts'
import { Foresight } from './foresight.ts'
import { type Frame, noFrameFollows, type Pace } from './frame.ts'
import { RateLimit } from './rate-limit.ts'
import type { CheckedReaderOptions } from './reader-options.ts'
import type { ReaderStats } from './reader-stats.ts'
import { ReaderTally } from './reader-stats.ts'
import { Silence } from './silence.ts'

/**
 * What every way of reading stands on: the next frame if there is one, and a wake-up when there may be.
 * Follows the ring through larger ones, and with `reconnect` through restarts of the writer.
 */
export class Intake {
  readonly options: CheckedReaderOptions
  readonly #pace: Pace | undefined
  readonly #rate: RateLimit | undefined
  readonly #silence: Silence | undefined
  readonly #foresight: Foresight | undefined
  readonly #tally = new ReaderTally()
  #attachment: Attachment | undefined
  /** Where the attachment before stood, for the next one to go on from. */
  #position: NativePosition | undefined
  /** Its generation: not to be attached to again. */
  #left = 0
  /** Why there is no attachment. */
  #absence: 'not-yet' | 'moved' | 'gone' = 'not-yet'
  #giveUp: number
  #wake: (() => void) | undefined
  #rehearse: (() => void) | undefined
  #nameWatch: Disposable | undefined
  #timer: Disposable | undefined
  #ended = false
  #closed = false
  /** Why reading is over, told to everybody who asks again. */
  #failure: FrameringError | undefined
  readonly #ring = (): void => {
    this.#wake?.()
  }
  readonly #abort = (): void => {
    this.#failure = aborted('reading', this.options.signal)
    this.#leave()
    this.#ring()
  }

  /** Attaches at once if it can. Throws what `openReader` says. */
  constructor(options: CheckedReaderOptions, pace?: Pace) {
    this.options = options
    this.#pace = pace
    this.#rate = options.maxFps > 0 ? new RateLimit(options.maxFps) : undefined
    this.#silence = options.onDeadline && new Silence(options.deadline, options.onDeadline)
    this.#foresight = options.predictive ? new Foresight() : undefined
    this.#giveUp = options.wait === 0 ? 0 : now() + options.wait
    const { signal } = options
    if (signal?.aborted) throw aborted('reading', signal)
    this.#attach()
    signal?.addEventListener('abort', this.#abort, { once: true })
  }

  /** The writer ended the stream and all of it was taken. */
  get ended(): boolean {
    return this.#ended
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Why reading is over; undefined as long as it is not, and at the clean end. */
  get failure(): FrameringError | undefined {
    return this.#failure
  }

  /**
   * The next frame; null when there is none now, or at the end (`ended`). With `arm`, whoever listens
   * is woken when there may be one. `watched`: see `Frame`.
   */
  take(arm: boolean, watched: boolean): Frame | null {
    this.#check()
    if (this.#ended) return null
    const time = this.#rate === undefined ? 0 : now()
    const early = this.#rate?.wait(time) ?? 0
    if (early > 0) {
      // The doorbell stays unarmed: the writer does not ring for frames that will not be taken.
      if (arm) this.#alarm(early)
      return null
    }
    const { observe } = this.options
    const bell = arm && observe === 0 ? Bell.Fifo : Bell.None
    for (;;) {
      const attachment = this.#attachment ?? this.#attach()
      if (attachment === undefined) return null
      let next = this.#next(attachment, bell)
      if (next === Next.None && arm && this.#foresight !== undefined) {
        next = this.#lookAhead(attachment, this.#foresight)
      }
      if (next === Next.Frame) return this.#taken(attachment, watched)
      if (next === Next.None) {
        // A frame may be there that has waited: taken when no fresh one comes. And whom nobody rings
        // looks again by itself.
        const patience = observe > 0 ? observe : (this.#rate?.patience(time) ?? 0)
        if (arm && patience > 0) this.#alarm(patience)
        return null
      }
      this.#lose(attachment, next)
      if (this.ended) return null
    }
  }

  /** As `take`, but blocks this thread for at most `timeout` ms. */
  waitSync(timeout: number): Frame | null {
    try {
      return this.#block(timeout)
    } finally {
      // It took the one bell for itself: who listens looks again, and arms it anew.
      if (this.#wake !== undefined) transport().nextTurn(this.#ring)
    }
  }

  #block(timeout: number): Frame | null {
    const until = now() + timeout
    for (;;) {
      this.#check()
      if (this.ended) return null
      this.#silence?.check()
      const left = Math.max(0, until - now())
      const quiet = Math.min(left, this.#silence?.left() ?? Infinity)
      const early = this.#rate?.wait(now()) ?? 0
      const attachment = this.#attachment ?? this.#attach()
      if (this.#ended) return null
      if (early > 0 || attachment === undefined) {
        if (left === 0) return null
        if (early > 0) transport().sleep(Math.min(quiet, early))
        else transport().awaitName(this.options.directory, this.options.name, quiet)
        continue
      }
      const patience = this.#rate?.patience(now()) || Infinity
      const next = this.#wait(attachment, Math.min(quiet, patience, transport().longestWait))
      if (next === Next.Frame) return this.#taken(attachment, true)
      if (next === Next.None && left === 0) return null
      if (next !== Next.None) this.#lose(attachment, next)
    }
  }

  /**
   * Calls `wake` from the event loop whenever `take` may have something new. Keeps the loop alive.
   * `rehearse` is called just before a frame is expected: see `Attachment.rehearse`.
   */
  listen(wake: () => void, rehearse?: () => void): void {
    this.#wake = wake
    this.#rehearse = rehearse
    this.#silence?.start()
    this.#watch()
  }

  unlisten(): void {
    this.#wake = undefined
    this.#silence?.stop()
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#nameWatch?.[Symbol.dispose]()
    this.#nameWatch = undefined
    this.#attachment?.reader.unwatch()
  }

  stats(): ReaderStats {
    return this.#tally.stats(this.#attachment !== undefined)
  }

  /** Takes no more frames. Those that are held stay valid until they are released. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    noFrameFollows()
    this.#leave()
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closed) {
      throw new FrameringError(
        'CLOSED',
        `this reader of ring '${this.options.name}' is closed; open another`,
      )
    }
  }

  #next(attachment: Attachment, bell: Bell): Next {
    try {
      return attachment.reader.next(bell, this.#maxAge())
    } catch (error) {
      throw this.#lookAt(attachment, error)
    }
  }

  /**
   * There is nothing: polls when it is time to, and otherwise sees to being woken by then. Polls within
   * one call: a look per turn of the loop was no faster at p50 and twice as late at p90.
   */
  #lookAhead(attachment: Attachment, foresight: Foresight): Next {
    const { reader } = attachment
    // The last frame's figures are still there: learned from now and not when it was taken, which
    // would have been part of its latency.
    const mail = reader.mailbox
    foresight.learn(mail[Mail.Sequence] as number, mail[Mail.PublishTime] as number)
    const until = foresight.awake(now())
    if (until > 0) {
      attachment.rehearse()
      this.#rehearse?.()
      reader.poll(Math.max(0, until - now()))
      // Whatever came of it: this arms the doorbell again.
      const next = this.#next(attachment, Bell.Fifo)
      if (next !== Next.None) return next
    }
    reader.wakeAt(foresight.plan(now()))
    return Next.None
  }

  #wait(attachment: Attachment, ms: number): Next {
    try {
      return attachment.reader.wait(ms, this.#maxAge())
    } catch (error) {
      throw this.#lookAt(attachment, error)
    }
  }

  /** ms, 0 = any: what the user set, and for `latest` what keeps `maxFps` from giving stale frames. */
  #maxAge(): number {
    const { maxAge, delivery } = this.options
    if (this.#rate === undefined || delivery !== Delivery.Latest) return maxAge
    const fresh = this.#rate.maxAge(now())
    return maxAge > 0 && (fresh === 0 || maxAge < fresh) ? maxAge : fresh
  }

  #lookAt(attachment: Attachment, error: unknown): Error {
    const failure = asFrameringError(error)
    if (failure instanceof FrameringError && failure.code === 'LEASES_EXHAUSTED') {
      attachment.onFreed = this.#ring
      noFrameFollows()
    }
    return failure
  }

  #taken(attachment: Attachment, watched: boolean): Frame {
    const frame = attachment.frame(watched)
    this.#rate?.taken(frame.receiveTime)
    this.#silence?.frame(frame.receiveTime)
    return frame
  }

  /** The ring under this reader is over: decides how it goes on. Throws `WRITER_DIED`. */
  #lose(attachment: Attachment, next: Next): void {
    const { name, reconnect } = this.options
    if (next === Next.Died && !reconnect) throw this.#fail(died(name))
    this.#position = attachment.position()
    this.#left = attachment.generation
    this.#attachment = undefined
    attachment.leave()
    if (next === Next.Moved) this.#absence = 'moved'
    else this.#absence = 'gone'
    if (next === Next.Ended && !reconnect) this.#end()
  }

  #attach(): Attachment | undefined {
    for (let attempt = 0; ; attempt++) {
      const failure = this.#tryAttach()
      if (failure === undefined) return this.#attachment
      if (failure.code !== 'NOT_FOUND') throw failure
      if (this.#absence === 'moved' && attempt < 10) continue
      if (!this.#mayAppear(failure)) return undefined
      if (this.#wake === undefined || this.#nameWatch !== undefined) return undefined
      // Once more when the watch stands: what appears before that would not be told.
      const { directory, name } = this.options
      this.#nameWatch = transport().watchName(directory, name, this.#ring)
    }
  }

  /** Whether to go on waiting for a ring that is not there. Throws when it is given up. */
  #mayAppear(failure: FrameringError): boolean {
    const { name, directory, reconnect } = this.options
    if (this.#absence === 'not-yet') {
      const left = this.#giveUp - now()
      if (left <= 0) throw this.#fail(failure)
      if (this.#wake !== undefined && left < Infinity) this.#alarm(left)
      return true
    }
    if (reconnect) return true
    // A larger ring was announced and is gone already. A writer that ends removes its objects.
    if (transport().hasRing(directory, name)) throw this.#fail(died(name))
    this.#end()
    return false
  }

  #tryAttach(): FrameringError | undefined {
    const o = this.options
    try {
      const reader = transport().openReader({
        directory: o.directory,
        name: o.name,
        delivery: o.delivery,
        maxLeases: o.maxLeases,
        replay: o.replay,
        reliableWait: o.reliableWait,
        observe: o.observe,
        notGeneration: this.#left,
        position: this.#position,
      })
      this.#attachment = new Attachment(o.name, reader, o.views, this.#tally, this.#pace)
    } catch (error) {
      const failure = asFrameringError(error)
      if (failure instanceof FrameringError) return failure
      throw failure
    }
    this.#nameWatch?.[Symbol.dispose]()
    this.#nameWatch = undefined
    if (this.#wake !== undefined) this.#watch()
    return undefined
  }

  #fail(failure: FrameringError): FrameringError {
    this.#leave()
    return (this.#failure = failure)
  }

  #end(): void {
    this.#ended = true
    this.#leave()
  }

  /** However reading ended: a signal often outlives many readers, and would keep each of them. */
  #leave(): void {
    this.options.signal?.removeEventListener('abort', this.#abort)
    const wake = this.#wake
    this.unlisten()
    this.#wake = wake
    this.#attachment?.leave()
    this.#attachment = undefined
  }

  #watch(): void {
    if (this.options.observe === 0) this.#attachment?.reader.watch(this.#ring)
  }

  #alarm(ms: number): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = transport().alarm(ms, this.#ring)
  }
}

function died(name: string): FrameringError {
  return new FrameringError(
    'WRITER_DIED',
    `the writer of ring '${name}' died; start it again, or read with \`reconnect: true\` to go on ` +
      `with the next one`,
  )
}
