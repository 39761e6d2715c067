import { FrameringError } from '../errors/framering-error.ts'
import { NdArray } from '../ndarray/index.ts'
import { checkOptions, choiceOption, refuse } from '../options/index.ts'
import { Plan } from '../native/index.ts'
import { Frame } from '../ring/index.ts'
import { convert, convertSync } from './convert.ts'
import { hasTurbojpeg } from './converters.ts'
import { run, runSync } from './job.ts'
import type { PictureOptions } from './options.ts'
import { geometryOf, PICTURE_OPTIONS } from './options.ts'
import type { Picture } from './picture.ts'
import { checkPicture } from './picture.ts'
import type { NativePlan } from './plan.ts'
import { checkPair, planOf, TENSOR } from './plan.ts'
import { fourccInfo } from '../format/index.ts'

/** What {@link toTensor} takes. */
export interface TensorOptions extends PictureOptions {
  /** default 'NCHW': a plane for each channel; 'NHWC': channels side by side */
  readonly layout?: 'NCHW' | 'NHWC' | undefined
  /** default 'rgb' */
  readonly channels?: 'rgb' | 'bgr' | 'grey' | undefined
  /** of channels scaled to 0…1, one for each in their order, or one for all; default 0 */
  readonly mean?: number | readonly number[] | undefined
  /** the same; default 1 */
  readonly std?: number | readonly number[] | undefined
  /** memory for the result; default: fresh */
  readonly into?: Float32Array | undefined
}

const KNOWN = [...PICTURE_OPTIONS, 'layout', 'channels', 'mean', 'std', 'into']

/**
 * A picture as what a neural network takes: float32 `[1, channels, height, width]`, or
 * `[1, height, width, channels]`, each value `(level / 255 - mean) / std`.
 *
 * ```ts
 * const tensor = await toTensor(frame, {
 *   size: { width: 224, height: 224 },
 *   mean: [0.485, 0.456, 0.406],
 *   std: [0.229, 0.224, 0.225],
 * })
 * new ort.Tensor('float32', tensor.data, tensor.shape)
 * ```
 *
 * Takes and rejects what {@link convert} does; `into` must have the length of the tensor or more.
 */
export async function toTensor(
  picture: Picture | Frame,
  options: TensorOptions = {},
): Promise<NdArray<'float32'>> {
  using held = picture instanceof Frame && !picture.released ? picture.retain() : undefined
  const source = held ?? picture
  const raw = isJpeg(source) && !hasTurbojpeg() ? await convert(source, { to: 'RGB3' }) : source
  const { plan, tensor } = prepare('toTensor', raw, options)
  await run(plan)
  return tensor
}

/** The same on this thread; see {@link convertSync}. */
export function toTensorSync(
  picture: Picture | Frame,
  options: TensorOptions = {},
): NdArray<'float32'> {
  using held = picture instanceof Frame && !picture.released ? picture.retain() : undefined
  const source = held ?? picture
  const raw = isJpeg(source) && !hasTurbojpeg() ? convertSync(source, { to: 'RGB3' }) : source
  const { plan, tensor } = prepare('toTensorSync', raw, options)
  runSync(plan)
  return tensor
}

function isJpeg(picture: Picture | Frame): boolean {
  return checkPicture(picture, 'source').info.fourcc === 'MJPG'
}

function prepare(
  where: string,
  picture: Picture | Frame,
  options: TensorOptions,
): { plan: NativePlan; tensor: NdArray<'float32'> } {
  checkOptions(where, options, KNOWN)
  const source = checkPicture(picture, 'source')
  const { layout, channels, mean, std, into } = options
  const planar = choiceOption('layout', layout, 'NCHW', { NCHW: true, NHWC: false })
  const count = choiceOption('channels', channels, 'rgb', { rgb: 3, bgr: 3, grey: 1 })
  const between = count === 1 ? 'GREY' : 'RGB3'
  const info = fourccInfo(between)!
  if (source.info.fourcc !== between) checkPair(source.info, info)
  const geometry = geometryOf(source, options)
  const { width, height } = geometry
  const means = perChannel('mean', mean, 0, count)
  const deviations = perChannel('std', std, 1, count)
  if (deviations.includes(0)) refuse('std', std, 'numbers other than 0')

  const length = width * height * count
  const memory = memoryOf(into, length)
  const bytes = new Uint8Array(memory.buffer, memory.byteOffset, length * 4)
  const color = { primaries: 2, transfer: 2, matrix: 0, range: 1 }
  const target = { bytes, code: TENSOR, info, width, height, planes: [], color }
  const plan = planOf(source, target, geometry, options)
  const { figures } = plan
  figures[Plan.TensorChannels] = count
  figures[Plan.TensorPlanar] = planar ? 1 : 0
  figures[Plan.TensorBgr] = channels === 'bgr' ? 1 : 0
  for (const [i, deviation] of deviations.entries()) {
    figures[Plan.Scale + i] = 1 / (255 * deviation)
    figures[Plan.Offset + i] = -means[i]! / deviation
  }
  const shape = planar ? [1, count, height, width] : [1, height, width, count]
  return { plan, tensor: new NdArray('float32', memory, shape) }
}

function memoryOf(into: Float32Array | undefined, length: number): Float32Array {
  if (into === undefined) return new Float32Array(Buffer.allocUnsafeSlow(4 * length).buffer)
  if (!(into instanceof Float32Array)) refuse('into', into, 'a Float32Array')
  if (into.length >= length) return into.subarray(0, length)
  throw new FrameringError(
    'SHAPE_MISMATCH',
    `the tensor has ${length} elements and \`into\` has ${into.length}; give memory of that length`,
    { needed: 4 * length, available: into.byteLength },
  )
}

function perChannel(
  option: string,
  value: number | readonly number[] | undefined,
  fallback: number,
  count: number,
): readonly number[] {
  const given = value ?? fallback
  const list = typeof given === 'number' ? Array<number>(count).fill(given) : given
  const isList: boolean = Array.isArray(list)
  if (isList && list.length === count && list.every((one) => Number.isFinite(one))) return list
  return refuse(option, value, `a finite number, or one for each of ${count} channels`)
}
