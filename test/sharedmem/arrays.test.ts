import { describe, expect, expectTypeOf, test } from 'vitest'
import * as nd from '../../src/ndarray/index.ts'
import type { DType, NdArray } from '../../src/ndarray/index.ts'
import {
  detach,
  empty,
  fromArray,
  full,
  handleOf,
  ones,
  open,
  zeros,
} from '../../src/sharedmem/index.ts'
import { failure, thrown } from '../shared-array/fixtures.ts'

/** Those that numpy-sharedmem is tested with. */
const DTYPES = ['float64', 'int32', 'float32', 'uint8', 'complex128'] as const

const one = (dtype: DType) => (dtype === 'complex128' ? { re: 1, im: 0 } : 1)
const zero = (dtype: DType) => (dtype === 'complex128' ? { re: 0, im: 0 } : 0)

describe('as numpy-sharedmem is tested', () => {
  test.each(DTYPES)('ten ones of %s', (dtype) => {
    expect([...ones([10], dtype)]).toEqual(new Array(10).fill(one(dtype)))
  })

  test.each(DTYPES)('ten zeros of %s', (dtype) => {
    expect([...zeros([10], dtype)]).toEqual(new Array(10).fill(zero(dtype)))
  })

  test.each(DTYPES)('2^16 zeros of %s', (dtype) => {
    const array = zeros([2 ** 16], dtype)
    expect(array.size).toBe(2 ** 16)
    expect((array.data as Float64Array).every((cell) => cell === 0)).toBe(true)
  })

  test('2^21 zero bytes', () => {
    const array = zeros([2 ** 21], 'uint8')
    expect(array.nbytes).toBe(2 ** 21)
    expect(array.data.every((cell) => cell === 0)).toBe(true)
  })
})

describe('what is made', () => {
  test('is float64 unless another dtype is asked for, and a number is the length of a vector', () => {
    const array = zeros(5)
    expectTypeOf(array).toEqualTypeOf<NdArray<'float64'>>()
    expect(array).toMatchObject({ dtype: 'float64', shape: [5], strides: [1] })
  })

  test.each(nd.DTYPES)('%s: zeros, empty, ones and full', (dtype) => {
    const unit = ones([2, 3], dtype)
    expect([...zeros([2, 3], dtype)]).toEqual([...nd.zeros(dtype, [2, 3])])
    expect([...empty([2, 3], dtype)]).toEqual([...nd.zeros(dtype, [2, 3])])
    expect([...full([2, 3], unit.get(0, 0), dtype)]).toEqual([...unit])
    const value = unit.get(1, 2)
    if (typeof value === 'object') expect(value).toEqual({ re: 1, im: 0 })
    else expect(Number(value)).toBe(1)
  })

  test.each([[[]], [[0]], [[3, 0, 2]]])('has shape %j if that is asked for', (shape) => {
    const array = open(handleOf(ones(shape, 'int16')))
    expect(array).toMatchObject({ shape, size: shape.length === 0 ? 1 : 0 })
    expect([...array]).toEqual(shape.length === 0 ? [1] : [])
  })

  test('is in C order, or in Fortran order', () => {
    const c = full([2, 3, 4], 1, 'uint8', { order: 'C' })
    const f = full([2, 3, 4], 1, 'uint8', { order: 'F' })
    expect(zeros([2, 3, 4]).strides).toEqual(c.strides)
    expect(c).toMatchObject({ shape: [2, 3, 4], strides: [12, 4, 1] })
    expect(f).toMatchObject({ shape: [2, 3, 4], strides: [1, 2, 6] })
    expect([...f]).toEqual([...c])
  })

  test('can be written, each for itself', () => {
    const [a, b] = [zeros([2], 'int8'), zeros([2], 'int8')]
    a.set(0, 5)
    expect([[...a], [...b]]).toEqual([
      [5, 0],
      [0, 0],
    ])
  })
})

