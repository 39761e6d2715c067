import { FrameringError } from '../errors/framering-error.ts'
import { type Frame, openReader, type Reader } from '../ring/index.ts'
import type { LostTotals, RingState } from './protocol.ts'

const LEASES = 3 // one being copied, one being encoded, one to spare
const RETRY = 1000
const LIVE: RingState = { state: 'live', code: '', message: '' }

/**
 * The newest frames of a ring for as long as somebody asks, whatever becomes of its writers, and why
 * there are none at the moment.
 *
 * ```ts
 * const signal = new RingSignal('front', {}, (state) => console.log(state.message))
 * using frame = await signal.next() // null: closed meanwhile
 * ```
 *
 * A reader with `reconnect` would go on by itself too, but would not tell a writer that died from one
 * that ended: so it only bridges the time between two writers.
 */
export class RingSignal {
  readonly #name: string
  readonly #directory: string | undefined
  readonly #tell: (state: RingState) => void
  #state: RingState = { state: 'opening', code: '', message: '' }
  #reader: Reader | undefined
  /** Waits for the next writer. */
  #bridging = false
  #observe = false
  #session = 0
  #sequence = 0
  #lost: LostTotals = { source: 0, noSlot: 0, overrun: 0, restart: 0 }
  readonly #closing = new AbortController()

  constructor(
    name: string,
    options: { readonly directory?: string | undefined },
    tell: (state: RingState) => void,
  ) {
    this.#name = name
    this.#directory = options.directory
    this.#tell = tell
  }

  get state(): RingState {
    return this.#state
  }

  /** Of all readers so far. */
  get lost(): LostTotals {
    return this.#lost
  }

  /** The next frame if there is one now. Never throws: `next` tells what is wrong. */
  tryNext(): Frame | null {
    if (this.#reader === undefined || this.#bridging) return null
    try {
      return this.#fresh(this.#reader.tryNext())
    } catch {
      return null
    }
  }

  /** The next frame, however long it takes; null when this was closed. The caller releases it. */
  async next(): Promise<Frame | null> {
    while (!this.#isClosed()) {
      try {
        this.#reader ??= this.#open()
        const frame = await this.#reader.next()
        // Closed as the writer ended: a reader that waits for the next one would be nobody's to close.
        if (this.#isClosed()) {
          frame?.release()
          return null
        }
        const fresh = this.#fresh(frame)
        if (fresh !== null) return fresh
        if (frame === null && this.#reader.ended) {
          this.#bridge('ended', '', 'The writer has closed the ring.')
        }
      } catch (error) {
        if (!this.#isClosed()) await this.#meet(error)
      }
    }
    return null
  }

  /** The newest frame, though it was given out before; null when there is none at the moment. */
  again(): Frame | null {
    try {
      // Its frames stay valid when it is closed.
      using reader = this.#open()
      return reader.tryNext()
    } catch {
      return null
    }
  }

  close(): void {
    this.#closing.abort()
    this.#reader?.close()
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** The frame, unless it was given out before: each new reader begins with the newest there is. */
  #fresh(frame: Frame | null): Frame | null {
    if (frame === null) return null
    const { session, sequence } = frame
    if (session === this.#session && (this.#bridging || sequence <= this.#sequence)) {
      frame.release()
      return null
    }
    if (this.#session !== 0 && session !== this.#session) this.#add({ restart: 1 })
    this.#session = session
    this.#sequence = sequence
    const { source, noSlot, overrun } = frame.lost
    this.#add({ source, noSlot, overrun })
    if (this.#bridging) this.#swap(undefined, false)
    this.#say(LIVE)
    return frame
  }

  #add(more: Partial<LostTotals>): void {
    const { source, noSlot, overrun, restart } = this.#lost
    this.#lost = {
      source: source + (more.source ?? 0),
      noSlot: noSlot + (more.noSlot ?? 0),
      overrun: overrun + (more.overrun ?? 0),
      restart: restart + (more.restart ?? 0),
    }
  }

  #open(): Reader {
    return openReader(this.#name, {
      directory: this.#directory,
      maxLeases: LEASES,
      observe: this.#observe,
    })
  }

  #bridge(state: RingState['state'], code: string, message: string): void {
    this.#say({ state, code, message })
    const reader = openReader(this.#name, {
      directory: this.#directory,
      maxLeases: LEASES,
      observe: this.#observe,
      wait: true,
      reconnect: true,
    })
    this.#swap(reader, true)
  }

  #swap(reader: Reader | undefined, bridging: boolean): void {
    this.#reader?.close()
    this.#reader = reader
    this.#bridging = bridging
  }

  async #meet(error: unknown): Promise<void> {
    const code = error instanceof FrameringError ? error.code : 'SYSTEM'
    const message = (error as Error).message
    this.#swap(undefined, false)
    try {
      if (code === 'WRITER_DIED') {
        this.#bridge('died', code, 'The writer died without closing the ring.')
        return
      }
      if (code === 'NOT_FOUND') {
        this.#bridge('waiting', code, `No writer has made a ring called '${this.#name}' yet.`)
        return
      }
    } catch (again) {
      this.#say({ state: 'error', code, message: (again as Error).message })
      await this.#pause()
      return
    }
    if (code === 'PERMISSION' && !this.#observe) {
      // Who may not join may still be allowed to look.
      this.#observe = true
      return
    }
    this.#observe = false
    this.#say({ state: 'error', code, message })
    await this.#pause()
  }

  #pause(): Promise<void> {
    const { signal } = this.#closing
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve()
        return
      }
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, RETRY)
      signal.addEventListener('abort', done)
    })
  }

  #say(state: RingState): void {
    if (state.state === this.#state.state && state.message === this.#state.message) return
    this.#state = state
    this.#tell(state)
  }
}
