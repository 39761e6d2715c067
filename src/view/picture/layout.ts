import { fourccInfo } from '../../format/fourcc.ts'
import { planeRows } from '../../format/planes.ts'
import type { ViewFormat } from '../protocol.ts'
import type { ColorMap } from './color-maps.ts'

/** What `scalar` pixels are made of; what a typed array can show. */
export type Element =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64'

interface Sized {
  /** pixels */
  readonly width: number
  readonly height: number
  /** bytes that a frame must have */
  readonly bytes: number
}

/** Bytes of a pixel side by side. */
export interface RgbLayout extends Sized {
  readonly kind: 'rgb'
  readonly channels: 3 | 4
  /** of red, green and blue in a pixel */
  readonly order: readonly [number, number, number]
}

/** From Y, U, V (0…255) to R, G, B: see `yuvFactors`. */
export interface YuvFactors {
  readonly yOffset: number
  readonly yScale: number
  readonly rv: number
  readonly gu: number
  readonly gv: number
  readonly bu: number
}

/** Two pixels in four bytes: where the first Y, the U and the V stand. */
export interface PackedYuvLayout extends Sized {
  readonly kind: 'yuv422'
  readonly y: number
  readonly u: number
  readonly v: number
  readonly factors: YuvFactors
}

/** Y for each pixel, U and V for each 2 × 2. */
export interface PlanarYuvLayout extends Sized {
  readonly kind: 'yuv420'
  /** bytes from the start of the frame to the first U and V */
  readonly u: number
  readonly v: number
  /** bytes from one U to the next: 2 where U and V take turns */
  readonly step: 1 | 2
  /** bytes of a chroma row */
  readonly stride: number
  readonly factors: YuvFactors
}

/** One colour a pixel, in squares of four. */
export interface BayerLayout extends Sized {
  readonly kind: 'bayer'
  readonly bits: 8 | 16
  /** column and row, 0 or 1, of red in a square */
  readonly red: readonly [number, number]
}

/** One number a pixel. */
export interface ScalarLayout extends Sized {
  readonly kind: 'scalar'
  readonly element: Element
  /** what a number is multiplied by to be one of `unit` */
  readonly scale: number
  readonly unit: '' | 'm'
  /** 0 stands for no value */
  readonly zeroIsNone: boolean
  /** what to show it with, unless told otherwise; undefined range: from the values there are */
  readonly map: ColorMap
  readonly range: readonly [low: number, high: number] | undefined
}

export type PictureLayout =
  RgbLayout | PackedYuvLayout | PlanarYuvLayout | BayerLayout | ScalarLayout

const ORDERS: Readonly<Record<string, readonly [number, number, number]>> = {
  RGB3: [0, 1, 2],
  BGR3: [2, 1, 0],
  RGBA: [0, 1, 2],
  BGRA: [2, 1, 0],
}

const RED: Readonly<Record<string, readonly [number, number]>> = {
  RGGB: [0, 0],
  GRBG: [1, 0],
  GBRG: [0, 1],
  BA81: [1, 1],
  RG16: [0, 0],
  GR16: [1, 0],
  GB16: [0, 1],
  BYR2: [1, 1],
}

const ITEM_BYTES: Readonly<Record<Element, number>> = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
}

const LINE = 1024 // pixels of a row when the frame has one axis only

/**
 * How to find the pixels of a frame, or why there are none to be seen.
 *
 * ```ts
 * const layout = layoutOf(info.format)
 * if (typeof layout === 'string') showReason(layout)
 * ```
 *
 * MJPG has no layout before it is decoded. An array that is no picture is shown as one anyway: its last
 * axis across, the others down.
 */
