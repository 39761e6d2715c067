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
  /** of the options, in the order they were given */
  readonly names: readonly string[]
  readonly values: readonly unknown[]
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
 * which says what is wrong. Of options only those that are there are looked at: asking an object made
 * by `{ ...others, into }` for a dozen that it has not takes as long as the plan.
 */
export function recentPlan(
  picture: Picture | Frame,
  options: ConvertOptions,
): Prepared | undefined {
  if (recent.length === 0 || !isPlain(options)) return undefined
  if (typeof picture !== 'object' || (picture as unknown) === null) return undefined
  const { into } = options
  if (!isMemory(into)) return undefined
  const found = find(picture instanceof Frame ? picture.format : picture, options)
  if (found === undefined) return undefined
  // Last of all: options and pictures may have getters, and a getter may end a lease.
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
  const { crop, size } = options
  const copies: ConvertOptions = {
    ...options,
    into: undefined,
    crop: crop ? { ...crop } : undefined,
    size: size ? { ...size } : undefined,
  }
  const names = Object.keys(options)
  const values = names.map((name) => copies[name as keyof ConvertOptions])
  // Lists of values, and colour maps of the caller's own: they cost little beside their work.
  if (values.some((value, i) => typeof value === 'object' && !isNested(names[i]))) return
  const { info, width, height, planes } = source
  const { fourcc, planes: places, color } = picture instanceof Frame ? picture.format : picture
  const given = {
    ...{ fourcc, width, height, names, values },
    planes: places ? copied(places) : undefined,
    color: color ? { ...color } : undefined,
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

/** An object whose keys tell all that it has. */
function isPlain(options: object): boolean {
  return (
    typeof options === 'object' &&
    (options as unknown) !== null &&
    Object.getPrototypeOf(options) === Object.prototype
  )
}

function isNested(name: string | undefined): boolean {
  return name === 'crop' || name === 'size'
}

function find(picture: Omit<Picture, 'data'>, options: ConvertOptions): Recent | undefined {
  const { fourcc, width, height, planes, color } = picture
  const names = Object.keys(options)
  for (const one of recent) {
    const { given } = one
    if (
      given.fourcc === fourcc &&
      given.width === width &&
      given.height === height &&
      sameOptions(given, names, options) &&
      sameNumbers(given.color, color) &&
      samePlanes(given.planes, planes)
    ) {
      return one
    }
  }
  return undefined
}

function sameOptions(kept: Given, names: readonly string[], options: ConvertOptions): boolean {
  if (names.length !== kept.names.length) return false
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as keyof ConvertOptions
    if (name !== kept.names[i]) return false
    if (name === 'into') continue
    const value = options[name]
    if (value === kept.values[i]) continue
    if (!isNested(name) || !sameNumbers(kept.values[i] as Numbers, value as object)) return false
  }
  return true
}

/** The same keys, own ones all, with the same numbers. */
function sameNumbers(kept: Numbers | undefined, given: object | undefined): boolean {
  if (kept === undefined || given === undefined) return kept === given
  let left = 0
  for (const key in kept) left += kept[key] === undefined ? 0 : 1
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
