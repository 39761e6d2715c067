import { FrameringError } from '../errors/framering-error.ts'
import { type DType, DTYPES, isDType, itemsizeOf } from '../ndarray/index.ts'
import { type ColorDescription, defaultColor } from './color.ts'
import { FOURCCS, type FourccInfo, fourccInfo } from './fourcc.ts'
import { type Plane, planeRows } from './planes.ts'
import { show } from '../options/index.ts'

/** A picture: a code of {@link FOURCCS} or an alias, and its size in pixels. */
export interface PictureFormat {
  readonly fourcc: string
  readonly width: number
  readonly height: number
  /** default: unspecified; RGB formats: full range, no matrix */
  readonly color?: ColorDescription | undefined
}

/** What a writer is asked to carry: a picture or any array. */
export type FormatSpec =
  | {
      readonly format: PictureFormat
      /** compressed formats only: bytes of the longest frame; default max(2 · width · height, 65536) */
      readonly capacity?: number | undefined
      readonly dtype?: undefined
      readonly shape?: undefined
    }
  | {
      readonly dtype: DType
      readonly shape: readonly number[]
      readonly format?: undefined
      readonly capacity?: undefined
    }

/** What the bytes of a frame are; the same for all frames of an epoch. */
export interface FrameFormat {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** four characters; '' = plain array */
  readonly fourcc: string
  /** pixels; 0 for a plain array */
  readonly width: number
  readonly height: number
  /** empty for plain arrays and compressed pictures */
  readonly planes: readonly Plane[]
  /** bytes of a whole frame; for compressed pictures the most a frame may have */
  readonly bytes: number
  readonly color: ColorDescription
}

/** A specification before it is checked. */
interface Given {
  readonly format?: PictureFormat | null | undefined
  readonly capacity?: number | undefined
  readonly dtype?: unknown
  readonly shape?: unknown
}

const MAX_DIMS = 8
const MAX_SIDE = 0xffff_ffff // width and height are 32-bit words of the frame header
const MIN_CAPACITY = 65536 // headers and tables alone make a tiny JPEG longer than its pixels

/**
 * Works out dtype, shape, planes and length of the frames a specification asks for.
 *
 * ```ts
 * resolveFormat({ format: { fourcc: 'RGB3', width: 1920, height: 1080 } })
 * // { dtype: 'uint8', shape: [1080, 1920, 3], planes: [{ offset: 0, stride: 5760 }], bytes: 6220800, … }
 * resolveFormat({ dtype: 'float32', shape: [480, 640] }).bytes // 1228800
 * ```
 *
 * Shapes: RGB3, BGR3 `[h, w, 3]`; RGBA, BGRA `[h, w, 4]`; GREY, Y16, Z16, Bayer, 32FC1 `[h, w]`; YUYV,
 * UYVY `[h, w, 2]` with an odd width rounded up, as pixels come in pairs; NV12, NV21, I420 `[h·3/2, w]`
 * when both sides are even, else flat `[bytes]`; compressed formats `[capacity]`.
 *
 * @throws FORMAT_INVALID for an unknown fourcc or dtype; for sizes that are zero, negative, fractional,
 * NaN or larger than the header holds (sides 2³²−1, 8 dimensions, 2⁵³−1 bytes)
 */
export function resolveFormat(spec: FormatSpec): FrameFormat {
  const { format, capacity, dtype, shape } = Object(spec) as Given
  if (format !== undefined && (dtype !== undefined || shape !== undefined)) {
    throw invalid('give either `format` (a picture) or `dtype` and `shape` (an array), not both')
  }
  if (typeof format === 'object' && format !== null) return pictureFormat(format, capacity)
  if (dtype !== undefined) {
    if (capacity === undefined) return arrayFormat(dtype, shape)
    throw invalid('`capacity` is for compressed pictures; an array has the length of its shape')
  }
  throw invalid(
    'give `format: { fourcc, width, height }` for a picture or `dtype` and `shape` for an array',
  )
}

/**
 * The specification that makes a writer for what a source produces.
 *
 * ```ts
 * const source = testPattern({ width: 640, height: 480 })
 * const writer = createWriter('front', specOf(source.format))
 * ```
 *
 * @throws FORMAT_INVALID for what is no FrameFormat
 */
export function specOf(format: FrameFormat): FormatSpec {
  if (typeof (format as Partial<FrameFormat> | null | undefined)?.fourcc !== 'string') {
    throw invalid(
      `specOf takes a FrameFormat, got ${show(format)}; give source.format or frame.format`,
    )
  }
  const { fourcc, width, height, color, dtype, shape, bytes } = format
  if (fourcc === '') return { dtype, shape }
  const picture = { fourcc, width, height, color }
  return fourccInfo(fourcc)?.opaque ? { format: picture, capacity: bytes } : { format: picture }
}

