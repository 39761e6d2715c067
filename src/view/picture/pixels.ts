import { colorTable, type ColorMap } from './color-maps.ts'
import type {
  BayerLayout,
  PackedYuvLayout,
  PictureLayout,
  PlanarYuvLayout,
  ScalarLayout,
  YuvFactors,
} from './layout.ts'
import { elementReader } from './element-reader.ts'

/** How numbers become colours. */
export interface Tone {
  readonly map: ColorMap
  /** numbers shown as the first and the last colour, in the unit of the layout */
  readonly low: number
  readonly high: number
}

/** Colour of a pixel that has no value (NaN, no depth). */
export const NO_VALUE: readonly [number, number, number] = [30, 32, 36]

/** The pixels of one frame. Columns and rows must be in the picture. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** R, G, B in three bytes of a number: 0xRRGGBB */
  rgb(x: number, y: number): number
  /** in the unit of the layout, NaN = no value; undefined for pictures in colour */
  readonly scalar: ((x: number, y: number) => number) | undefined
  /** the pixel as the source has it: `Y 81`, `U 90`, `V 240` */
  values(x: number, y: number): readonly string[]
}

/**
 * Reads single pixels of a frame; the shader of the page does the same for all of them at once.
 *
 * ```ts
 * const pixels = pixelsOf(layout, bytes, { map: 'turbo', low: 0, high: 4 })
 * pixels.values(320, 240) // ['1.204 m']
 * ```
 *
 * Chroma is not interpolated: a pixel has that of its block. Bayer is interpolated bilinearly.
 *
 * @throws RangeError when there are fewer bytes than the layout needs
 */
export function pixelsOf(layout: PictureLayout, bytes: Uint8Array, tone: Tone): Pixels {
  if (bytes.length < layout.bytes) {
    throw new RangeError(`The frame has ${bytes.length} bytes of ${layout.bytes}.`)
  }
  switch (layout.kind) {
    case 'rgb': {
      const { channels, order, width, height } = layout
      const [r, g, b] = order
      const at = (x: number, y: number): number => channels * (y * width + x)
      return {
        width,
        height,
        scalar: undefined,
        rgb: (x, y) => {
          const i = at(x, y)
          return (bytes[i + r]! << 16) | (bytes[i + g]! << 8) | bytes[i + b]!
        },
        values: (x, y) => {
          const i = at(x, y)
          const rgb = [`R ${bytes[i + r]!}`, `G ${bytes[i + g]!}`, `B ${bytes[i + b]!}`]
          return channels === 4 ? [...rgb, `A ${bytes[i + 3]!}`] : rgb
        },
      }
    }
    case 'yuv422':
    case 'yuv420': {
      const yuv = layout.kind === 'yuv422' ? packedYuv(layout, bytes) : planarYuv(layout, bytes)
      return {
        width: layout.width,
        height: layout.height,
        scalar: undefined,
        rgb: (x, y) => fromYuv(layout.factors, yuv(x, y)),
        values: (x, y) => {
          const at = yuv(x, y)
          return [`Y ${at >> 16}`, `U ${(at >> 8) & 255}`, `V ${at & 255}`]
        },
      }
    }
    case 'bayer':
      return bayerPixels(layout, bytes)
    case 'scalar':
      return scalarPixels(layout, bytes, tone)
  }
}

/** Y, U, V in three bytes of a number, since a list of them would be garbage for each pixel. */
type Yuv = (x: number, y: number) => number

function packedYuv({ width, y: first, u, v }: PackedYuvLayout, bytes: Uint8Array): Yuv {
  const stride = 4 * Math.ceil(width / 2)
  return (x, y) => {
    const block = y * stride + 4 * (x >> 1)
    return (
      (bytes[block + first + 2 * (x & 1)]! << 16) | (bytes[block + u]! << 8) | bytes[block + v]!
    )
  }
}

