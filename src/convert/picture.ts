import { FrameringError } from '../errors/framering-error.ts'
import type { ColorDescription, FourccInfo, Plane } from '../format/index.ts'
import { FOURCCS, fourccInfo, resolveFormat } from '../format/index.ts'
import { NdArray } from '../ndarray/index.ts'
import { show } from '../options/index.ts'
import { Frame } from '../ring/index.ts'

/** Pixels in memory: bytes, 16-bit or float elements, or an array of them. */
export type PictureData = Uint8Array | Uint16Array | Float32Array | NdArray

/** A picture somewhere in memory. A `Frame` is one as it is. */
export interface Picture {
  readonly data: PictureData
  /** a code of FOURCCS or an alias */
  readonly fourcc: string
  /** pixels */
  readonly width: number
  /** pixels */
  readonly height: number
  /** bytes, from the start of `data`; default: rows and planes follow each other without padding */
  readonly planes?: readonly Plane[] | undefined
  /** what the numbers of YUV mean; default: BT.601, limited range */
  readonly color?: ColorDescription | undefined
}

/** A picture that was made: its bytes are `data` and nothing else. */
export interface ConvertedPicture extends Picture {
  readonly data: Uint8Array
  readonly planes: readonly Plane[]
  readonly color: ColorDescription
}

/** A picture whose planes lie within its bytes. */
export interface CheckedPicture {
  readonly bytes: Uint8Array
  readonly info: FourccInfo
  readonly width: number
  readonly height: number
  readonly planes: readonly Plane[]
  readonly color: ColorDescription
}

/** The sides that are converted; see FR_MAX_SIDE in framering_convert.h. */
export const MAX_SIDE = 2 ** 20

/**
 * @throws FORMAT_INVALID for a fourcc, size, plane or colour that makes no sense, SHAPE_MISMATCH when the
 * planes do not lie in the data, RELEASED for a frame whose lease is over
 */
export function checkPicture(picture: Picture | Frame, what: string): CheckedPicture {
  if (picture instanceof Frame) return checkFrame(picture)
  if (typeof picture !== 'object' || (picture as unknown) === null) {
    throw invalid(
      `the ${what} is ${show(picture)}; give { data, fourcc, width, height } or a frame`,
    )
  }
  const { data, fourcc, width, height, planes, color } = picture
  for (const [side, pixels] of Object.entries({ width, height })) {
    if (pixels > MAX_SIDE) {
      throw invalid(`the ${side} of the ${what} is ${pixels}; at most ${MAX_SIDE} are converted`)
    }
  }
  const format = resolveFormat({ format: { fourcc, width, height, color } })
  const info = fourccInfo(format.fourcc) as FourccInfo
  const { bytes, stride } = bytesOf(data, info, what)
  if (info.opaque) return { bytes, info, width, height, planes: [], color: format.color }
  let places = planes ?? format.planes
  if (planes === undefined && stride !== undefined) places = [{ offset: 0, stride }]
  checkPlanes(places, info, [width, height], bytes.length, what)
  return { bytes, info, width, height, planes: places, color: format.color }
}

/** Bytes from the start of `data` to the end of the last row of the last plane. */
export function reachOf(
  info: FourccInfo,
  planes: readonly Plane[],
  width: number,
  height: number,
): number {
  return planes.reduce((most, { offset, stride }, i) => {
    const { bytes, across, down } = info.planes[i]!
    const rows = Math.ceil(height / down)
    return Math.max(most, offset + (rows - 1) * stride + bytes * Math.ceil(width / across))
  }, 0)
}

function checkFrame(frame: Frame): CheckedPicture {
  const { fourcc, width, height, planes, color, dtype, shape } = frame.format
  const info = fourccInfo(fourcc)
  if (info === undefined) {
    throw invalid(
      `the frame is ${fourcc === '' ? 'an array' : fourcc} of ${dtype} [${shape.join(', ')}] and no ` +
        "picture; give { data: frame.array, fourcc: 'RGB3', width, height } to say what it is",
    )
  }
  if (frame.released) {
    throw new FrameringError(
      'RELEASED',
      `frame ${frame.sequence} was released before it was converted; convert it while it is leased`,
    )
  }
  const bytes = frame.data
  if (!info.opaque) checkPlanes(planes, info, [width, height], bytes.length, 'frame')
  return { bytes, info, width, height, planes: info.opaque ? [] : planes, color }
}

