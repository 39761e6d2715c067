import { FrameringError } from '../errors/framering-error.ts'
import { extentOf } from '../ndarray/layout.ts'
import {
  componentsOf,
  itemsizeOf,
  NdArray,
  storageConstructor,
  type DType,
} from '../ndarray/index.ts'
import type { Segment } from '../segment/index.ts'
import type { ArrayHandle } from './handle.ts'

/**
 * The elements that a handle speaks of. Throws `SHAPE_MISMATCH` when they are not all within the segment,
 * `OPTION_INVALID` when they do not start where such elements can.
 */
export function viewOf<D extends DType>(
  segment: Segment,
  { dtype, shape, strides, byteOffset }: ArrayHandle & { readonly dtype: D },
): NdArray<D> {
  const { first, last } = extentOf({ shape, strides, offset: 0 })
  const itemsize = itemsizeOf(dtype)
  const start = byteOffset + first * itemsize
  const end = byteOffset + (last + 1) * itemsize
  if (start < 0 || end > segment.bytes) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `the handle speaks of bytes ${start} to ${end} and the memory has ${segment.bytes}; ` +
        'take handles from handleOf as they are',
      { needed: end, available: segment.bytes },
    )
  }
  const Storage = storageConstructor(dtype)
  if (start % Storage.BYTES_PER_ELEMENT !== 0) {
    throw new FrameringError(
      'OPTION_INVALID',
      `the handle's byteOffset is ${byteOffset}; ` +
        `${dtype} starts on a multiple of ${Storage.BYTES_PER_ELEMENT} bytes`,
    )
  }
  const data = new Storage(segment.buffer, start, (last + 1 - first) * componentsOf(dtype))
  return new NdArray(dtype, data, shape, strides, 0 - first, { readOnly: segment.readOnly })
}
