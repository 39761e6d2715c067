import {
  apply,
  fitScale,
  panned,
  type Size,
  screenToPicture,
  zoomed,
} from '../picture/view-transform.ts'
import { digits, find, stamp, write } from './dom.ts'
import { percentile } from './meters.ts'
import { drawOverlay } from './overlay.ts'
import { type Painter, painterFor } from './painter.ts'
import type { RingView } from './ring-view.ts'

const STALL = 2000

/** A ring's picture and caption in the grid. */
export class Tile {
  readonly ring: RingView
  readonly element = stamp('tile')
  readonly canvas = find<HTMLCanvasElement>('.picture', this.element)
  readonly screen = find<HTMLElement>('.screen', this.element)
  readonly painter: Painter
  /** pixel of the picture that is pointed at */
  pointed: readonly [number, number] | undefined
  readonly #overlay = find<HTMLCanvasElement>('.overlay', this.element)
  /** screen pixels, as large as the area is */
  #size: Size = { width: 1, height: 1 }
  #shown = -1

  constructor(ring: RingView) {
    this.ring = ring
    this.element.dataset['ring'] = ring.name
    write(find('.name', this.element), ring.name)
    this.painter = painterFor(this.canvas)
  }

  /** screen pixels per picture pixel */
  get scale(): number {
    const { picture, view } = this.ring
    if (picture === undefined) return 1
    return view.scale === 0 ? fitScale(picture.layout, view.turns, this.#size) : view.scale
  }

  resize(width: number, height: number): void {
    this.#size = { width: Math.max(Math.floor(width), 1), height: Math.max(Math.floor(height), 1) }
  }

  /** Whether there is a frame that was not painted yet. */
  get fresh(): boolean {
    const { picture } = this.ring
    return picture !== undefined && picture.version !== this.#shown
  }

  /** The painted picture's part of the canvas is put there; returns whether a new frame was painted. */
  paint(): boolean {
    const { picture, tone, view } = this.ring
    if (picture === undefined) return false
    for (const canvas of [this.canvas, this.#overlay]) {
      if (canvas.width !== this.#size.width) canvas.width = this.#size.width
      if (canvas.height !== this.#size.height) canvas.height = this.#size.height
      // As large as its pixels: stretched by half a one, none would be where it belongs.
      canvas.style.width = `${this.#size.width / devicePixelRatio}px`
      canvas.style.height = `${this.#size.height / devicePixelRatio}px`
    }
    const { layout, bytes, version } = picture
    const fresh = version !== this.#shown
    this.#shown = version
    try {
      this.painter.paint({ layout, bytes, version, tone, view })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.ring.notice = error.message
    }
    drawOverlay(this.#overlay, this.ring, this.pointed)
    return fresh
  }

  /** Texts and signals. */
  caption(linked: boolean): void {
    const { ring, element } = this
    const silent = performance.now() - ring.lastArrival
    const stalled = ring.asking && ring.state.state === 'live' && silent > STALL
    const state = !linked ? 'lost' : stalled ? 'stalled' : ring.state.state
    if (element.dataset['state'] !== state) element.dataset['state'] = state
    const reason = this.#reason(state, silent)
    const noSignal = find<HTMLElement>('.nosignal', element)
    noSignal.hidden = reason === ''
    write(find('span', noSignal), reason)
    const title =
      state === 'error' ? 'Cannot show it' : state === 'lost' ? 'No viewer' : 'No signal'
    write(find('strong', noSignal), title)
    const notice = find<HTMLElement>('.notice', element)
    notice.hidden = ring.notice === ''
    write(notice, ring.notice)
    find<HTMLElement>('.held', element).hidden = !ring.paused
    const format = ring.picture?.info.format
    write(find('.what', element), format ? `${sizeText(ring)} ${formatText(ring)}` : '')
    write(find('.figures', element), format ? this.#figuresText() : '')
  }

  zoom(factor: number, at?: readonly [number, number]): void {
    const { picture, view } = this.ring
    if (picture === undefined) return
    const middle = [this.#size.width / 2, this.#size.height / 2] as const
    this.ring.view = zoomed(view, factor, at ?? middle, picture.layout, this.#size)
  }

  /** by screen pixels */
  pan(dx: number, dy: number): void {
    const { picture, view } = this.ring
    if (picture === undefined || view.scale === 0) return
    this.ring.view = panned(view, -dx / view.scale, -dy / view.scale, picture.layout)
  }

  /** The pixel at this place of the area, in screen pixels; undefined beside the picture. */
  pixelAt(x: number, y: number): readonly [number, number] | undefined {
    const { picture, view } = this.ring
    if (picture === undefined) return undefined
    const { layout } = picture
    const [px, py] = apply(screenToPicture(view, layout, this.#size), x + 0.5, y + 0.5)
    const inside = px >= 0 && py >= 0 && px < layout.width && py < layout.height
    return inside ? [Math.floor(px), Math.floor(py)] : undefined
  }

  #reason(state: string, silent: number): string {
    if (state === 'lost') return 'The server of this page does not answer. Trying again …'
    if (state === 'stalled') {
      const since = Math.floor(silent / 1000)
      return `The writer is alive, but has published nothing for ${since} s.`
    }
    return state === 'live' ? '' : this.ring.state.message
  }

  #figuresText(): string {
    const { sourceFps, paintedFps, gaps, lost } = this.ring.meters.figures()
    const trips = this.ring.meters.trips.slice(-60)
    const total = percentile(
      trips.map(({ publish, receive }) => publish + receive),
      0.5,
    )
    const missed = gaps - lost.skipped
    const drops = missed > 0 ? ` · ${missed} lost` : ''
    return `${digits(paintedFps)} of ${digits(sourceFps)} fps · ${digits(total)} ms${drops}`
  }
}

export function sizeText({ picture }: RingView): string {
  if (picture === undefined) return '–'
  const { width, height } = picture.layout
  return `${width} × ${height}`
}

export function formatText({ picture }: RingView): string {
  if (picture === undefined) return '–'
  const { fourcc, dtype, shape } = picture.info.format
  return fourcc === '' ? `${dtype} [${shape.join(', ')}]` : fourcc.replace('R  F', '32FC1').trim()
}
