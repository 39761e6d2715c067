import { COLOR_MAPS } from '../picture/color-maps.ts'
import { layoutOf, type PictureLayout } from '../picture/layout.ts'
import { type Pixels, pixelsOf, type Tone } from '../picture/pixels.ts'
import { autoRange } from '../picture/statistics.ts'
import { type View, WHOLE } from '../picture/view-transform.ts'
import type { FrameInfo, News, Order, RingState } from '../protocol.ts'
import type { Times } from './connection.ts'
import { decodeJpeg } from './jpeg.ts'
import { Meters } from './meters.ts'

const RANGE_EVERY = 500
const QUALITY = 60
/** ms of a transfer from which on the next frame is asked for before this one is painted: a frame of the screen */
const SLOW = 1000 / 60
/** ms until what was refused is asked for again: other frames may be sent */
const REFUSED = 1000
/** ms until a frame is asked for after one that was none */
const AGAIN = 100

/** A frame on the page, decoded as far as the painter needs it. */
export interface Picture {
  readonly info: FrameInfo
  readonly layout: PictureLayout
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly version: number
  /** page time at which it came */
  readonly arrived: number
}

/** Who paints and sends for a ring. */
export interface Surroundings {
  send(order: Order): void
  /** something changed that is to be seen */
  changed(view: RingView): void
}

let versions = 0

/**
 * One ring as the page has it: asks for frames one by one, each when the one before is about to be painted,
 * or has come where that takes longer than a painting. All that come are painted.
 */
export class RingView {
  readonly name: string
  readonly meters = new Meters()
  view: View = WHOLE
  picture: Picture | undefined
  state: RingState = { state: 'opening', code: '', message: '' }
  /** what is wrong with the frame or the wish, though the ring lives; '' when nothing is */
  notice = ''
  paused = false
  jpeg = false
  autoTone = true
  tone: Tone = { map: 'grey', low: 0, high: 255 }
  /** page time of the last frame, or of the beginning */
  lastArrival = performance.now()
  readonly #around: Surroundings
  #visible = false
  #asking = false
  #steps = 0
  /** `picture` is not on the screen yet */
  #unpainted = false
  /** what came meanwhile; nothing is asked for while there is such a one */
  #next: Picture | undefined
  /** `state` is the answer to an order, and none of the ring's */
  #refusal = false
  #toneKind = ''
  /** page time at which the range was taken from a picture */
  #ranged = -Infinity

  constructor(name: string, around: Surroundings) {
    this.name = name
    this.#around = around
  }

  /** Whether the page waits for a frame of it. */
  get asking(): boolean {
    return this.#asking
  }

  /** The pixels of the picture as they are shown. */
  get pixels(): Pixels | undefined {
    const { picture } = this
    return picture && pixelsOf(picture.layout, picture.bytes, this.tone)
  }

  /** Whether anybody can see it. Nothing is asked for what nobody sees. */
  set visible(visible: boolean) {
    if (visible === this.#visible) return
    this.#visible = visible
    if (visible) {
      this.lastArrival = performance.now()
      this.ask()
    } else this.#cancel()
  }

  pause(paused = !this.paused): void {
    this.paused = paused
    if (paused) this.#cancel()
    else this.ask()
    this.#around.changed(this)
  }

  /** The next frame, and then no more. */
  step(): void {
    if (!this.paused) this.pause(true)
    this.#steps = 1
    this.ask()
  }

  setJpeg(jpeg: boolean): void {
    this.jpeg = jpeg
    this.notice = ''
    this.#cancel()
    this.ask()
    this.#around.changed(this)
  }

  setTone(change: Partial<Tone> & { readonly auto?: boolean }): void {
    const { auto, ...tone } = change
    if (auto !== undefined) this.autoTone = auto
    this.tone = { ...this.tone, ...tone }
    this.#ranged = -Infinity
    if (this.picture) this.#range(this.picture)
    this.#around.changed(this)
  }

  nextMap(): void {
    const { map } = this.tone
    this.setTone({ map: COLOR_MAPS[(COLOR_MAPS.indexOf(map) + 1) % COLOR_MAPS.length]! })
  }

  /** Asks for a frame newer than the one there is, unless it has asked, or nobody would see it. */
  ask(): void {
    if (this.#asking || this.#next || !this.#visible || (this.paused && this.#steps === 0)) return
    this.#asking = true
    const info = this.picture?.info
    this.#around.send({
      type: 'want',
      ring: this.name,
      encoding: this.jpeg ? 'jpeg' : 'raw',
      ...(this.jpeg && { quality: QUALITY }),
      ...(info && { after: { session: info.session, sequence: info.sequence } }),
    })
  }

