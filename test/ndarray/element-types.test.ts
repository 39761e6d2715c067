import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  DTYPES,
  fromArray,
  itemsizeOf,
  NdArray,
  zeros,
  type Complex,
  type DType,
  type ElementOf,
  type StorageOf,
} from '../../src/ndarray/index.ts'

const SAMPLES: { [D in DType]: ElementOf<D>[] } = {
  bool: [true, false],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0, 255],
  uint16: [0, 65535],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0n, 2n ** 64n - 1n],
  float16: [0.5, -65504],
  float32: [Math.fround(0.1), -Infinity],
  float64: [0.1, Number.MIN_VALUE],
  complex64: [
    { re: 1, im: -2 },
    { re: 0, im: 0.5 },
  ],
  complex128: [
    { re: 0.1, im: 1e300 },
    { re: -0.5, im: 3 },
  ],
}

describe('dtypes', () => {
  it('keep the order that numbers them in shared memory', () => {
    expect(DTYPES.join(' ')).toBe(
      'bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 ' +
        'complex64 complex128',
    )
    expect(DTYPES.map(itemsizeOf)).toEqual([1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16])
  })

  it.each(DTYPES)('%s gives back what was set, at every rank from 0 to 6', (dtype) => {
    for (let rank = 0; rank <= 6; rank++) {
      const array = zeros<DType>(dtype, new Array<number>(rank).fill(2))
      const last = new Array<number>(rank).fill(1)
      for (const value of SAMPLES[dtype]) {
        expect(array.set(...last, value)).toEqual(value)
        expect(array.get(...last)).toEqual(value)
        expect(array.at(...last.map(() => -1))).toEqual(value)
      }
      expect([...array.fill(SAMPLES[dtype][0] as ElementOf<DType>)]).toEqual(
        Array.from({ length: 2 ** rank }, () => SAMPLES[dtype][0]),
      )
    }
  })

  it.each(DTYPES)('%s slices, copies and nests by whole elements', (dtype) => {
    const [a, b] = SAMPLES[dtype] as [never, never]
    const array = fromArray(dtype, [
      [a, b, a],
      [b, b, a],
    ])
    expect(array.nbytes).toBe(6 * itemsizeOf(dtype))
    expect(array.data.byteLength).toBe(array.nbytes)
    const part = array.slice([null, null, -1], [1, null])
    const expected = [
      [b, a],
      [b, a],
    ]
    expect(part.toNested()).toEqual(expected)
    expect(part.copy().toNested()).toEqual(expected)
    expect(part.T.copy().data.byteLength).toBe(part.nbytes)
  })

  it.each([
    ['uint8', 1n],
    ['int64', 1],
    ['bool', 1],
    ['float16', '1'],
    ['complex64', 1],
    ['complex128', { re: 1 }],
    ['float32', undefined],
    ['complex64', null],
  ] as const)('%s refuses %s and changes nothing', (dtype, value) => {
    const array = zeros(dtype, [2]) as NdArray
    const mismatch: unknown = expect.objectContaining({ code: 'DTYPE_MISMATCH' })
    expect(() => array.set(0, value as never)).toThrow(mismatch)
    expect(() => array.fill(value as never)).toThrow(mismatch)
    expect(() => fromArray(dtype, [value as never])).toThrow(mismatch)
    expect(array.get(0)).toEqual(zeros(dtype, []).get())
  })
})

describe('types', () => {
  it('follow the dtype', () => {
    expectTypeOf(zeros('uint8', [1]).get(0)).toEqualTypeOf<number>()
    expectTypeOf(zeros('float16', [1]).get(0)).toEqualTypeOf<number>()
    expectTypeOf(zeros('int64', [1]).get(0)).toEqualTypeOf<bigint>()
    expectTypeOf(zeros('bool', [1]).at(-1)).toEqualTypeOf<boolean>()
    expectTypeOf(zeros('complex64', [1]).get(0)).toEqualTypeOf<Complex>()
    expectTypeOf(zeros('float16', [1]).data).toEqualTypeOf<Uint16Array>()
    expectTypeOf(zeros('uint64', [1]).data).toEqualTypeOf<BigUint64Array>()
    expectTypeOf(zeros('uint8', [1]).slice(null)).toEqualTypeOf<NdArray<'uint8'>>()
    expectTypeOf([...zeros('bool', [1])]).toEqualTypeOf<boolean[]>()
    expectTypeOf<StorageOf<'complex128'>>().toEqualTypeOf<Float64Array>()
    expectTypeOf<NdArray['dtype']>().toEqualTypeOf<DType>()
  })

  it('let any array pass for an array of unknown dtype, and not the other way round', () => {
    expectTypeOf<NdArray<'uint8'>>().toExtend<NdArray>()
    expectTypeOf<NdArray<'complex64'>>().toExtend<NdArray>()
    expectTypeOf<NdArray>().not.toExtend<NdArray<'uint8'>>()
    expectTypeOf<NdArray<'uint8'>>().not.toExtend<NdArray<'float32'>>()
  })

  it('refuse elements of another type', () => {
    const bytes = zeros('uint8', [1])
    // @ts-expect-error a bigint is no element of uint8
    expect(() => bytes.set(0, 1n)).toThrow()
    // @ts-expect-error a value is needed
    expect(() => bytes.set()).toThrow()
    // @ts-expect-error an index is a number
    expect(() => bytes.get('0')).toThrow()
    expectTypeOf(zeros<'uint8'>)
      .parameter(0)
      .toEqualTypeOf<'uint8'>()
  })
})
