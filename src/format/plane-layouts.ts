import { FrameringError } from '../errors/framering-error.ts'
import { itemsizeOf } from '../ndarray/index.ts'
import { fourccInfo } from './fourcc.ts'
import type { FrameFormat } from './resolve-format.ts'

/** A plane as an array sees it. */
export interface PlaneLayout {
  /** bytes from the start of the frame */
  readonly offset: number
  /** rows, columns, and the samples that stand side by side in a column where there are several */
  readonly shape: readonly number[]
  /** in elements */
  readonly strides: readonly number[]
}

/**
 * How the planes of a picture lie in a frame; none for plain arrays and compressed pictures.
 *
 * ```ts
 * planeLayouts(resolveFormat({ format: { fourcc: 'NV12', width: 6, height: 4 } }))
 * // [{ offset: 0, shape: [4, 6], strides: [6, 1] }, { offset: 24, shape: [2, 3, 2], strides: [6, 2, 1] }]
 * ```
 *
 * @throws FORMAT_INVALID for planes that do not lie in the frame, or not on whole elements: a format
 * read from shared memory may say anything
 */
export function planeLayouts(format: FrameFormat): readonly PlaneLayout[] {
  const info = fourccInfo(format.fourcc)
  if (info === undefined || info.opaque) return []
  const { width, height, planes } = format
  const item = itemsizeOf(info.dtype)
  if (planes.length !== info.planes.length || info.dtype !== format.dtype) {
    throw damaged(format, `${planes.length} planes of ${format.dtype}`)
  }
  return info.planes.map(({ bytes, across, down }, i) => {
    const { offset, stride } = planes[i]!
    // Of one plane each column is a pixel; of several, each column is a block of them.
    const samples = info.planes.length === 1 ? info.channels : bytes / item
    const rows = Math.ceil(height / down)
    const columns = (Math.ceil(width / across) * bytes) / (samples * item)
    const row = columns * samples * item
    const end = offset + (rows - 1) * stride + row
    const whole = [offset, stride].every((n) => Number.isSafeInteger(n) && n >= 0 && n % item === 0)
    if (!whole || rows < 1 || columns < 1 || stride < row || !(end <= format.bytes)) {
      throw damaged(format, `plane ${i} at ${offset} with rows of ${stride} bytes`)
    }
    const step = stride / item
    return samples === 1
      ? { offset, shape: [rows, columns], strides: [step, 1] }
      : { offset, shape: [rows, columns, samples], strides: [step, samples, 1] }
  })
}

function damaged({ fourcc, width, height, bytes }: FrameFormat, what: string): FrameringError {
  return new FrameringError(
    'FORMAT_INVALID',
    `a ${fourcc} picture of ${width} × ${height} in ${bytes} bytes cannot have ${what}; ` +
      'see who writes the ring, and use frame.data',
  )
}
