import { FrameringError } from '../errors/framering-error.ts'
import { checkValue } from './checks.ts'
import {
  componentsOf,
  itemsizeOf,
  storageConstructor,
  type DType,
  type ElementOf,
  type StorageOf,
} from './dtype.ts'
import { storeElement } from './element.ts'
import { extentOf, rowMajorStrides, show, sizeOf } from './layout.ts'
import { NdArray, type Nested } from './ndarray.ts'

/**
 * An array of zeros (or `false`) in memory of its own.
 *
 * ```ts
 * const mask = zeros('bool', [480, 640])
 * ```
 *
 * Throws `OPTION_INVALID` for an unknown dtype, for a length that is not a whole number ≥ 0, and for
 * more than can be allocated.
 */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): NdArray<D> {
  return new NdArray(dtype, allocate(dtype, shape), shape)
}

function allocate<D extends DType>(dtype: D, shape: readonly number[]): StorageOf<D> {
  const Storage = storageConstructor(dtype)
  const size = sizeOf(shape)
  try {
    return new Storage(size * componentsOf(dtype))
  } catch (cause) {
    const needed = size * itemsizeOf(dtype)
    throw new FrameringError(
      'OPTION_INVALID',
      `${dtype} of shape ${show(shape)} needs ${needed} bytes, more than there is memory for; ` +
        'give a smaller shape',
      { needed, cause },
    )
  }
}

/**
 * An array over existing bytes, without a copy.
 *
 * ```ts
 * const depth = fromBytes('uint16', [480, 640], buffer.subarray(64)) // buffer: a Buffer or Uint8Array
 * ```
 *
 * Takes the bytes in the machine's byte order, from the first on; what follows the last element is
 * left alone. `strides` (in elements, not negative; default row-major without gaps) is for rows with
 * padding between them.
 *
 * Throws `FORMAT_INVALID` when there are too few bytes, or when they do not start on a multiple of
 * the storage's cell size (typed arrays cannot start elsewhere): copy them first. `OPTION_INVALID` for
 * an unknown dtype or bad lengths.
 */
export function fromBytes<D extends DType>(
  dtype: D,
  shape: readonly number[],
  bytes: ArrayBufferLike | ArrayBufferView,
  strides: readonly number[] = rowMajorStrides(shape),
): NdArray<D> {
  const Storage = storageConstructor(dtype)
  const { buffer, start, available } = regionOf(bytes)
  const cell = Storage.BYTES_PER_ELEMENT
  sizeOf(shape)
  const { last } = extentOf({ shape, strides, offset: 0 })
  const needed = (last + 1) * itemsizeOf(dtype)
  if (needed > available) {
    throw new FrameringError(
      'FORMAT_INVALID',
      `${dtype} of shape ${show(shape)} needs ${needed} bytes and ${available} were given; ` +
        'give more bytes or a smaller shape',
      { needed, available },
    )
  }
  if (start % cell !== 0) {
    throw new FrameringError(
      'FORMAT_INVALID',
      `${dtype} needs bytes that start on a multiple of ${cell} in their buffer, and these start ` +
        `at ${start}; copy them first, as in fromBytes('${dtype}', shape, bytes.slice().buffer)`,
    )
  }
  const data = new Storage(buffer, start, (last + 1) * componentsOf(dtype))
  return new NdArray(dtype, data, shape, strides)
}

function regionOf(bytes: ArrayBufferLike | ArrayBufferView) {
  if (ArrayBuffer.isView(bytes)) {
    return { buffer: bytes.buffer, start: bytes.byteOffset, available: bytes.byteLength }
  }
  const kind = Object.prototype.toString.call(bytes).slice(8, -1)
  if (kind !== 'ArrayBuffer' && kind !== 'SharedArrayBuffer') {
    throw new FrameringError(
      'FORMAT_INVALID',
      `bytes are an ArrayBuffer or a view of one, and ${kind} was given`,
    )
  }
  return { buffer: bytes, start: 0, available: bytes.byteLength }
}

/**
 * An array out of nested arrays; the nesting gives the shape.
 *
 * ```ts
 * fromArray('float32', [[1, 2, 3], [4, 5, 6]]).shape // [2, 3]
 * fromArray('int64', 7n).shape                       // []
 * ```
 *
 * Throws `SHAPE_MISMATCH` when the nesting is ragged, `DTYPE_MISMATCH` for an element of another type,
 * `OPTION_INVALID` for an unknown dtype.
 */
export function fromArray<D extends DType>(dtype: D, nested: Nested<ElementOf<D>>): NdArray<D> {
  const shape: number[] = []
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) {
    shape.push(level.length)
  }
  const array = zeros(dtype, shape)
  let written = 0
  const walk = (level: unknown, axis: number): void => {
    const length = shape[axis]
    if (length === undefined && !Array.isArray(level)) {
      checkValue(dtype, level)
      storeElement(array.data, dtype, written++, level)
      return
    }
    if (!Array.isArray(level) || level.length !== length) {
      const found = Array.isArray(level) ? `an array of ${level.length}` : 'a single element'
      throw new FrameringError(
        'SHAPE_MISMATCH',
        `the nesting is ragged: ${found} at depth ${axis} where the first of its kind has ` +
          `${length === undefined ? 'single elements' : `an array of ${length}`}; ` +
          'give arrays of equal length at each depth',
      )
    }
    for (const inner of level) walk(inner, axis + 1)
  }
  walk(nested, 0)
  return array
}
