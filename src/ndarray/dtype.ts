import { FrameringError } from '../errors/framering-error.ts'

/**
 * Every element type an array can have, by its Array API name.
 *
 * ```ts
 * DTYPES.indexOf('uint8') + 1 // 6, the number that stands for uint8 in shared memory
 * ```
 *
 * The order is part of the memory layout: a dtype is stored as its index here plus one, so that
 * zeroed memory names no dtype at all.
 */
export const DTYPES = [
  'bool',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float16',
  'float32',
  'float64',
  'complex64',
  'complex128',
] as const

/** The name of an element type. */
export type DType = (typeof DTYPES)[number]

/** One complex number. */
export interface Complex {
  re: number
  im: number
}

interface Elements {
  bool: boolean
  int8: number
  int16: number
  int32: number
  int64: bigint
  uint8: number
  uint16: number
  uint32: number
  uint64: bigint
  float16: number
  float32: number
  float64: number
  complex64: Complex
  complex128: Complex
}

interface Storages {
  /** one byte each, 0 is false */
  bool: Uint8Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  uint64: BigUint64Array
  /** the raw bits, since Node 20 has no Float16Array */
  float16: Uint16Array
  float32: Float32Array
  float64: Float64Array
  /** re, im, re, im, … */
  complex64: Float32Array
  complex128: Float64Array
}

/** What `get` gives and `set` takes for a dtype: `number`, `bigint`, `boolean` or {@link Complex}. */
export type ElementOf<D extends DType> = Elements[D]

/** The typed array that holds elements of a dtype. */
export type StorageOf<D extends DType> = Storages[D]

interface StorageConstructor<D extends DType> {
  new (length: number): StorageOf<D>
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): StorageOf<D>
  readonly name: string
  readonly BYTES_PER_ELEMENT: number
}

const CONSTRUCTORS: { readonly [D in DType]: StorageConstructor<D> } = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  complex64: Float32Array,
  complex128: Float64Array,
}

/** Whether `value` names a dtype. */
export function isDType(value: unknown): value is DType {
  return (DTYPES as readonly unknown[]).includes(value)
}

/**
 * Bytes of one element: `itemsizeOf('complex64')` is 8.
 *
 * Throws `OPTION_INVALID` for a name that is not in {@link DTYPES}.
 */
export function itemsizeOf(dtype: DType): number {
  return storageConstructor(dtype).BYTES_PER_ELEMENT * componentsOf(dtype)
}

/** Storage cells of one element: 2 for complex numbers, else 1. */
export function componentsOf(dtype: DType): 1 | 2 {
  return dtype === 'complex64' || dtype === 'complex128' ? 2 : 1
}

/** The typed array class of a dtype. Throws `OPTION_INVALID` for an unknown name. */
export function storageConstructor<D extends DType>(dtype: D): StorageConstructor<D> {
  if (!isDType(dtype)) {
    throw new FrameringError(
      'OPTION_INVALID',
      `dtype is ${JSON.stringify(dtype)}; use one of ${DTYPES.join(', ')}`,
    )
  }
  return CONSTRUCTORS[dtype]
}
