import type { DType } from '../ndarray/index.ts'

/** What NumPy on 64-bit Linux writes for a dtype. It has two numbers for 64-bit integers: `long`'s. */
const WRITTEN: Readonly<Record<DType, number>> = {
  bool: 0,
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  int64: 7,
  uint64: 8,
  float32: 11,
  float64: 12,
  complex64: 14,
  complex128: 15,
  float16: 23,
}

const READ: ReadonlyMap<number, DType> = new Map([
  ...Object.entries(WRITTEN).map(([dtype, number]) => [number, dtype as DType] as const),
  [9, 'int64'], // long long
  [10, 'uint64'],
])

/** Dtypes of NumPy that have no counterpart here, by the names that NumPy gives their types. */
const FOREIGN = {
  13: 'longdouble',
  16: 'clongdouble',
  17: 'object',
  18: 'bytes',
  19: 'str',
  20: 'void',
  21: 'datetime64',
  22: 'timedelta64',
  2056: 'StringDType',
} as const

/** NumPy's name of a dtype that no array here can have; `void` is what structured dtypes are. */
export type ForeignDType = (typeof FOREIGN)[keyof typeof FOREIGN]

/** NumPy's number of a dtype. */
export function typenumOf(dtype: DType): number {
  return WRITTEN[dtype]
}

/** The dtype of a number, if it is one that arrays here can have. */
export function dtypeOf(typenum: number): DType | undefined {
  return READ.get(typenum)
}

/** The name of a dtype that arrays here cannot have, if NumPy has one of that number. */
export function foreignDTypeOf(typenum: number): ForeignDType | undefined {
  return Object.hasOwn(FOREIGN, typenum) ? FOREIGN[typenum as keyof typeof FOREIGN] : undefined
}
