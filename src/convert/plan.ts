import { FrameringError } from '../errors/framering-error.ts'
import type { ColorDescription, FourccInfo, Plane } from '../format/index.ts'
import { packFourcc } from '../format/index.ts'
import { Plan, PlanPicture } from '../native/index.ts'
import { colorMap } from './color-map.ts'
import { usesOwnOnly } from './converters.ts'
import type { Geometry, PictureOptions } from './options.ts'
import { noValueOf, valueRangeOf, yuvColor } from './options.ts'
import type { CheckedPicture } from './picture.ts'

/** One side of a conversion. */
export interface Side {
  readonly bytes: Uint8Array
  /** a fourcc, packed; or TENSOR */
  readonly code: number
  /** undefined: a tensor */
  readonly info: FourccInfo | undefined
  readonly width: number
  readonly height: number
  readonly planes: readonly Plane[]
  readonly color: ColorDescription
}

/** All that the native side is given. */
export interface NativePlan {
  readonly source: Uint8Array
  readonly target: Uint8Array
  readonly figures: Float64Array
  readonly map: Uint8Array | undefined
}

/** FR_TENSOR of framering_convert.h. */
export const TENSOR = packFourcc('TENS')

/** Depth is a value for every pixel that has one; grey has one for each. */
export function isDepth(info: FourccInfo): boolean {
  return info.model === 'depth'
}

function isValues(info: FourccInfo): boolean {
  return info.model === 'depth' || info.fourcc === 'Y16 '
}

/** @throws UNSUPPORTED, naming the pair and the way round */
export function checkPair(from: FourccInfo, to: FourccInfo): void {
  const pair = `${from.fourcc.trimEnd()} to ${to.fourcc.trimEnd()}`
  for (const info of [from, to]) {
    if (!info.opaque || info.fourcc === 'MJPG') continue
    throw new FrameringError(
      'UNSUPPORTED',
      `${pair}: ${info.fourcc} is a stream of packets; let ffmpeg encode or decode it`,
    )
  }
  if (from.fourcc === to.fourcc && !from.opaque) return
  if (to.model === 'bayer') {
    throw new FrameringError(
      'UNSUPPORTED',
      `${pair} is not converted: Bayer is only a source; convert to GREY or RGB3`,
    )
  }
  if (isValues(to)) {
    throw new FrameringError(
      'UNSUPPORTED',
      `${pair} is not converted: ${to.fourcc.trimEnd()} is only a source; take GREY, or compute the ` +
        'values in the array',
    )
  }
  if (from.opaque && to.opaque) {
    throw new FrameringError('UNSUPPORTED', `${pair}: it is one already; copy its bytes`)
  }
}

/** Source and target as they are, with the options of the way between them. */
export function planOf(
  source: CheckedPicture,
  target: Side,
  geometry: Geometry,
  options: PictureOptions,
): NativePlan {
  const figures = new Float64Array(Plan.Length)
  const code = packFourcc(source.info.fourcc)
  const toYuv = target.info?.model === 'yuv'
  // Of two YUV sides the options tell the target. Where neither is YUV, how grey comes of RGB.
  const yuv = source.info.model === 'yuv' ? source.color : undefined
  const sourceColor = yuvColor(yuv, toYuv && yuv !== undefined ? {} : options)
  writePicture(figures, Plan.Source, { ...source, code, color: sourceColor })
  writePicture(figures, Plan.Target, toYuv ? target : { ...target, color: sourceColor })
  const { crop } = geometry
  figures[Plan.Crop] = crop.x
  figures[Plan.Crop + 1] = crop.y
  figures[Plan.Crop + 2] = crop.width
  figures[Plan.Crop + 3] = crop.height
  figures[Plan.Resize] = geometry.nearest ? 1 : 0
  figures[Plan.Flip] = geometry.flip
  figures[Plan.Rotate] = geometry.rotate
  const depth = isDepth(source.info)
  const range = valueRangeOf(options.valueRange, depth)
  figures[Plan.Automatic] = range === undefined ? 1 : 0
  const [low, high] = range ?? [0, 1]
  figures[Plan.Low] = low
  figures[Plan.High] = high
  if (options.noValue !== undefined) figures.set(noValueOf(options.noValue), Plan.NoValue)
  figures[Plan.OwnOnly] = usesOwnOnly() ? 1 : 0
  const map = mapOf(source.info, target.info, options)
  return { source: source.bytes, target: target.bytes, figures, map }
}

/** Grey pictures stay grey unless somebody asks for the brightness of a map's colours. */
function mapOf(
  from: FourccInfo,
  to: FourccInfo | undefined,
  options: PictureOptions,
): Uint8Array | undefined {
  const given = options.colorMap === undefined ? undefined : colorMap(options.colorMap)
  if (given !== undefined) return isValues(from) ? given : undefined
  return isDepth(from) && to?.model !== 'grey' ? colorMap('turbo') : undefined
}

function writePicture(
  figures: Float64Array,
  at: number,
  { code, width, height, planes, color }: Omit<Side, 'bytes' | 'info'>,
): void {
  figures[at + PlanPicture.Fourcc] = code
  figures[at + PlanPicture.Width] = width
  figures[at + PlanPicture.Height] = height
  figures[at + PlanPicture.Matrix] = color.matrix
  figures[at + PlanPicture.FullRange] = color.range === 1 ? 1 : 0
  figures[at + PlanPicture.PlaneCount] = planes.length
  planes.forEach(({ offset, stride }, i) => {
    figures[at + PlanPicture.Planes + 2 * i] = offset
    figures[at + PlanPicture.Planes + 2 * i + 1] = stride
  })
}
