import { numberToFloat16, float16ToNumber } from '../ndarray/float16.ts'
import { fieldType, mismatch, type FieldType } from './field-type.ts'

/** A type whose values are copied in and out: a number, a bigint, a boolean. */
export type ScalarType<V> = FieldType<V, V, V>

type Load<V> = (view: DataView, at: number, little: boolean) => V
type Store<V> = (view: DataView, at: number, value: V, little: boolean) => void

function scalar<V>(
  name: string,
  size: number,
  load: Load<V>,
  store: Store<V>,
  isValue: (value: unknown) => boolean,
  takes: string,
): ScalarType<V> {
  return fieldType(name, size, size, {
    isView: false,
    access: load,
    load,
    prepare(value, path) {
      return isValue(value) ? value : mismatch(path, value, name, takes)
    },
    store(view, at, little, prepared) {
      store(view, at, prepared as V, little)
    },
  })
}

function whole(name: string, size: number, min: number, load: Load<number>, store: Store<number>) {
  const max = min + 2 ** (8 * size) - 1
  const fits = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
  return scalar(name, size, load, store, fits, `a whole number from ${min} to ${max}`)
}

function wide(name: string, min: bigint, load: Load<bigint>, store: Store<bigint>) {
  const max = min + 2n ** 64n - 1n
  const fits = (value: unknown) => typeof value === 'bigint' && value >= min && value <= max
  return scalar(name, 8, load, store, fits, `a bigint from ${String(min)}n to ${String(max)}n`)
}

function float(
  name: string,
  size: number,
  load: Load<number>,
  store: Store<number>,
  overflows: (value: number) => boolean,
) {
  const fits = (value: unknown) =>
    typeof value === 'number' && (!overflows(value) || !Number.isFinite(value))
  return scalar(name, size, load, store, fits, 'a number that it does not turn into Infinity')
}

/** C's `int8_t`: a number from −128 to 127. */
export const i8 = whole(
  'i8',
  1,
  -(2 ** 7),
  (view, at) => view.getInt8(at),
  (view, at, value) => {
    view.setInt8(at, value)
  },
)

/** C's `uint8_t`: a number from 0 to 255. */
export const u8 = whole(
  'u8',
  1,
  0,
  (view, at) => view.getUint8(at),
  (view, at, value) => {
    view.setUint8(at, value)
  },
)

/** C's `int16_t`: a number from −32768 to 32767. */
export const i16 = whole(
  'i16',
  2,
  -(2 ** 15),
  (view, at, little) => view.getInt16(at, little),
  (view, at, value, little) => {
    view.setInt16(at, value, little)
  },
)

/** C's `uint16_t`: a number from 0 to 65535. */
export const u16 = whole(
  'u16',
  2,
  0,
  (view, at, little) => view.getUint16(at, little),
  (view, at, value, little) => {
    view.setUint16(at, value, little)
  },
)

/** C's `int32_t`: a number from −2³¹ to 2³¹ − 1. */
export const i32 = whole(
  'i32',
  4,
  -(2 ** 31),
  (view, at, little) => view.getInt32(at, little),
  (view, at, value, little) => {
    view.setInt32(at, value, little)
  },
)

/** C's `uint32_t`: a number from 0 to 2³² − 1. */
export const u32 = whole(
  'u32',
  4,
  0,
  (view, at, little) => view.getUint32(at, little),
  (view, at, value, little) => {
    view.setUint32(at, value, little)
  },
)

/** C's `int64_t`: a bigint from −2⁶³ to 2⁶³ − 1. Never a number: it could not hold them all. */
export const i64 = wide(
  'i64',
  -(2n ** 63n),
  (view, at, little) => view.getBigInt64(at, little),
  (view, at, value, little) => {
    view.setBigInt64(at, value, little)
  },
)

/** C's `uint64_t` and `size_t`: a bigint from 0 to 2⁶⁴ − 1. */
export const u64 = wide(
  'u64',
  0n,
  (view, at, little) => view.getBigUint64(at, little),
  (view, at, value, little) => {
    view.setBigUint64(at, value, little)
  },
)

/** C's `_Float16`: rounded to the nearest; a finite number of 65520 or more does not fit. */
export const f16 = float(
  'f16',
  2,
  (view, at, little) => float16ToNumber(view.getUint16(at, little)),
  (view, at, value, little) => {
    view.setUint16(at, numberToFloat16(value), little)
  },
  (value) => (numberToFloat16(value) & 0x7fff) === 0x7c00,
)

/** C's `float`: rounded to the nearest; a finite number that would become Infinity does not fit. */
export const f32 = float(
  'f32',
  4,
  (view, at, little) => view.getFloat32(at, little),
  (view, at, value, little) => {
    view.setFloat32(at, value, little)
  },
  (value) => !Number.isFinite(Math.fround(value)),
)

/** C's `double`: any number. */
export const f64 = float(
  'f64',
  8,
  (view, at, little) => view.getFloat64(at, little),
  (view, at, value, little) => {
    view.setFloat64(at, value, little)
  },
  () => false,
)

/** C's `bool`: one byte. Any but 0 reads as true; 1 is written. */
export const bool = scalar<boolean>(
  'bool',
  1,
  (view, at) => view.getUint8(at) !== 0,
  (view, at, value) => {
    view.setUint8(at, value ? 1 : 0)
  },
  (value) => typeof value === 'boolean',
  'true or false',
)
