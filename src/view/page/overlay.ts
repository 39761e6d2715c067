import { pixelsOf } from '../picture/pixels.ts'
import { apply, screenToPicture } from '../picture/view-transform.ts'
import type { RingView } from './ring-view.ts'

const READABLE = 44 // screen pixels per picture pixel at which its values fit into it
const GRID = 12

/** Pixel borders and values over a picture that is zoomed far enough, and a frame around `pointed`. */
export function drawOverlay(
  canvas: HTMLCanvasElement,
  ring: RingView,
  pointed: readonly [number, number] | undefined,
): void {
  const { picture, view } = ring
  const { scale } = view
  // Not merely clear: an empty layer is blended over every frame like any other.
  canvas.hidden = picture === undefined || scale < GRID
  if (picture === undefined || scale < GRID) return
  const context = canvas.getContext('2d')!
  context.clearRect(0, 0, canvas.width, canvas.height)
  const pixels = pixelsOf(picture.layout, picture.bytes, ring.tone)
  const { layout } = picture
  const to = screenToPicture(view, layout, canvas)
  // The inverse of a turn by quarters and a zoom: its parts are 0, or one over each other's square.
  const inverse = scale * scale
  const place = (px: number, py: number): readonly [number, number] => {
    const [dx, dy] = [px - to.x0, py - to.y0]
    return [inverse * (to.xx * dx + to.yx * dy), inverse * (to.xy * dx + to.yy * dy)]
  }
  const corners = [apply(to, 0, 0), apply(to, canvas.width, canvas.height)] as const
  const range = (axis: 0 | 1, most: number): readonly [number, number] => [
    Math.max(Math.floor(Math.min(corners[0][axis], corners[1][axis])), 0),
    Math.min(Math.ceil(Math.max(corners[0][axis], corners[1][axis])), most),
  ]
  const [left, right] = range(0, layout.width)
  const [top, bottom] = range(1, layout.height)
  context.strokeStyle = 'rgb(128 128 128 / 35%)'
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [sx, sy] = place(x + 0.5, y + 0.5)
      context.strokeRect(sx - scale / 2 + 0.5, sy - scale / 2 + 0.5, scale, scale)
      if (scale >= READABLE)
        writeValues(context, pixels.values(x, y), pixels.rgb(x, y), sx, sy, scale)
    }
  }
  if (pointed === undefined) return
  const [sx, sy] = place(pointed[0] + 0.5, pointed[1] + 0.5)
  context.strokeStyle = '#fff'
  context.strokeRect(sx - scale / 2 + 0.5, sy - scale / 2 + 0.5, scale, scale)
}

function writeValues(
  context: CanvasRenderingContext2D,
  values: readonly string[],
  rgb: number,
  x: number,
  y: number,
  scale: number,
): void {
  const size = Math.min(scale / (values.length + 0.8), 14)
  const luma = 0.299 * (rgb >> 16) + 0.587 * ((rgb >> 8) & 255) + 0.114 * (rgb & 255)
  context.font = `${size}px ui-monospace, monospace`
  context.fillStyle = luma > 128 ? '#000' : '#fff'
  for (const [i, value] of values.entries()) {
    context.fillText(value, x, y + (i - (values.length - 1) / 2) * size * 1.1, scale - 2)
  }
}