describe('fromArray copies', () => {
  const source = nd.fromArray('int32', [
    [1, 2, 3],
    [4, 5, 6],
  ])

  test('an array: values, dtype and shape, and nothing more to do with it', () => {
    const shared = fromArray(source)
    expectTypeOf(shared).toEqualTypeOf<NdArray<'int32'>>()
    expect(shared).toMatchObject({ dtype: 'int32', shape: [2, 3], strides: [3, 1] })
    shared.set(0, 0, 99)
    expect(source.get(0, 0)).toBe(1)
    expect(open(handleOf(shared)).toNested()).toEqual([
      [99, 2, 3],
      [4, 5, 6],
    ])
  })

  test('in the order that is asked for, whatever the source’s', () => {
    for (const from of [
      source,
      source.T.copy().T,
      source.slice(null, [null, null, -1]).slice(null, [null, null, -1]),
    ]) {
      for (const [order, strides] of [
        ['C', [3, 1]],
        ['F', [1, 2]],
      ] as const) {
        const shared = fromArray(from, { order })
        expect(shared.strides).toEqual(strides)
        expect(shared.toNested()).toEqual(source.toNested())
      }
    }
  })

  test('a view: its elements alone', () => {
    const shared = fromArray(source.slice(null, [null, null, -2]))
    expect(shared.toNested()).toEqual([
      [3, 1],
      [6, 4],
    ])
    expect(shared.strides).toEqual([2, 1])
  })

  test('an array without axes, and one without elements', () => {
    expect(fromArray(nd.fromArray('int64', 7n)).get()).toBe(7n)
    expect(fromArray(nd.zeros('complex64', [2, 0])).shape).toEqual([2, 0])
  })

  test('a shared array into memory of its own', () => {
    const first = ones([3], 'uint8')
    const second = fromArray(first)
    first.fill(9)
    expect([...second]).toEqual([1, 1, 1])
    expect(handleOf(first).name).not.toBe(handleOf(second).name)
  })

  test('nested arrays', () => {
    const shared = fromArray(
      [
        [0, 0.5],
        [1.5, -2],
      ],
      'float16',
      { order: 'F' },
    )
    expectTypeOf(shared).toEqualTypeOf<NdArray<'float16'>>()
    expect(shared.toNested()).toEqual([
      [0, 0.5],
      [1.5, -2],
    ])
    expect(shared.strides).toEqual([1, 2])
    expect(fromArray(true, 'bool').get()).toBe(true)
  })

  test('not what is ragged, of another type, or gone', () => {
    const gone = ones([1])
    detach(gone)
    expect(thrown(() => fromArray([[1], [1, 2]], 'uint8'))).toEqual(failure('SHAPE_MISMATCH'))
    expect(thrown(() => fromArray<'uint8'>([1n] as unknown as number[], 'uint8'))).toEqual(
      failure('DTYPE_MISMATCH'),
    )
    expect(thrown(() => fromArray([1], 'float' as 'uint8'))).toEqual(failure('OPTION_INVALID'))
    expect(thrown(() => fromArray(gone))).toEqual(failure('RELEASED'))
  })
})

describe('what cannot be made is refused', () => {
  test.each([
    ['a negative length', [-1]],
    ['a fraction', [1.5]],
    ['NaN', NaN],
    ['a length that is no number', ['3']],
    ['no shape', undefined],
    ['a string', '3'],
    ['more elements than can be counted', [2 ** 40, 2 ** 40]],
    ['the same behind a length of 0', [0, 2 ** 40, 2 ** 40]],
    ['more bytes than can be counted', [2 ** 52]],
  ])('OPTION_INVALID: %s', (_, shape) => {
    for (const make of [zeros, empty, ones]) {
      expect(thrown(() => make(shape as number))).toEqual(failure('OPTION_INVALID'))
    }
  })

  test('OPTION_INVALID: another dtype, order or option', () => {
    for (const [dtype, options] of [
      ['float', {}],
      [null, {}],
      ['uint8', { order: 'K' }],
      ['uint8', { ordre: 'F' }],
      ['uint8', null],
    ]) {
      expect(thrown(() => zeros([1], dtype as 'uint8', options as object))).toEqual(
        failure('OPTION_INVALID'),
      )
    }
  })

  test('DTYPE_MISMATCH: a value of another type', () => {
    expect(thrown(() => full([1], 1 as never, 'int64'))).toEqual(failure('DTYPE_MISMATCH'))
  })

  test('SHM_FULL: more than the machine has, with the figures', () => {
    const error = thrown(() => zeros([2 ** 44], 'uint8'))
    expect(error).toEqual(failure('SHM_FULL'))
    expect(error).toMatchObject({ needed: 2 ** 44, available: expect.any(Number) as number })
  })
})