function checkPlanes(
  planes: readonly Plane[],
  info: FourccInfo,
  [width, height]: readonly [number, number],
  available: number,
  what: string,
): void {
  if (!Array.isArray(planes) || planes.length !== info.planes.length) {
    throw invalid(`${info.fourcc} has ${info.planes.length} planes, and the ${what} another number`)
  }
  for (const [i, { offset, stride }] of planes.entries()) {
    const { bytes, across } = info.planes[i]!
    const row = bytes * Math.ceil(width / across)
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw invalid(`planes[${i}].offset of the ${what} is ${show(offset)}; give bytes, 0 or more`)
    }
    if (!Number.isSafeInteger(stride) || stride < row) {
      throw invalid(
        `planes[${i}].stride of the ${what} is ${show(stride)}; give the ${row} bytes of a row, or more`,
      )
    }
  }
  const needed = reachOf(info, planes, width, height)
  if (needed <= available) return
  throw new FrameringError(
    'SHAPE_MISMATCH',
    `a ${info.fourcc} picture of ${width} × ${height} needs ${needed} bytes and the ${what} has ` +
      `${available}; check its size and planes`,
    { needed, available },
  )
}

/** `stride`: of an array whose rows do not follow each other without gaps. */
function bytesOf(
  data: PictureData,
  info: FourccInfo,
  what: string,
): { bytes: Uint8Array; stride?: number } {
  if (data instanceof NdArray) return bytesOfArray(data, info, what)
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    if (data instanceof Uint8Array) return { bytes: data }
    // On a buffer that was transferred to somebody no other array can be made.
    if (data.byteLength === 0) return { bytes: new Uint8Array(0) }
    return { bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
  }
  throw invalid(`the data of the ${what} is ${show(data)}; give a Uint8Array or an NdArray`)
}

function bytesOfArray(
  array: NdArray,
  info: FourccInfo,
  what: string,
): { bytes: Uint8Array; stride?: number } {
  const { data, dtype, itemsize, shape, strides, offset, size } = array
  if (dtype !== info.dtype && dtype !== 'uint8') {
    throw new FrameringError(
      'DTYPE_MISMATCH',
      `${info.fourcc} has elements of ${info.dtype}, and the ${what} is an array of ${dtype}`,
    )
  }
  const start = data.byteOffset + offset * itemsize
  if (array.isContiguous) return { bytes: new Uint8Array(data.buffer, start, size * itemsize) }
  const [rows = 0, columns = 0, channels = 1] = shape
  const [step = 0, pixel = 0, element = 1] = strides
  const rowByRow =
    info.planes.length === 1 && element === 1 && pixel === channels && step >= columns * channels
  if (!rowByRow || shape.length > 3 || channels !== info.channels) {
    throw invalid(
      `the pixels of the ${what} do not stand side by side in its array; give a copy() of it`,
    )
  }
  const reach = (rows - 1) * step + columns * channels
  return { bytes: new Uint8Array(data.buffer, start, reach * itemsize), stride: step * itemsize }
}

/** The message of a format that is none. */
export function invalid(message: string): FrameringError {
  return new FrameringError('FORMAT_INVALID', message)
}

/** The row of a format that is asked for by name. */
export function knownFormat(option: string, fourcc: unknown): FourccInfo {
  const info = typeof fourcc === 'string' ? fourccInfo(fourcc) : undefined
  if (info !== undefined) return info
  const known = FOURCCS.map((row) => row.fourcc.trimEnd()).join(', ')
  throw invalid(`${option} is ${show(fourcc)}; give one of ${known}`)
}
