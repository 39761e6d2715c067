import {
  componentsOf,
  DTYPES,
  isDType,
  itemsizeOf,
  NdArray,
  storageConstructor,
  type DType,
  type ElementOf,
  type StorageOf,
} from '../ndarray/index.ts'
import { sizeOf } from '../ndarray/layout.ts'
import { checkOptions, choiceOption, refuse, shapeOption } from '../options/index.ts'
import { Segment } from '../segment/index.ts'

export interface ArrayOptions {
  /** Which index lies closest in memory: `'C'` (the default) the last, `'F'` (Fortran's) the first. */
  readonly order?: 'C' | 'F'
}

/** Lengths of the axes; a number for the one axis of a vector. */
export type Shape = number | readonly number[]

/**
 * A new array of zeros in memory that other processes can have too, through its handle.
 *
 * ```ts
 * const image = zeros([1080, 1920, 3], 'uint8')
 * child.send(handleOf(image)) // there: open(handle)
 * ```
 *
 * The memory has no name that could be left behind: it is freed when the last process that has the array
 * lets go of it, or ends in whatever way. Allocated at once, starts on a page.
 *
 * Throws `OPTION_INVALID` for lengths, dtype or order that cannot be, `SHM_FULL` when there is not
 * enough memory.
 */
export function zeros<D extends DType = 'float64'>(
  shape: Shape,
  dtype: D = 'float64' as D,
  options: ArrayOptions = {},
): NdArray<D> {
  checkOptions('a shared array', options, ['order'])
  const fortran = choiceOption('order', options.order, 'C', { C: false, F: true })
  if (!isDType(dtype)) refuse('dtype', dtype, DTYPES.join(', '))
  const lengths = shapeOption(shape)
  const elements = sizeOf(lengths)
  const { buffer } = Segment.anonymous(Math.max(1, elements * itemsizeOf(dtype)))
  const Storage = storageConstructor(dtype)
  const data: StorageOf<D> = new Storage(buffer, 0, elements * componentsOf(dtype))
  if (!fortran) return new NdArray(dtype, data, lengths)
  return new NdArray(dtype, data, [...lengths].reverse()).transpose()
}

/** The same as {@link zeros}: the kernel hands out no memory that is not zeroed. */
export function empty<D extends DType = 'float64'>(
  shape: Shape,
  dtype: D = 'float64' as D,
  options: ArrayOptions = {},
): NdArray<D> {
  return zeros(shape, dtype, options)
}

/** A new array of ones (`true`, `1n`, `1 + 0i`); otherwise as {@link zeros}. */
export function ones<D extends DType = 'float64'>(
  shape: Shape,
  dtype: D = 'float64' as D,
  options: ArrayOptions = {},
): NdArray<D> {
  const array = zeros(shape, dtype, options)
  return array.fill(oneOf(dtype) as ElementOf<D>)
}

/**
 * A new array with `value` in every element; otherwise as {@link zeros}.
 *
 * ```ts
 * const gray = full([480, 640], 128, 'uint8')
 * ```
 *
 * Throws `DTYPE_MISMATCH` for a value of another type than the dtype's.
 */
export function full<D extends DType = 'float64'>(
  shape: Shape,
  value: ElementOf<D>,
  dtype: D = 'float64' as D,
  options: ArrayOptions = {},
): NdArray<D> {
  return zeros(shape, dtype, options).fill(value)
}

function oneOf(dtype: DType): ElementOf<DType> {
  if (dtype === 'bool') return true
  if (dtype === 'int64' || dtype === 'uint64') return 1n
  return componentsOf(dtype) === 2 ? { re: 1, im: 0 } : 1
}
