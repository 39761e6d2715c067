import type { Plane } from '../format/index.ts'
import { Plan } from '../native/index.ts'
import { Frame } from '../ring/index.ts'
import { usesOwnOnly } from './converters.ts'
import type { ConvertOptions } from './options.ts'
import type { CheckedPicture, Picture } from './picture.ts'
import { reachOf } from './picture.ts'
import type { NativePlan } from './plan.ts'
import type { Target } from './target.ts'
import { isMemory, placeOf } from './target.ts'

/** A conversion as the native side takes it, and where its result goes. */
export interface Prepared {
  readonly plan: NativePlan
  readonly target: Target
}

type Numbers = Readonly<Record<string, number>>

/** What a plan depends on, as it was given. Copies: what was given may be changed later. */
interface Given {
  readonly fourcc: string
  readonly width: number
  readonly height: number
  readonly planes: readonly Plane[] | undefined
  readonly color: Numbers | undefined
  readonly to: string | undefined
  readonly filter: ConvertOptions['filter']
  readonly flip: ConvertOptions['flip']
  readonly rotate: ConvertOptions['rotate']
  readonly matrix: ConvertOptions['matrix']
  readonly range: ConvertOptions['range']
  readonly quality: number | undefined
  readonly colorMap: ConvertOptions['colorMap']
  readonly crop: Numbers | undefined
  readonly size: Numbers | undefined
}

interface Recent {
  readonly given: Given
  /** the least that the source must have */
  readonly sourceBytes: number
  readonly targetBytes: number
  readonly plan: NativePlan
  readonly target: Target
}

/** A program converts in few ways, each many times: once a frame. */
const MOST = 8

const recent: Recent[] = []
let oldest = 0

/**
 * The plan of an equal conversion that was prepared before, on the memory of this one. Preparing takes
 * 5 µs, in which libyuv does a fifth of a VGA picture, and looking here less than 1.
 *
 * Nothing is refused here: what does not fit, or is not memory, is undefined and goes the long way,
 * which says what is wrong. Keys of `options` were checked.
 */
export function recentPlan(
  picture: Picture | Frame,
  options: ConvertOptions,
): Prepared | undefined {
  if (recent.length === 0 || !isPlain(options)) return undefined
  const { into } = options
  // Last of all: options and pictures may have getters, and a getter may end a lease.
  if (!isMemory(into) || typeof picture !== 'object' || (picture as unknown) === null) return
  const found = find(picture instanceof Frame ? picture.format : picture, options)
  if (found === undefined) return undefined
  const { data } = picture
  const { plan, target, sourceBytes, targetBytes } = found
  if (!(data instanceof Uint8Array) || !ArrayBuffer.isView(data)) return undefined
  if (data.length < sourceBytes) return undefined
  const { bytes, confirm } = placeOf(into, targetBytes, false)
  const { figures, map } = plan
  figures[Plan.OwnOnly] = usesOwnOnly() ? 1 : 0
  const { code, info, width, height, planes, color } = target
  return {
    plan: { source: data, target: bytes, figures, map },
    target: { bytes, code, info, width, height, planes, color, confirm },
  }
}

/** Keeps a plan for {@link recentPlan}, in the place of the oldest. */
export function keepPlan(
  picture: Picture | Frame,
  source: CheckedPicture,
  options: ConvertOptions,
  { plan, target }: Prepared,
): void {
  if (source.info.opaque || target.info.opaque) return
  if (!isPlain(options) || !isMemory(options.into)) return
  // An array may have gaps between its rows, which `planes` do not tell.
  if (!(picture.data instanceof Uint8Array)) return
  const { info, width, height, planes } = source
  const { to, filter, flip, rotate, matrix, range, quality, colorMap, crop, size } = options
  const { fourcc, planes: places, color } = picture instanceof Frame ? picture.format : picture
  const given = {
    ...{ fourcc, width, height, to, filter, flip, rotate, matrix, range, quality, colorMap },
    planes: places ? copied(places) : undefined,
    color: color ? { ...color } : undefined,
    crop: crop ? { ...crop } : undefined,
    size: size ? { ...size } : undefined,
  }
  // Results share what they say of themselves from now on.
  const shown = {
    planes: Object.freeze(copied(target.planes)),
    color: Object.freeze({ ...target.color }),
  }
  recent[oldest] = {
    given,
    sourceBytes: reachOf(info, planes, width, height),
    targetBytes: target.bytes.length,
    // Of the memory nothing is kept: it may be large, or a lease's.
    plan: { ...plan, source: NO_BYTES, target: NO_BYTES },
    target: { ...target, ...shown, bytes: NO_BYTES },
  }
  oldest = (oldest + 1) % MOST
}

const NO_BYTES = new Uint8Array(0)

/** Of values there are too many for a plan to be used again, and they cost little beside the work. */
function isPlain({ valueRange, noValue, colorMap }: ConvertOptions): boolean {
  return (
    valueRange === undefined &&
    noValue === undefined &&
    (colorMap === undefined || typeof colorMap === 'string')
  )
}

function find(picture: Omit<Picture, 'data'>, options: ConvertOptions): Recent | undefined {
  const { fourcc, width, height, planes, color } = picture
  const { to, filter, flip, rotate, matrix, range, quality, colorMap, crop, size } = options
  for (const one of recent) {
    const { given } = one
    if (
      given.fourcc === fourcc &&
      given.width === width &&
      given.height === height &&
      given.to === to &&
      given.filter === filter &&
      given.flip === flip &&
      given.rotate === rotate &&
      given.matrix === matrix &&
      given.range === range &&
      given.quality === quality &&
      given.colorMap === colorMap &&
      sameNumbers(given.size, size) &&
      sameNumbers(given.crop, crop) &&
      sameNumbers(given.color, color) &&
      samePlanes(given.planes, planes)
    ) {
      return one
    }
  }
  return undefined
}

/** The same keys, own ones all, with the same numbers. */
function sameNumbers(kept: Numbers | undefined, given: object | undefined): boolean {
  if (kept === undefined || given === undefined) return kept === given
  let left = Object.keys(kept).length
  for (const key in given) {
    const value = kept[key]
    if (value === undefined || value !== (given as Numbers)[key]) return false
    left -= 1
  }
  return left === 0
}

function samePlanes(
  kept: readonly Plane[] | undefined,
  given: readonly Plane[] | undefined,
): boolean {
  if (kept === undefined || given === undefined) return kept === given
  if (!Array.isArray(given) || given.length !== kept.length) return false
  for (let i = 0; i < kept.length; i++) {
    const plane = kept[i] as Plane
    const other = given[i] as Plane | undefined | null
    if (plane.offset !== other?.offset || plane.stride !== other.stride) return false
  }
  return true
}

function copied(planes: readonly Plane[]): readonly Plane[] {
  return planes.map(({ offset, stride }) => Object.freeze({ offset, stride }))
}
