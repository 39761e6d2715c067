import { FrameringError } from '../errors/framering-error.ts'
import type { FrameFormat } from '../format/index.ts'
import type { NdArray } from '../ndarray/index.ts'
import { componentsOf } from '../ndarray/index.ts'

/** The bytes of anything that has some, without a copy. */
export function bytesOf(data: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (data instanceof Uint8Array) return data
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  }
  if (isBuffer(data)) return new Uint8Array(data)
  throw new FrameringError(
    'OPTION_INVALID',
    `write takes a typed array, an ArrayBuffer or an NdArray, and ${typeof data} was given`,
  )
}

function isBuffer(data: unknown): data is ArrayBufferLike {
  return data instanceof ArrayBuffer || data instanceof SharedArrayBuffer
}

/** The bytes of an array without gaps, without a copy. */
export function contiguousBytes(array: NdArray): Uint8Array {
  const { data } = array
  const start = array.offset * componentsOf(array.dtype) * data.BYTES_PER_ELEMENT
  return new Uint8Array(data.buffer, data.byteOffset + start, array.nbytes)
}

/** Throws `DTYPE_MISMATCH`, `SHAPE_MISMATCH` or `RELEASED` unless the array is a frame of the format. */
export function checkArray(array: NdArray, format: FrameFormat, opaque: boolean): void {
  const { dtype, shape } = array
  if (dtype !== format.dtype) {
    throw new FrameringError(
      'DTYPE_MISMATCH',
      `the ring carries ${format.dtype} and an array of ${dtype} was given; convert it, or call ` +
        `setFormat`,
    )
  }
  // Compressed frames differ in length: how much is too much, checkLength says.
  const fits = opaque
    ? shape.length === 1
    : shape.length === format.shape.length && shape.every((n, i) => n === format.shape[i])
  if (!fits) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `the ring carries shape [${format.shape.join(', ')}] and an array of shape ` +
        `[${shape.join(', ')}] was given; reshape or slice it, or call setFormat`,
    )
  }
  if (array.data.length === 0) {
    throw new FrameringError(
      'RELEASED',
      'the memory of this array is gone: its frame was released or its buffer transferred; ' +
        'write it before that, or write frame.copy()',
    )
  }
}

/** Throws `FRAME_TOO_LARGE` or `SHAPE_MISMATCH` unless so many bytes are a frame of the format. */
export function checkLength(length: number, format: FrameFormat, opaque: boolean): void {
  const { bytes } = format
  if (length > bytes) {
    throw new FrameringError(
      'FRAME_TOO_LARGE',
      `${length} bytes were given and a frame has ${opaque ? 'at most ' : ''}${bytes}; ` +
        (opaque ? 'create the ring with a larger `capacity`' : 'give one frame, or call setFormat'),
      { needed: length, available: bytes },
    )
  }
  if (length === 0 || (length < bytes && !opaque)) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `${length} bytes were given and a frame has ${bytes} ` +
        `(${format.dtype} [${format.shape.join(', ')}]); give a whole frame` +
        (length === 0 ? ': these bytes were released or transferred away' : ''),
    )
  }
}

/** How many bytes of a loan were filled. Throws as `checkLength`, `OPTION_INVALID` if that is unknown. */
export function filledBytes(
  bytesUsed: number | undefined,
  format: FrameFormat,
  opaque: boolean,
): number {
  if (!opaque) return format.bytes
  if (bytesUsed === undefined || !Number.isSafeInteger(bytesUsed) || bytesUsed < 0) {
    throw new FrameringError(
      'OPTION_INVALID',
      `bytesUsed is ${String(bytesUsed)}; ${format.fourcc} frames differ in length: say how many ` +
        `bytes of the loan this one has, as in publish({ bytesUsed: 48213 })`,
    )
  }
  checkLength(bytesUsed, format, opaque)
  return bytesUsed
}
