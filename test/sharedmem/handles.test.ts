import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as nd from '../../src/ndarray/index.ts'
import { create, remove } from '../../src/shared-array/index.ts'
import {
  detach,
  fromArray,
  handleOf,
  open,
  zeros,
  type ArrayHandle,
} from '../../src/sharedmem/index.ts'
import { isRoot } from '../support/actor.ts'
import { arrayName, failure, thrown } from '../shared-array/fixtures.ts'

function counted(): nd.NdArray<'int32'> {
  const array = zeros([4, 5, 6], 'int32')
  array.data.set(array.data.map((_, i) => i))
  return array
}

const VIEWS: [string, (array: nd.NdArray<'int32'>) => nd.NdArray<'int32'>][] = [
  ['itself', (array) => array],
  ['a slice', (array) => array.slice([1, 3], null, [2, 5])],
  ['one index', (array) => array.slice(2)],
  ['a single element', (array) => array.slice(3, 4, 5)],
  ['every second', (array) => array.slice(null, [null, null, 2])],
  ['a transpose', (array) => array.transpose(2, 0, 1)],
  ['backwards', (array) => array.slice([null, null, -1], [null, null, -2], [4, 1, -1])],
  ['a transpose of a part backwards', (array) => array.slice([null, 0, -1], 2).T],
  ['another shape', (array) => array.reshape([20, 6]).slice([7, 9])],
  ['no elements', (array) => array.slice([4, 4])],
]

describe('handleOf and open', () => {
  test.each(VIEWS)('keep part and strides of %s', (_, view) => {
    const array = counted()
    const part = view(array)
    const same = open(JSON.parse(JSON.stringify(handleOf(part))) as ArrayHandle)
    expect(same).toMatchObject({ dtype: 'int32', shape: part.shape, strides: part.strides })
    expect(same.toNested()).toEqual(part.toNested())
    // A handle of a handle's array is as good.
    expect(open(handleOf(same)).toNested()).toEqual(part.toNested())
    if (part.size === 0) return
    same.fill(-1)
    expect([...part].every((value) => value === -1)).toBe(true)
    expect(array.data.filter((value) => value === -1)).toHaveLength(part.size)
  })

  test('are plain JSON', () => {
    const handle = handleOf(counted().slice([1, 3]).T)
    expect(JSON.parse(JSON.stringify(handle))).toEqual(handle)
    expect(structuredClone(handle)).toEqual(handle)
    expect(handle).toEqual({
      name: expect.any(String) as string,
      dtype: 'int32',
      shape: [6, 5, 2],
      strides: [1, 6, 30],
      byteOffset: 120,
    })
  })

  test('give the same memory each time, however often', () => {
    const array = counted()
    const all = Array.from({ length: 20 }, () => open(handleOf(array)))
    all[7]!.set(0, 0, 0, 42)
    expect(all.every((other) => other.get(0, 0, 0) === 42)).toBe(true)
  })

  test('readOnly reads what others write, and writes nothing', () => {
    const array = counted()
    const reader = open(handleOf(array), { readOnly: true })
    array.set(0, 0, 1, 77)
    expect(reader.get(0, 0, 1)).toBe(77)
    expect(thrown(() => reader.set(0, 0, 0, 1))).toEqual(failure('READ_ONLY'))
    expect(thrown(() => reader.T.fill(1))).toEqual(failure('READ_ONLY'))
    reader.data[2] = 99
    expect(array.get(0, 0, 2)).toBe(2)
  })

  test('work on when the first array is detached, as long as one is there', () => {
    const array = counted()
    const handle = handleOf(array)
    const other = open(handle)
    detach(array)
    expect(open(handle).get(3, 4, 5)).toBe(119)
    detach(other)
  })
})

describe('handleOf refuses', () => {
  test('arrays that are not in such memory', () => {
    const name = arrayName()
    const named = create(name, [1])
    remove(name)
    for (const array of [nd.zeros('uint8', [1]), named]) {
      expect(thrown(() => handleOf(array as nd.NdArray))).toEqual(
        failure('OPTION_INVALID', /fromArray/),
      )
      expect(
        thrown(() => {
          detach(array)
        }),
      ).toEqual(failure('OPTION_INVALID'))
    }
    expect(open(handleOf(fromArray(named))).shape).toEqual([1])
  })

  test('detached ones', () => {
    const array = counted()
    const view = array.T
    detach(array)
    detach(array)
    expect(thrown(() => handleOf(view))).toEqual(failure('CLOSED'))
    expect(thrown(() => view.get(0, 0, 0))).toEqual(failure('RELEASED'))
  })
})