function planarYuv({ width, u, v, step, stride }: PlanarYuvLayout, bytes: Uint8Array): Yuv {
  return (x, y) => {
    const chroma = (y >> 1) * stride + step * (x >> 1)
    return (bytes[y * width + x]! << 16) | (bytes[u + chroma]! << 8) | bytes[v + chroma]!
  }
}

function fromYuv(f: YuvFactors, yuv: number): number {
  const luma = f.yScale * ((yuv >> 16) - f.yOffset)
  const cu = ((yuv >> 8) & 255) - 128
  const cv = (yuv & 255) - 128
  const r = level(luma + f.rv * cv)
  const g = level(luma + f.gu * cu + f.gv * cv)
  const b = level(luma + f.bu * cu)
  return (r << 16) | (g << 8) | b
}

function level(value: number): number {
  return Math.min(Math.max(Math.round(value), 0), 255)
}

function bayerPixels(layout: BayerLayout, bytes: Uint8Array): Pixels {
  const { width, height, bits, red } = layout
  const sample = elementReader(bits === 8 ? 'uint8' : 'uint16', bytes)
  const shrink = bits === 8 ? 1 : 257
  // Mirrored at the edges, so that a neighbour beyond keeps its colour.
  const inside = (i: number, n: number): number =>
    n === 1 ? 0 : i < 0 ? -i : i >= n ? 2 * n - 2 - i : i
  const raw = (x: number, y: number): number => sample(inside(y, height) * width + inside(x, width))
  const mean = (x: number, y: number, around: readonly (readonly [number, number])[]): number =>
    around.reduce((sum, [dx, dy]) => sum + raw(x + dx, y + dy), 0) / around.length
  const beside = [
    [-1, 0],
    [1, 0],
  ] as const
  const above = [
    [0, -1],
    [0, 1],
  ] as const
  const cross = [...beside, ...above]
  const corners = [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ] as const
  /** 0: red, 1: green in a red row, 2: green in a blue row, 3: blue */
  const site = (x: number, y: number): number => ((x + red[0]) & 1) + 2 * ((y + red[1]) & 1)
  const pack = (r: number, g: number, b: number): number =>
    (level(r / shrink) << 16) | (level(g / shrink) << 8) | level(b / shrink)
  return {
    width,
    height,
    scalar: undefined,
    rgb: (x, y) => {
      const own = raw(x, y)
      switch (site(x, y)) {
        case 0:
          return pack(own, mean(x, y, cross), mean(x, y, corners))
        case 1:
          return pack(mean(x, y, beside), own, mean(x, y, above))
        case 2:
          return pack(mean(x, y, above), own, mean(x, y, beside))
        default:
          return pack(mean(x, y, corners), mean(x, y, cross), own)
      }
    },
    values: (x, y) => [`${['R', 'G', 'G', 'B'][site(x, y)]!} ${raw(x, y)}`],
  }
}

function scalarPixels(layout: ScalarLayout, bytes: Uint8Array, tone: Tone): Pixels {
  const { width, height, element, scale, unit, zeroIsNone } = layout
  const sample = elementReader(element, bytes)
  const table = colorTable(tone.map)
  const span = tone.high - tone.low || 1
  const scalar = (x: number, y: number): number => {
    const value = sample(y * width + x)
    return value === 0 && zeroIsNone ? Number.NaN : value * scale
  }
  return {
    width,
    height,
    scalar,
    rgb: (x, y) => {
      const value = scalar(x, y)
      if (Number.isNaN(value)) return (NO_VALUE[0] << 16) | (NO_VALUE[1] << 8) | NO_VALUE[2]
      const i = 4 * level((255 * (value - tone.low)) / span)
      return (table[i]! << 16) | (table[i + 1]! << 8) | table[i + 2]!
    },
    values: (x, y) => {
      const value = scalar(x, y)
      if (Number.isNaN(value)) return ['no value']
      return [unit === '' ? plain(value) : `${value.toFixed(3)} ${unit}`]
    },
  }
}

function plain(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
}
