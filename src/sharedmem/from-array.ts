import { copyElements } from '../ndarray/copy.ts'
import {
  fromArray as fromNested,
  NdArray,
  type DType,
  type ElementOf,
  type Nested,
} from '../ndarray/index.ts'
import { zeros, type ArrayOptions } from './factories.ts'

/**
 * A copy of an array in shared memory.
 *
 * ```ts
 * const shared = fromArray(frame.array)              // any NdArray: same dtype, same shape
 * const kernel = fromArray([[0, 1, 0], [1, -4, 1]], 'float32')
 * ```
 *
 * Values are moved as they are. Without `order: 'F'` the copy is in C order, whatever the source's is.
 *
 * Throws what {@link zeros} throws; `RELEASED` when the source is gone; for nested arrays
 * `SHAPE_MISMATCH` when they are ragged and `DTYPE_MISMATCH` for an element of another type.
 */
export function fromArray<D extends DType>(array: NdArray<D>, options?: ArrayOptions): NdArray<D>
export function fromArray<D extends DType>(
  nested: Nested<ElementOf<D>>,
  dtype: D,
  options?: ArrayOptions,
): NdArray<D>
export function fromArray<D extends DType>(
  source: NdArray<D> | Nested<ElementOf<D>>,
  given?: D | ArrayOptions,
  more?: ArrayOptions,
): NdArray<D> {
  return source instanceof NdArray
    ? copyOf(source, given as ArrayOptions | undefined)
    : copyOf(fromNested(given as D, source), more)
}

function copyOf<D extends DType>(source: NdArray<D>, options: ArrayOptions = {}): NdArray<D> {
  const shared = zeros(source.shape, source.dtype, options)
  // In memory, Fortran's order of an array is C's order of its transpose.
  const from = options.order === 'F' ? source.transpose() : source
  copyElements(from.data, source.dtype, from, shared.data)
  return shared
}