describe('open refuses', () => {
  const array = zeros([2, 3], 'int32')
  const good = handleOf(array)

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a string', JSON.stringify(good)],
    ['a list', [good]],
    ['an empty object', {}],
    ['no name', { ...good, name: undefined }],
    ['a name that is none', { ...good, name: 7 }],
    ['a name of another kind', { ...good, name: '/dev/shm/x' }],
    ['a name with a path in it', { ...good, name: `1/../2.3.0123456789abcdef` }],
    ['a name with a NUL', { ...good, name: `${good.name}\0` }],
    ['a huge name', { ...good, name: '1'.repeat(1e6) }],
    ['another dtype', { ...good, dtype: 'object' }],
    ['no dtype', { ...good, dtype: null }],
    ['a shape that is none', { ...good, shape: 6 }],
    ['a negative length', { ...good, shape: [-2, 3] }],
    ['a fractional length', { ...good, shape: [2, 1.5] }],
    ['a length that is a string', { ...good, shape: ['2', 3] }],
    ['a length with a hole', { ...good, shape: [2, , 3].slice(0, 2) }], // eslint-disable-line no-sparse-arrays
    ['strides that are none', { ...good, strides: undefined }],
    ['too few strides', { ...good, strides: [1] }],
    ['too many strides', { ...good, strides: [3, 1, 1] }],
    ['an infinite stride', { ...good, strides: [Infinity, 1] }],
    ['too many axes', { ...good, shape: new Array(65).fill(1), strides: new Array(65).fill(1) }],
    ['a negative offset', { ...good, byteOffset: -4 }],
    ['a fractional offset', { ...good, byteOffset: 0.5 }],
    ['no offset', { ...good, byteOffset: undefined }],
    ['an offset that elements cannot have', { ...good, shape: [1, 3], byteOffset: 2 }],
    ['a field that is not known', { ...good, bytes: 24 }],
    ['more elements than can be counted', { ...good, shape: [2 ** 40, 2 ** 40], strides: [0, 0] }],
  ])('%s: OPTION_INVALID', (_, handle) => {
    expect(thrown(() => open(handle as ArrayHandle))).toEqual(failure('OPTION_INVALID'))
  })

  test('options that are not known', () => {
    expect(thrown(() => open(good, { readonly: true } as object))).toEqual(
      failure('OPTION_INVALID'),
    )
    expect(thrown(() => open(good, { readOnly: 'yes' as never }))).toEqual(
      failure('OPTION_INVALID'),
    )
  })

  test.each([
    ['a longer shape', { ...good, shape: [2, 4] }],
    ['a wider dtype', { ...good, dtype: 'complex128' }],
    ['an offset', { ...good, byteOffset: 4 }],
    ['a far offset', { ...good, byteOffset: 2 ** 53 - 1 }],
    ['a stride', { ...good, strides: [4, 1] }],
    ['a far stride', { ...good, strides: [2 ** 53 - 1, 1] }],
    ['a stride before the start', { ...good, strides: [-3, 1] }],
    ['strides that cancel out', { ...good, strides: [2 ** 52, -(2 ** 51)] }],
    ['a far offset without elements', { ...good, shape: [0], strides: [1], byteOffset: 4096 }],
  ])('%s beyond the memory: SHAPE_MISMATCH', (_, handle) => {
    expect(thrown(() => open(handle as ArrayHandle))).toEqual(failure('SHAPE_MISMATCH'))
  })

  test('memory that nobody has: NOT_FOUND', () => {
    const gone = zeros([2])
    const handle = handleOf(gone)
    detach(gone)
    expect(thrown(() => open(handle))).toEqual(failure('NOT_FOUND'))
    for (const name of [
      '1.0.0123456789abcdef',
      `${process.pid}.0.0123456789abcdef`,
      '4194305.3.0123456789abcdef',
    ]) {
      expect(thrown(() => open({ ...good, name }))).toEqual(failure('NOT_FOUND'))
    }
  })

  test.runIf(isRoot)('another user’s memory: NOT_FOUND, for it cannot be seen', () => {
    const euid = process.geteuid!()
    process.seteuid!(65534)
    try {
      expect(thrown(() => open(good))).toEqual(failure('NOT_FOUND', /uid 65534/))
    } finally {
      process.seteuid!(euid)
    }
  })

  test('anything that came from anywhere, or gives an array within the memory', () => {
    const small = fc.integer({ min: -2, max: 4 })
    const far = fc.oneof(fc.double(), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 53 - 1, 1 - 2 ** 53))
    const number = fc.oneof({ weight: 9, arbitrary: small }, far)
    const mostly = <T>(arbitrary: fc.Arbitrary<T>, other: fc.Arbitrary<unknown> = fc.anything()) =>
      fc.oneof({ weight: 30, arbitrary }, other)
    const anything = fc.array(fc.tuple(number, number), { maxLength: 4 }).chain((axes) =>
      fc.record(
        {
          name: mostly(fc.constant(good.name), fc.string()),
          dtype: mostly(fc.constantFrom(...nd.DTYPES)),
          shape: mostly(fc.constant(axes.map(([length]) => length))),
          strides: mostly(fc.constant(axes.map(([, stride]) => stride))),
          byteOffset: mostly(fc.constantFrom(0, 4, 8, 23, 24), number),
        },
        { requiredKeys: ['name', 'dtype', 'shape', 'strides'] },
      ),
    )
    let accepted = 0
    fc.assert(
      fc.property(anything, (handle) => {
        let opened: nd.NdArray
        try {
          opened = open(handle as ArrayHandle)
        } catch (error) {
          expect(['OPTION_INVALID', 'SHAPE_MISMATCH', 'NOT_FOUND']).toContain(
            (error as { code: string }).code,
          )
          return
        }
        expect(opened.data.byteOffset + opened.data.byteLength).toBeLessThanOrEqual(24)
        expect(opened.shape).toEqual(handle.shape)
        detach(opened)
        accepted += 1
      }),
      { numRuns: 2000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })
})