  /** The connection is another one: what was asked for before will not come. */
  reconnected(): void {
    this.#asking = false
    this.ask()
  }

  hear(news: Extract<News, { type: 'state' | 'refused' }>): void {
    if (news.type === 'state') {
      this.state = news.state
      this.#refusal = false
    } else this.#refused(news)
    this.#around.changed(this)
  }

  /** What was announced did not come. */
  missed(): void {
    this.#around.send({ type: 'cancel', ring: this.name })
    this.#asking = false
    setTimeout(() => {
      this.ask()
    }, AGAIN)
  }

  async receive(info: FrameInfo, bytes: Uint8Array<ArrayBuffer>, times: Times): Promise<void> {
    const { arrived, transfer } = times
    this.meters.receive(info, arrived)
    this.lastArrival = arrived
    // The last frame of a writer that is gone comes after the news of its end.
    if (this.#refusal || this.state.state === 'live' || this.state.state === 'opening') {
      this.#refusal = false
      this.state = { state: 'live', code: '', message: '' }
    }
    try {
      const jpeg = info.encoding === 'jpeg' || info.format.fourcc === 'MJPG'
      const decoded = jpeg
        ? await decodeJpeg(bytes, info.sequence)
        : { layout: layoutOf(info.format), bytes }
      if (typeof decoded.layout === 'string') throw new RangeError(decoded.layout)
      const picture = {
        info,
        layout: decoded.layout,
        bytes: decoded.bytes,
        version: ++versions,
        arrived,
      }
      if (bytes.length === 0) throw new RangeError('The frame is empty.')
      this.#received()
      if (this.#unpainted) this.#next = picture
      else this.#show(picture)
      if (transfer > SLOW) this.ask()
    } catch (error) {
      this.notice = (error as Error).message
      // Not painted, so nothing else would ask for the next one; not at once, as that may be as bad.
      setTimeout(() => {
        this.#received()
        this.ask()
      }, AGAIN)
      this.#around.changed(this)
    }
  }

  /** The picture is about to be painted: the next one may come meanwhile. */
  painting(): void {
    this.ask()
  }

  /** It is on the screen. */
  painted(): void {
    this.#unpainted = false
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) this.#show(next)
  }

  #show(picture: Picture): void {
    this.#range(picture)
    this.picture = picture
    this.#unpainted = true
    this.notice = ''
    this.#around.changed(this)
  }

  #received(): void {
    this.#asking = false
    if (this.#steps > 0) this.#steps--
  }

  #cancel(): void {
    if (this.#asking) this.#around.send({ type: 'cancel', ring: this.name })
    this.#asking = false
    this.#steps = 0
  }

  #refused({ encoding, code, message }: Extract<News, { type: 'refused' }>): void {
    this.#asking = false
    if (encoding === 'jpeg' && this.jpeg) {
      this.jpeg = false
      this.notice = `Sent raw: ${message} (${code})`
      this.ask()
      return
    }
    this.#refusal = true
    this.state = { state: 'error', code, message }
    setTimeout(() => {
      this.ask()
    }, REFUSED)
  }

  /** The tone that goes with this kind of picture, and its range when it follows the picture. */
  #range({ layout, bytes, info }: Picture): void {
    if (layout.kind !== 'scalar') return
    const kind = `${info.format.fourcc} ${info.format.dtype}`
    if (kind !== this.#toneKind) {
      this.#toneKind = kind
      const [low, high] = layout.range ?? [0, 1]
      this.tone = { map: layout.map, low, high }
      this.autoTone = layout.range === undefined
      this.#ranged = -Infinity
    }
    const now = performance.now()
    if (!this.autoTone || now - this.#ranged < RANGE_EVERY) return
    this.#ranged = now
    const [low, high] = autoRange(pixelsOf(layout, bytes, this.tone))
    this.tone = { ...this.tone, low, high }
  }
}
