import { FrameringError } from '../errors/framering-error.ts'
import type { ColorDescription, FourccInfo } from '../format/index.ts'
import { packFourcc, resolveFormat } from '../format/index.ts'
import { show } from '../options/index.ts'
import { Frame, Loan } from '../ring/index.ts'
import type { ConvertOptions, Geometry } from './options.ts'
import { yuvColor } from './options.ts'
import type { CheckedPicture, Picture } from './picture.ts'
import { checkPicture, invalid, knownFormat, reachOf } from './picture.ts'
import type { Side } from './plan.ts'

/** Where the result goes. */
export interface Target extends Side {
  readonly info: FourccInfo
  /** throws NOT_ON_LOAN where the memory was given back meanwhile */
  readonly confirm: () => void
}

/** The format of the result, before it is known where it goes. */
export function formatOf(source: CheckedPicture, { to, into }: ConvertOptions): FourccInfo {
  const asked = to === undefined ? undefined : knownFormat('to', to)
  if (!isPicture(into)) return asked ?? source.info
  const given = knownFormat('the fourcc of `into`', into.fourcc)
  if (asked === undefined || asked === given) return given
  throw invalid(`to is ${asked.fourcc} and \`into\` a picture of ${given.fourcc}; leave \`to\` out`)
}

/** The size that a picture to convert into asks for, unless an option does. */
export function withSizeOf(options: ConvertOptions): ConvertOptions {
  const { into, size } = options
  if (!isPicture(into)) return options
  const { width, height } = into
  if (size !== undefined && (size.width !== width || size.height !== height)) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `size is ${size.width} × ${size.height} and \`into\` is ${width} × ${height}; leave size out`,
    )
  }
  return { ...options, size: { width, height } }
}

/** @throws SHAPE_MISMATCH when there is not room for the result, FORMAT_INVALID, NOT_ON_LOAN */
export function targetOf(
  source: CheckedPicture,
  info: FourccInfo,
  geometry: Pick<Geometry, 'width' | 'height'>,
  options: ConvertOptions,
): Target {
  const { into } = options
  const { width, height } = geometry
  const code = packFourcc(info.fourcc)
  const color = colorOf(source, info, options)
  if (isPicture(into)) {
    const { bytes, planes } = checkPicture(into, 'target')
    const end = info.opaque ? bytes.length : reachOf(info, planes, width, height)
    const used = bytes.subarray(0, end)
    return { bytes: used, code, info, width, height, planes, color, confirm: certain }
  }
  const { fourcc } = info
  const capacity = info.opaque ? { capacity: longestJpeg(width, height) } : {}
  const format = resolveFormat({ format: { fourcc, width, height }, ...capacity })
  const { bytes, confirm } = placeOf(into, format.bytes, info.opaque)
  return { bytes, code, info, width, height, planes: format.planes, color, confirm }
}

function colorOf(
  source: CheckedPicture,
  info: FourccInfo,
  options: ConvertOptions,
): ColorDescription {
  const { fourcc, width, height } = { fourcc: info.fourcc, width: 1, height: 1 }
  if (info.model !== 'yuv') return resolveFormat({ format: { fourcc, width, height } }).color
  const given = isPicture(options.into) ? options.into.color : undefined
  return yuvColor(given ?? (source.info.model === 'yuv' ? source.color : undefined), options)
}

/** A place that can be told by its length. */
interface Place {
  readonly bytes: Uint8Array
  /** see {@link Target} */
  readonly confirm: () => void
}

/**
 * The bytes of a result that is no picture to convert into, or of a JPEG of at most so many.
 *
 * @throws SHAPE_MISMATCH, FORMAT_INVALID, NOT_ON_LOAN
 */
export function placeOf(into: ConvertOptions['into'], length: number, opaque: boolean): Place {
  const memory = memoryOf(into, opaque ? 1 : length, length)
  const bytes = opaque || memory.length === length ? memory : memory.subarray(0, length)
  if (!(into instanceof Loan)) return { bytes, confirm: certain }
  if (!into.slotless) return { bytes, confirm: stillOut(into) }
  // Its memory is the writer's to use for another as soon as it is given back, which nothing keeps
  // anybody from while the conversion runs.
  const aside = fresh(bytes.length)
  const confirm = (): void => {
    stillOut(into)()
    bytes.set(aside)
  }
  return { bytes: aside, confirm }
}

function memoryOf(into: ConvertOptions['into'], needed: number, most: number): Uint8Array {
  if (into === undefined) return fresh(most)
  if (into instanceof Loan) stillOut(into)()
  const bytes = into instanceof Loan ? into.data : into
  if (!(bytes instanceof Uint8Array)) {
    throw invalid(`into is ${show(into)}; give a Uint8Array, a loan, or a picture`)
  }
  if (bytes.length >= needed) return bytes
  const available = bytes.length
  throw new FrameringError(
    'SHAPE_MISMATCH',
    `the result has ${needed} bytes and \`into\` has ${available}; give memory of that length`,
    { needed, available },
  )
}

function fresh(bytes: number): Uint8Array {
  try {
    // Every byte is written: zeroing them first would take as long as some conversions.
    return new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  } catch (cause) {
    throw new FrameringError(
      'OPTION_INVALID',
      `the result has ${bytes} bytes, more than this process can have in one piece; give a smaller size`,
      { cause, needed: bytes },
    )
  }
}

function isPicture(into: ConvertOptions['into']): into is Picture {
  if (into instanceof Frame)
    throw invalid('into is a frame, which cannot be written to; give a loan')
  return (
    typeof into === 'object' &&
    (into as unknown) !== null &&
    !(into instanceof Loan) &&
    !ArrayBuffer.isView(into)
  )
}

/** Whether it is memory and no more: no picture, and nothing that is refused. */
export function isMemory(into: unknown): into is Uint8Array | Loan | undefined {
  return into === undefined || into instanceof Uint8Array || into instanceof Loan
}

function stillOut(loan: Loan): () => void {
  return () => {
    if (loan.data.length !== 0) return
    throw new FrameringError(
      'NOT_ON_LOAN',
      'the loan to convert into was published or abandoned already; wait for the conversion first',
    )
  }
}

function certain(): void {
  // Memory of the caller's own cannot be taken away.
}

/** Noise of the best quality takes no more: three samples a pixel, in blocks of 16 × 16. */
function longestJpeg(width: number, height: number): number {
  return Math.ceil(width / 16) * Math.ceil(height / 16) * 256 * 6 + 4096
}
