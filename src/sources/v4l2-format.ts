import { FrameringError } from '../errors/framering-error.ts'
import {
  type FourccInfo,
  type FrameFormat,
  FOURCCS,
  fourccInfo,
  packFourcc,
  planeRows,
  resolveFormat,
  unpackFourcc,
} from '../format/index.ts'
import type { NativeV4l2Format, NativeV4l2Rows } from '../native/index.ts'
import { colorOf } from './v4l2-color.ts'

/** Codes of linux/videodev2.h whose name is not that of the same format here. */
const OTHER_NAMES: readonly (readonly [v4l2: string, fourcc: string])[] = [
  ['AB24', 'RGBA'],
  ['AR24', 'BGRA'],
  ['YU12', 'I420'],
  ['JPEG', 'MJPG'],
  // each plane in a buffer of its own
  ['NM12', 'NV12'],
  ['NM21', 'NV21'],
  ['YM12', 'I420'],
]
/** Names here that mean nothing, or something else, there. */
const NOT_THERE = ['RGBA', 'BGRA', 'I420', 'R  F']

const known = new Map<number, FourccInfo>()
for (const row of FOURCCS) {
  if (!NOT_THERE.includes(row.fourcc)) known.set(packFourcc(row.fourcc), row)
}
for (const [v4l2, fourcc] of OTHER_NAMES) known.set(packFourcc(v4l2), fourccInfo(fourcc)!)

const SEPARATE = new Set(['NM12', 'NM21', 'YM12'].map(packFourcc))
// V4L2_FIELD_*: a buffer is a whole picture with ANY (unsaid), NONE and the three INTERLACED
const WHOLE_PICTURES = [0, 1, 4, 8, 9]
const MAX_BYTES = 2 ** 30

/** What a driver's pixelformat is here; undefined: nothing framering knows. */
export function formatOfDriver(pixelformat: number): FourccInfo | undefined {
  return known.get(pixelformat)
}

/** A driver's format as frames of a ring, and how one is put together from its buffers. */
export interface V4l2Layout {
  readonly format: FrameFormat
  /** none: compressed data, as it is */
  readonly rows: readonly NativeV4l2Rows[]
}

/**
 * Works out the frames a driver's format makes. Padding at the end of its rows is left out; planes in
 * buffers of their own are put one after the other.
 *
 * Strides of the planes that share a buffer follow from the first one's, as "Image Formats" of the
 * kernel's userspace-api/media/v4l lays them out.
 *
 * @throws FORMAT_INVALID for what is no whole progressive or interlaced picture of a known format, or
 * cannot be
 */
export function layoutOf(path: string, driver: NativeV4l2Format): V4l2Layout {
  const info = formatOfDriver(driver.pixelformat)
  const name = unpackFourcc(driver.pixelformat)
  if (info === undefined) throw unusable(path, `frames of format ${name}, which framering has not`)
  if (!WHOLE_PICTURES.includes(driver.field)) {
    throw unusable(path, 'the two fields of an interlaced picture one by one')
  }
  const { width, height } = driver
  const picture = { fourcc: info.fourcc, width, height, color: colorOf(driver, info.model) }
  if (info.opaque) {
    const capacity = driver.bytes[0] ?? 0
    if (capacity < 1 || capacity > MAX_BYTES) {
      throw unusable(path, `${name} frames of up to ${capacity} bytes`)
    }
    return { format: resolveFormat({ format: picture, capacity }), rows: [] }
  }
  const format = resolveFormat({ format: picture })
  const separate = SEPARATE.has(driver.pixelformat)
  if (driver.strides.length !== (separate ? info.planes.length : 1)) {
    throw unusable(path, `${name} in ${driver.strides.length} planes`)
  }
  return { format, rows: rowsOf(path, driver, info, separate) }
}

function rowsOf(
  path: string,
  driver: NativeV4l2Format,
  info: FourccInfo,
  separate: boolean,
): NativeV4l2Rows[] {
  const planes = planeRows(info, driver.width, driver.height)
  const first = info.planes[0]!
  const firstStride = driver.strides[0] || planes[0]!.stride
  let sourceOffset = 0
  return planes.map(({ offset, stride, rows }, i) => {
    const { bytes, across } = info.planes[i]!
    const share = (bytes * first.across) / (across * first.bytes)
    const sourceStride = separate
      ? driver.strides[i] || stride
      : Math.floor(i === 0 ? firstStride : firstStride * share)
    if (sourceStride < stride) {
      throw unusable(path, `rows of ${sourceStride} bytes where a row has ${stride}`)
    }
    const block = { rows, offset, stride, rowBytes: stride, sourceStride }
    const place = separate ? { plane: i, sourceOffset: 0 } : { plane: 0, sourceOffset }
    sourceOffset += sourceStride * rows
    return { ...place, ...block }
  })
}

function unusable(path: string, what: string): FrameringError {
  return new FrameringError(
    'FORMAT_INVALID',
    `${path} gives ${what}; choose another format or size (v4l2Devices() lists them), ` +
      'or use the ffmpeg source',
  )
}
