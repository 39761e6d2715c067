import type { DType, ElementOf, StorageOf } from './dtype.ts'
import { float16ToNumber, numberToFloat16 } from './float16.ts'

/**
 * Element number `at` of `data`, or undefined when `data` does not reach that far (a detached
 * buffer has length 0, so this is also how a revoked frame shows).
 *
 * One `case` per dtype, though many look alike: each is a load site of its own that only ever sees
 * one class of typed array. A shared site goes megamorphic in a program that uses five dtypes, and
 * every load then costs about four times as much. The dtypes of images come first, and apart from
 * the others, so that this much is small enough to be inlined.
 */
export function loadElement<D extends DType>(
  data: StorageOf<D>,
  dtype: D,
  at: number,
): ElementOf<D> | undefined
export function loadElement(data: unknown, dtype: DType, at: number): unknown {
  switch (dtype) {
    case 'uint8':
      return (data as Uint8Array)[at]
    case 'uint16':
      return (data as Uint16Array)[at]
    case 'float32':
      return (data as Float32Array)[at]
    case 'float64':
      return (data as Float64Array)[at]
    default:
      return loadRarer(data, dtype, at)
  }
}

function loadRarer(
  data: unknown,
  dtype: Exclude<DType, 'uint8' | 'uint16' | 'float32' | 'float64'>,
  at: number,
): unknown {
  switch (dtype) {
    case 'int16':
      return (data as Int16Array)[at]
    case 'int32':
      return (data as Int32Array)[at]
    case 'int8':
      return (data as Int8Array)[at]
    case 'uint32':
      return (data as Uint32Array)[at]
    case 'int64':
      return (data as BigInt64Array)[at]
    case 'uint64':
      return (data as BigUint64Array)[at]
    case 'bool': {
      const byte = (data as Uint8Array)[at]
      return byte === undefined ? undefined : byte !== 0
    }
    case 'float16': {
      const bits = (data as Uint16Array)[at]
      return bits === undefined ? undefined : float16ToNumber(bits)
    }
    case 'complex64': {
      const re = (data as Float32Array)[2 * at]
      const im = (data as Float32Array)[2 * at + 1]
      return re === undefined || im === undefined ? undefined : { re, im }
    }
    case 'complex128': {
      const re = (data as Float64Array)[2 * at]
      const im = (data as Float64Array)[2 * at + 1]
      return re === undefined || im === undefined ? undefined : { re, im }
    }
  }
}

/**
 * Stores `value` as element number `at`; false, and nothing stored, when the value is not of the
 * dtype's element type or `data` does not reach that far. A typed array would ignore a store
 * beyond its end, so writing to a revoked frame would seem to succeed.
 */
export function storeElement(data: unknown, dtype: DType, at: number, value: unknown): boolean {
  switch (dtype) {
    case 'uint8':
      if (typeof value !== 'number' || at >= (data as Uint8Array).length) return false
      ;(data as Uint8Array)[at] = value
      return true
    case 'uint16':
      if (typeof value !== 'number' || at >= (data as Uint16Array).length) return false
      ;(data as Uint16Array)[at] = value
      return true
    case 'float32':
      if (typeof value !== 'number' || at >= (data as Float32Array).length) return false
      ;(data as Float32Array)[at] = value
      return true
    case 'float64':
      if (typeof value !== 'number' || at >= (data as Float64Array).length) return false
      ;(data as Float64Array)[at] = value
      return true
    default:
      return storeRarer(data, dtype, at, value)
  }
}

function storeRarer(
  data: unknown,
  dtype: Exclude<DType, 'uint8' | 'uint16' | 'float32' | 'float64'>,
  at: number,
  value: unknown,
): boolean {
  switch (dtype) {
    case 'int16':
      if (typeof value !== 'number' || at >= (data as Int16Array).length) return false
      ;(data as Int16Array)[at] = value
      return true
    case 'int32':
      if (typeof value !== 'number' || at >= (data as Int32Array).length) return false
      ;(data as Int32Array)[at] = value
      return true
    case 'int8':
      if (typeof value !== 'number' || at >= (data as Int8Array).length) return false
      ;(data as Int8Array)[at] = value
      return true
    case 'uint32':
      if (typeof value !== 'number' || at >= (data as Uint32Array).length) return false
      ;(data as Uint32Array)[at] = value
      return true
    case 'int64':
      if (typeof value !== 'bigint' || at >= (data as BigInt64Array).length) return false
      ;(data as BigInt64Array)[at] = value
      return true
    case 'uint64':
      if (typeof value !== 'bigint' || at >= (data as BigUint64Array).length) return false
      ;(data as BigUint64Array)[at] = value
      return true
    case 'bool':
      if (typeof value !== 'boolean' || at >= (data as Uint8Array).length) return false
      ;(data as Uint8Array)[at] = value ? 1 : 0
      return true
    case 'float16':
      if (typeof value !== 'number' || at >= (data as Uint16Array).length) return false
      ;(data as Uint16Array)[at] = numberToFloat16(value)
      return true
    case 'complex64':
      if (!isComplex(value) || 2 * at + 1 >= (data as Float32Array).length) return false
      ;(data as Float32Array)[2 * at] = value.re
      ;(data as Float32Array)[2 * at + 1] = value.im
      return true
    case 'complex128':
      if (!isComplex(value) || 2 * at + 1 >= (data as Float64Array).length) return false
      ;(data as Float64Array)[2 * at] = value.re
      ;(data as Float64Array)[2 * at + 1] = value.im
      return true
  }
}

/** Whether `value` is of the type that elements of `dtype` have. */
export function isElement<D extends DType>(dtype: D, value: unknown): value is ElementOf<D> {
  const kind = elementKind(dtype)
  return kind === '{ re, im }' ? isComplex(value) : typeof value === kind
}

/** The type of a dtype's elements, in words for a message. */
export function elementKind(dtype: DType): 'boolean' | 'bigint' | '{ re, im }' | 'number' {
  switch (dtype) {
    case 'bool':
      return 'boolean'
    case 'int64':
    case 'uint64':
      return 'bigint'
    case 'complex64':
    case 'complex128':
      return '{ re, im }'
    default:
      return 'number'
  }
}

function isComplex(value: unknown): value is { re: number; im: number } {
  if (typeof value !== 'object' || value === null) return false
  const { re, im } = value as { re?: unknown; im?: unknown }
  return typeof re === 'number' && typeof im === 'number'
}
