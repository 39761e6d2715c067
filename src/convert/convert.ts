import { checkOptions, wholeOption } from '../options/index.ts'
import { Plan } from '../native/index.ts'
import { Frame } from '../ring/index.ts'
import { hasTurbojpeg } from './converters.ts'
import { run, runSync } from './job.ts'
import { decodeWithSharp, encodeWithSharp, needsTurbojpeg } from './sharp-jpeg.ts'
import type { ConvertOptions } from './options.ts'
import { geometryOf, PICTURE_OPTIONS } from './options.ts'
import type { CheckedPicture, ConvertedPicture, Picture } from './picture.ts'
import { checkPicture } from './picture.ts'
import { checkPair, planOf } from './plan.ts'
import type { Prepared } from './recent-plans.ts'
import { keepPlan, recentPlan } from './recent-plans.ts'
import type { Target } from './target.ts'
import { formatOf, targetOf, withSizeOf } from './target.ts'

const KNOWN = [...PICTURE_OPTIONS, 'to', 'into', 'quality']

/**
 * A picture in another format, size or position; the work is done on another thread.
 *
 * ```ts
 * const rgb = await convert(frame, { to: 'RGB3' })                      // of a YUYV camera
 * rgb.data                                                              // width · height · 3 bytes
 * using loan = writer.loan()
 * await convert(frame, { to: 'BGRA', size: { width: 320, height: 240 }, into: loan })
 * loan.publish(frame)
 * ```
 *
 * From YUYV, UYVY, NV12, NV21, I420, RGB3, BGR3, RGBA, BGRA, GREY, MJPG, Y16, Z16, 32FC1 and Bayer of
 * 8 and 16 bits; to the first eleven of them, or to the source's own format. What becomes of colours,
 * chroma, edges and depth without a value: docs/convert.md.
 *
 * A frame is leased until the result is there, and may be released meanwhile. Memory that is converted
 * into must stay as it is until then: a loan that is published too early is `NOT_ON_LOAN`, and its
 * readers may see half a picture. With a JPEG as the result, `data.length` is its length: publish it with
 * `bytesUsed`.
 *
 * Rejects with `FORMAT_INVALID`, `SHAPE_MISMATCH` (data or `into` too short; nothing is written then),
 * `OPTION_INVALID`, `UNSUPPORTED` for a pair without a way, `DTYPE_MISMATCH`, `RELEASED`, `LEASE_BROKEN`,
 * `TRUNCATED`, `NOT_ON_LOAN`, and `PEER_MISSING` for a JPEG with neither libturbojpeg nor sharp.
 */
export async function convert(
  picture: Picture | Frame,
  options: ConvertOptions = {},
): Promise<ConvertedPicture> {
  using held = picture instanceof Frame && !picture.released ? picture.retain() : undefined
  const leased = held ?? picture
  const recent = recentPlan(leased, options)
  if (recent !== undefined) return await finish(recent)
  checkOptions('convert', options, KNOWN)
  const given = withSizeOf(options)
  const source = checkPicture(leased, 'source')
  if (needsJpeg(source, given) && !hasTurbojpeg()) return await convertBySharp(source, given)
  const prepared = prepare(source, given)
  keepPlan(leased, source, options, prepared)
  return await finish(prepared)
}

/**
 * The same on this thread, which does nothing else meanwhile: for small pictures and for workers.
 *
 * ```ts
 * const grey = convertSync(frame, { to: 'GREY', size: { width: 32, height: 24 } })
 * ```
 *
 * Throws as {@link convert} rejects; a JPEG needs libturbojpeg here, else it is `UNSUPPORTED`.
 */
export function convertSync(
  picture: Picture | Frame,
  options: ConvertOptions = {},
): ConvertedPicture {
  // Without a lease of its own: from here to the end nobody else's code runs.
  const recent = recentPlan(picture, options)
  return recent === undefined ? convertAnew(picture, options) : finishSync(recent)
}

function convertAnew(picture: Picture | Frame, options: ConvertOptions): ConvertedPicture {
  checkOptions('convertSync', options, KNOWN)
  using held = picture instanceof Frame && !picture.released ? picture.retain() : undefined
  const leased = held ?? picture
  const given = withSizeOf(options)
  const source = checkPicture(leased, 'source')
  if (needsJpeg(source, given) && !hasTurbojpeg()) throw needsTurbojpeg()
  const prepared = prepare(source, given)
  keepPlan(leased, source, options, prepared)
  return finishSync(prepared)
}

async function finish({ plan, target }: Prepared): Promise<ConvertedPicture> {
  const used = await run(plan)
  target.confirm()
  return pictureOf(target, used)
}

function finishSync({ plan, target }: Prepared): ConvertedPicture {
  const used = runSync(plan)
  target.confirm()
  return pictureOf(target, used)
}

/** @throws UNSUPPORTED for a pair without a way */
function needsJpeg(source: CheckedPicture, options: ConvertOptions): boolean {
  const info = formatOf(source, options)
  checkPair(source.info, info)
  return source.info.opaque || info.opaque
}

function prepare(source: CheckedPicture, options: ConvertOptions): Prepared {
  const info = formatOf(source, options)
  const geometry = geometryOf(source, options)
  const target = targetOf(source, info, geometry, options)
  const plan = planOf(source, target, geometry, options)
  plan.figures[Plan.Quality] = qualityOf(options)
  return { plan, target }
}

function qualityOf({ quality }: ConvertOptions): number {
  return wholeOption('quality', quality, 80, 1, 100)
}

async function convertBySharp(
  source: CheckedPicture,
  options: ConvertOptions,
): Promise<ConvertedPicture> {
  const info = formatOf(source, options)
  if (source.info.opaque) {
    const decoded = checkPicture(await decodeWithSharp(source), 'source')
    return await finish(prepare(decoded, options))
  }
  const geometry = geometryOf(source, options)
  const target = targetOf(source, info, geometry, options)
  const between = source.info.model === 'grey' && options.colorMap === undefined ? 'GREY' : 'RGB3'
  const { plan, target: raw } = prepare(source, { ...options, to: between, into: undefined })
  await run(plan)
  const used = await encodeWithSharp(pictureOf(raw, 0), target.bytes, qualityOf(options))
  target.confirm()
  return pictureOf(target, used)
}

function pictureOf(target: Target, used: number): ConvertedPicture {
  const { bytes, info, width, height, planes, color } = target
  const data = info.opaque ? bytes.subarray(0, used) : bytes
  return { data, fourcc: info.fourcc, width, height, planes, color }
}
