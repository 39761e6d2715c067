import type { PictureLayout, RgbLayout, ScalarLayout } from '../picture/layout.ts'
import { type Pixels, pixelsOf, type Tone } from '../picture/pixels.ts'
import { apply, screenToPicture, type Size, type View } from '../picture/view-transform.ts'
import { GROUND, type Painter } from './painter.ts'

/** Paints pixel by pixel, for browsers without WebGL, or where the processors draw it. */
export function canvasPainter(canvas: HTMLCanvasElement): Painter {
  // The pixels come from the processor: they may as well stay in its memory.
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })
  if (context === null) throw new Error('this browser has no canvas')
  let image: ImageData | undefined
  let words = new Uint32Array()
  const levels = new Levels()
  return {
    name: '2D canvas',
    paint({ layout, bytes, tone, view }) {
      const { width, height } = canvas
      if (image?.width !== width || image.height !== height) {
        image = context.createImageData(width, height)
        words = new Uint32Array(image.data.buffer)
      }
      const pixels = pixelsOf(layout, bytes, tone)
      const places = placesOf(view, layout, canvas)
      const { columns, rows } = places
      // Beside the picture nothing else is written: what is seen of it is a rectangle.
      if (columns[0]! < 0 || columns.at(-1)! < 0 || rows[0]! < 0 || rows.at(-1)! < 0) {
        words.fill(word((GROUND[0] << 16) | (GROUND[1] << 8) | GROUND[2]))
      }
      if (layout.kind === 'rgb') paintRgb(words, places, layout, bytes)
      else if (isCounted(layout)) {
        paintLevels(words, places, layout, bytes, levels.of(layout, tone))
      } else paintAny(words, places, pixels)
      context.putImageData(image, 0, 0)
    },
  }
}

/** Which pixels of the picture the columns and rows of the canvas show, -1 beside it. */
interface Places {
  readonly columns: Int32Array
  readonly rows: Int32Array
  /** A quarter turn: a column of the canvas is a row of the picture. */
  readonly turned: boolean
}

function placesOf(view: View, picture: Size, screen: Size): Places {
  const to = screenToPicture(view, picture, screen)
  const turned = view.turns % 2 === 1
  const along = (count: number, at: (i: number) => number, length: number): Int32Array =>
    Int32Array.from({ length: count }, (_, i) => {
      const place = Math.floor(at(i + 0.5))
      return place >= 0 && place < length ? place : -1
    })
  const [across, down] = turned ? [1, 0] : [0, 1]
  const sizes = [picture.width, picture.height]
  return {
    columns: along(screen.width, (x) => apply(to, x, 0)[across]!, sizes[across]!),
    rows: along(screen.height, (y) => apply(to, 0, y)[down]!, sizes[down]!),
    turned,
  }
}

/** The same, as distances from the first pixel of the picture when each pixel has `step` of them. */
function distances({ columns, rows, turned }: Places, width: number, step: number): Places {
  const times = (factor: number) => (place: number) => (place < 0 ? -1 : factor * place)
  return {
    columns: columns.map(times(turned ? step * width : step)),
    rows: rows.map(times(turned ? step : step * width)),
    turned,
  }
}

function paintRgb(
  words: Uint32Array,
  places: Places,
  { width, channels, order: [r, g, b] }: RgbLayout,
  bytes: Uint8Array,
): void {
  const { columns, rows } = distances(places, width, channels)
  for (let y = 0, i = 0; y < rows.length; y++) {
    const row = rows[y]!
    if (row < 0) {
      i += columns.length
      continue
    }
    for (let x = 0; x < columns.length; x++, i++) {
      const column = columns[x]!
      if (column < 0) continue
      const at = row + column
      words[i] = 0xff000000 | (bytes[at + b]! << 16) | (bytes[at + g]! << 8) | bytes[at + r]!
    }
  }
}

function paintLevels(
  words: Uint32Array,
  places: Places,
  layout: ScalarLayout,
  bytes: Uint8Array,
  levels: Uint32Array,
): void {
  const { columns, rows } = distances(places, layout.width, 1)
  const counts = layout.element === 'uint16' ? words16(bytes) : bytes
  for (let y = 0, i = 0; y < rows.length; y++) {
    const row = rows[y]!
    if (row < 0) {
      i += columns.length
      continue
    }
    for (let x = 0; x < columns.length; x++, i++) {
      const column = columns[x]!
      if (column >= 0) words[i] = levels[counts[row + column]!]!
    }
  }
}

function paintAny(words: Uint32Array, { columns, rows, turned }: Places, pixels: Pixels): void {
  for (let y = 0, i = 0; y < rows.length; y++) {
    const row = rows[y]!
    if (row < 0) {
      i += columns.length
      continue
    }
    for (let x = 0; x < columns.length; x++, i++) {
      const column = columns[x]!
      if (column < 0) continue
      words[i] = word(turned ? pixels.rgb(row, column) : pixels.rgb(column, row))
    }
  }
}

/** Whether its numbers are few enough to have the colour of each at hand. */
function isCounted(layout: PictureLayout): layout is ScalarLayout {
  return layout.kind === 'scalar' && (layout.element === 'uint8' || layout.element === 'uint16')
}

/** The colours of all numbers there can be, kept while they stay the same. */
class Levels {
  #levels = new Uint32Array()
  #key = ''

  of(layout: ScalarLayout, tone: Tone): Uint32Array {
    const { element, scale, zeroIsNone } = layout
    const key = JSON.stringify([element, scale, zeroIsNone, tone])
    if (key === this.#key) return this.#levels
    this.#key = key
    const count = element === 'uint16' ? 65536 : 256
    const all = Uint16Array.from({ length: count }, (_, i) => i)
    const bytes = element === 'uint16' ? new Uint8Array(all.buffer) : Uint8Array.from(all)
    const line = { ...layout, width: count, height: 1, bytes: bytes.length }
    const pixels = pixelsOf(line, bytes, tone)
    this.#levels = Uint32Array.from({ length: count }, (_, i) => word(pixels.rgb(i, 0)))
    return this.#levels
  }
}

function words16(bytes: Uint8Array): Uint16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()
  return new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length >> 1)
}

/** As it lies in the memory of an ImageData, on the little-endian machines there are. */
function word(rgb: number): number {
  return (0xff000000 | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0
}