export function layoutOf(format: ViewFormat): PictureLayout | string {
  const { fourcc, width, height, dtype } = format
  const info = fourccInfo(fourcc)
  if (fourcc === '') return arrayLayout(format)
  if (info === undefined) return `The viewer does not know the format ${fourcc}.`
  if (info.opaque) {
    const remedy =
      'Publish the decoded pictures in another ring, or record this one with ffmpegSink.'
    return `The viewer cannot decode ${info.fourcc}. ${remedy}`
  }
  const rows = planeRows(info, width, height)
  const last = rows.at(-1)!
  const size = { width, height, bytes: last.offset + last.stride * last.rows }
  switch (info.model) {
    case 'rgb':
      return {
        kind: 'rgb',
        ...size,
        channels: info.channels as 3 | 4,
        order: ORDERS[info.fourcc] ?? [0, 1, 2],
      }
    case 'yuv': {
      const factors = yuvFactors(format)
      if (rows.length === 1) {
        const [y, u, v] = info.fourcc === 'YUYV' ? [0, 1, 3] : [1, 0, 2]
        return { kind: 'yuv422', ...size, y, u, v, factors }
      }
      const chroma = rows[1]!
      const { offset, stride } = chroma
      if (info.fourcc === 'I420') {
        return {
          kind: 'yuv420',
          ...size,
          u: offset,
          v: rows[2]!.offset,
          step: 1,
          stride,
          factors,
        }
      }
      const swap = info.fourcc === 'NV21' ? 1 : 0
      return {
        kind: 'yuv420',
        ...size,
        u: offset + swap,
        v: offset + 1 - swap,
        step: 2,
        stride,
        factors,
      }
    }
    case 'bayer':
      return {
        kind: 'bayer',
        ...size,
        bits: dtype === 'uint16' ? 16 : 8,
        red: RED[info.fourcc] ?? [0, 0],
      }
    case 'depth':
      // Millimetres in 16 bits, metres as floats: REP 118 of ROS, and what depth cameras give.
      return {
        kind: 'scalar',
        ...size,
        element: dtype as Element,
        scale: dtype === 'uint16' ? 0.001 : 1,
        unit: 'm',
        zeroIsNone: dtype === 'uint16',
        map: 'turbo',
        range: undefined,
      }
    default:
      return grey(size, dtype as Element)
  }
}

function grey(size: Sized, element: Element): ScalarLayout {
  const most = element === 'uint8' ? 255 : element === 'uint16' ? 65535 : undefined
  return {
    kind: 'scalar',
    ...size,
    element,
    scale: 1,
    unit: '',
    zeroIsNone: false,
    map: most === undefined ? 'viridis' : 'grey',
    range: most === undefined ? undefined : [0, most],
  }
}

function arrayLayout({ dtype, shape }: ViewFormat): PictureLayout | string {
  const itemBytes = ITEM_BYTES[dtype as Element] as number | undefined
  if (itemBytes === undefined) return `The viewer shows no arrays of ${dtype}.`
  const count = shape.reduce((product, length) => product * length, 1)
  if (count === 0) return 'The array has no elements.'
  const [height = 1, width = 1, channels = 0] = shape
  if (dtype === 'uint8' && shape.length === 3 && (channels === 3 || channels === 4)) {
    return { kind: 'rgb', width, height, bytes: count, channels, order: [0, 1, 2] }
  }
  const across = shape.length >= 2 ? shape.at(-1)! : Math.min(count, LINE)
  // A last row that is not full is left out.
  const size = { width: across, height: Math.floor(count / across), bytes: count * itemBytes }
  return grey(size, dtype as Element)
}

/** Red and blue's share of the luma, by the matrix numbers of ITU-T H.273. */
const SHARES: Readonly<Record<number, readonly [red: number, blue: number]>> = {
  1: [0.2126, 0.0722],
  9: [0.2627, 0.0593],
  10: [0.2627, 0.0593],
}
const BT601: readonly [number, number] = [0.299, 0.114]

/**
 * The factors of ITU-R BT.601, BT.709 or BT.2020: `r = yScale·(Y − yOffset) + rv·(V − 128)` and so on.
 * Unspecified: BT.601 with limited range, as ffmpeg takes it.
 */
function yuvFactors({ color }: ViewFormat): YuvFactors {
  const [kr, kb] = SHARES[color.matrix] ?? BT601
  const kg = 1 - kr - kb
  const full = color.range === 1
  const chroma = full ? 1 : 255 / 224
  return {
    yOffset: full ? 0 : 16,
    yScale: full ? 1 : 255 / 219,
    rv: chroma * 2 * (1 - kr),
    gu: (chroma * -2 * kb * (1 - kb)) / kg,
    gv: (chroma * -2 * kr * (1 - kr)) / kg,
    bu: chroma * 2 * (1 - kb),
  }
}
