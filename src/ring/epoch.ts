import type { FrameFormat } from '../format/index.ts'
import { fourccInfo, packFourcc, unpackFourcc } from '../format/index.ts'
import { FrameringError } from '../errors/framering-error.ts'
import type { NativeFormat } from '../native/index.ts'
import type { DType } from '../ndarray/index.ts'
import { DTYPES, itemsizeOf } from '../ndarray/index.ts'

/** What the frames of one epoch have in common. */
export interface Epoch {
  readonly number: number
  /** one writer's life on the ring */
  readonly session: number
  readonly format: FrameFormat
  /** compressed frames, each of its own length */
  readonly opaque: boolean
  readonly info: unknown
}

export function isOpaque(format: FrameFormat): boolean {
  return fourccInfo(format.fourcc)?.opaque === true
}

/** As the native side takes it. */
export function toNative(format: FrameFormat): NativeFormat {
  return {
    dtype: DTYPES.indexOf(format.dtype) + 1,
    shape: [...format.shape],
    fourcc: packFourcc(format.fourcc),
    width: format.width,
    height: format.height,
    planes: format.planes.map(({ offset, stride }) => ({ offset, stride })),
    colorPrimaries: format.color.primaries,
    colorTransfer: format.color.transfer,
    colorMatrix: format.color.matrix,
    colorRange: format.color.range,
  }
}

/** As users see it. The native side has checked that dtype and shape fit the slot. */
export function epochOf(
  number: number,
  session: number,
  given: NativeFormat,
  descriptor: string,
): Epoch {
  const dtype = DTYPES[given.dtype - 1] as DType
  const format: FrameFormat = {
    dtype,
    shape: given.shape,
    fourcc: unpackFourcc(given.fourcc),
    width: given.width,
    height: given.height,
    planes: given.planes,
    bytes: given.shape.reduce((product, length) => product * length, itemsizeOf(dtype)),
    color: {
      primaries: given.colorPrimaries,
      transfer: given.colorTransfer,
      matrix: given.colorMatrix,
      range: given.colorRange,
    },
  }
  return { number, session, format, opaque: isOpaque(format), info: parseInfo(descriptor) }
}

const MAX_INFO = 4080

/** The text that carries a writer's info. Throws `OPTION_INVALID` when it is not JSON or too long. */
export function infoText(info: unknown): string {
  if (info === undefined) return ''
  let text: string | undefined
  let cause: unknown
  try {
    text = JSON.stringify(info)
  } catch (error) {
    cause = error
  }
  if (text === undefined) {
    throw new FrameringError(
      'OPTION_INVALID',
      'info cannot be written as JSON; give plain objects, arrays, strings and finite numbers',
      { cause },
    )
  }
  const needed = Buffer.byteLength(text)
  if (needed > MAX_INFO) {
    throw new FrameringError(
      'OPTION_INVALID',
      `info takes ${needed} bytes as JSON and a ring keeps ${MAX_INFO}; ` +
        `put what is longer into a file and its path here`,
      { needed, available: MAX_INFO },
    )
  }
  return text
}

/** A text that is not JSON is a damaged or foreign writer's: no reason to lose its frames. */
function parseInfo(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