function pictureFormat(picture: PictureFormat, capacity: number | undefined): FrameFormat {
  const { fourcc, width, height, color } = picture
  const info = typeof fourcc === 'string' ? fourccInfo(fourcc) : undefined
  if (info === undefined) {
    const known = FOURCCS.map((row) => row.fourcc.trimEnd()).join(', ')
    throw invalid(`\`fourcc\` must be one of ${known}; got ${show(fourcc)}`)
  }
  checkSide('width', width)
  checkSide('height', height)
  if (capacity !== undefined && !info.opaque) {
    throw invalid(`\`capacity\` is for compressed formats; a ${info.fourcc} frame has one length`)
  }
  const planes = info.opaque ? [] : planeRows(info, width, height)
  const last = planes.at(-1)
  const bytes = last ? last.offset + last.stride * last.rows : capacityOf(capacity, width, height)
  checkBytes(bytes, `a ${info.fourcc} picture of ${width} × ${height}`)
  return {
    dtype: info.dtype,
    shape: pictureShape(info, width, height, bytes),
    fourcc: info.fourcc,
    width,
    height,
    planes: planes.map(({ offset, stride }) => ({ offset, stride })),
    bytes,
    color: color === undefined ? defaultColor(info.model) : checkColor(color),
  }
}

function pictureShape(info: FourccInfo, width: number, height: number, bytes: number): number[] {
  if (info.opaque) return [bytes]
  if (info.planes.length > 1) {
    return width % 2 === 0 && height % 2 === 0 ? [(height / 2) * 3, width] : [bytes]
  }
  const across = info.planes[0]?.across ?? 1
  const stored = Math.ceil(width / across) * across
  return info.channels === 1 ? [height, stored] : [height, stored, info.channels]
}

function arrayFormat(dtype: unknown, shape: unknown): FrameFormat {
  if (!isDType(dtype)) {
    throw invalid(`\`dtype\` must be one of ${DTYPES.join(', ')}; got ${show(dtype)}`)
  }
  if (!Array.isArray(shape))
    throw invalid(`\`shape\` must be an array of sizes, got ${show(shape)}`)
  if (shape.length > MAX_DIMS) {
    throw invalid(`\`shape\` may have at most ${MAX_DIMS} dimensions, got ${shape.length}`)
  }
  const sizes = shape as readonly number[]
  sizes.forEach((size, i) => {
    checkSize(`shape[${i}]`, size, Number.MAX_SAFE_INTEGER)
  })
  const bytes = sizes.reduce((product, size) => product * size, itemsizeOf(dtype))
  checkBytes(bytes, `${dtype} [${sizes.join(', ')}]`)
  return {
    dtype,
    shape: [...sizes],
    fourcc: '',
    width: 0,
    height: 0,
    planes: [],
    bytes,
    color: defaultColor(),
  }
}

function capacityOf(capacity: number | undefined, width: number, height: number): number {
  if (capacity === undefined) return Math.max(2 * width * height, MIN_CAPACITY)
  checkSize('capacity', capacity, Number.MAX_SAFE_INTEGER)
  return capacity
}

function checkColor(color: ColorDescription): ColorDescription {
  if (typeof color !== 'object' || (color as unknown) === null) {
    throw invalid(`\`color\` must be { primaries, transfer, matrix, range }, got ${show(color)}`)
  }
  const { primaries, transfer, matrix, range } = color
  for (const [name, code] of Object.entries({ primaries, transfer, matrix, range })) {
    const most = name === 'range' ? 2 : 255
    if (!Number.isInteger(code) || code < 0 || code > most) {
      throw invalid(`\`color.${name}\` must be an H.273 code 0…${most}, got ${show(code)}`)
    }
  }
  return { primaries, transfer, matrix, range }
}

function checkSide(name: string, value: unknown): void {
  checkSize(name, value, MAX_SIDE)
}

function checkSize(name: string, value: unknown, most: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most) {
    throw invalid(`\`${name}\` must be a whole number from 1 to ${most}, got ${show(value)}`)
  }
}

function checkBytes(bytes: number, what: string): void {
  if (bytes > Number.MAX_SAFE_INTEGER) {
    throw invalid(`${what} would take more than 2^53 - 1 bytes; make it smaller`)
  }
}

function invalid(message: string): FrameringError {
  return new FrameringError('FORMAT_INVALID', message)
}
