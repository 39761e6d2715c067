import { describe, expect, expectTypeOf, it } from 'vitest'
import { FrameringError, type ErrorCode } from '../../src/errors/framering-error.ts'
import { fromArray, fromBytes, NdArray, zeros } from '../../src/ndarray/index.ts'
import { counted } from './model.ts'

function fails(code: ErrorCode, message: RegExp, act: () => unknown): void {
  let error: unknown
  try {
    act()
  } catch (e) {
    error = e
  }
  expect(error).toBeInstanceOf(FrameringError)
  expect((error as FrameringError).message).toMatch(message)
  expect((error as FrameringError).code).toBe(code)
}

describe('indices', () => {
  const { array } = counted([2, 3, 4])

  it.each([
    [[2, 0, 0], /index 2 is outside axis 0, which has length 2/],
    [[0, -1, 0], /index -1 is outside axis 1, which has length 3/],
    [[0, 0, 0.5], /index 0.5 is outside axis 2.*whole number/],
    [[0, NaN, 0], /index NaN is outside axis 1/],
    [[0, 2 ** 32, 0], /index 4294967296 is outside axis 1/],
  ])(
    '%j is refused by name of axis, index and length, for reading and writing',
    (index, message) => {
      fails('OPTION_INVALID', message, () => array.get(...index))
      fails('OPTION_INVALID', message, () => array.set(...index, 1))
      fails('OPTION_INVALID', message, () => array.index(...index))
      expect([...array]).toEqual([...counted([2, 3, 4]).array])
    },
  )

  it('from the end count only in at, and no further than the axis', () => {
    expect(array.at(-1, -1, -1)).toBe(23)
    fails('OPTION_INVALID', /index -3 is outside axis 0, which has length 2/, () =>
      array.at(-3, 0, 0),
    )
  })

  it('must be one per axis, at every rank', () => {
    for (let rank = 0; rank <= 6; rank++) {
      const cube = zeros('uint8', new Array<number>(rank).fill(2))
      const more = new Array<number>(rank + 1).fill(0)
      const wrong = new RegExp(`${rank + 1} indices for an array of shape .*; give ${rank}`)
      fails('SHAPE_MISMATCH', wrong, () => cube.get(...more))
      fails('SHAPE_MISMATCH', wrong, () => cube.set(...more, 9))
      if (rank === 0) continue
      const fewer = more.slice(2)
      fails('SHAPE_MISMATCH', /give/, () => cube.get(...fewer))
      expect(() => cube.set(...fewer, 9)).toThrow(FrameringError)
      expect([...cube].every((value) => value === 0)).toBe(true)
    }
  })

  it('reach into axes longer than 2 ** 31', () => {
    const long = new NdArray('uint8', new Uint8Array([7]), [2 ** 33], [0])
    expect(long.get(2 ** 32)).toBe(7)
    expect(long.set(2 ** 32, 8)).toBe(8)
    expect(long.get(0)).toBe(8)
  })
})

describe('released memory', () => {
  function revoked(dtype: 'uint8' | 'bool' | 'float16' | 'complex64') {
    const buffer = new ArrayBuffer(64)
    const array = fromBytes(dtype, [2, 2], buffer) as NdArray
    structuredClone(buffer, { transfer: [buffer] })
    return array
  }

  it.each(['uint8', 'bool', 'float16', 'complex64'] as const)(
    'of %s cannot be read, written or viewed, and says so',
    (dtype) => {
      const array = revoked(dtype)
      const value = zeros(dtype, []).get()
      const acts = [
        () => array.get(0, 0),
        () => array.at(-1, -1),
        () => array.set(0, 0, value),
        () => array.fill(value),
        () => array.copy(),
        () => array.T.copy(),
        () => array.slice(0),
        () => array.reshape([4]),
        () => [...array],
        () => array.toNested(),
      ]
      for (const act of acts) fails('RELEASED', /copy\(\)/, act)
      expect([array.data.length, array.size, array.shape]).toEqual([0, 4, [2, 2]])
    },
  )
})

describe('construction', () => {
  it('takes the machine bytes as they are, without a copy', () => {
    const bytes = Buffer.from([0, 0, 1, 0, 2, 0, 3, 0, 4, 0])
    const region = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    region.fill(9, 0, 2)
    const array = fromBytes('uint16', [2, 2], bytes.subarray(2))
    expect(array.toNested()).toEqual([
      [1, 2],
      [3, 4],
    ])
    array.set(1, 1, 0x0506)
    expect([bytes[8], bytes[9]]).toEqual([6, 5])
    const padded = fromBytes('uint8', [2, 3], new Uint8Array([1, 2, 3, 0, 4, 5, 6]), [4, 1])
    expect([...padded]).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('refuses bytes that are too few, misplaced or no bytes', () => {
    const needs = /float32 of shape \[2, 2\] needs 16 bytes and 15 were given/
    fails('FORMAT_INVALID', needs, () => fromBytes('float32', [2, 2], new Uint8Array(15)))
    const odd = new Uint8Array(new ArrayBuffer(32), 2, 16)
    const multiple = /float32 needs bytes that start on a multiple of 4.*start at 2/
    fails('FORMAT_INVALID', multiple, () => fromBytes('float32', [2, 2], odd))
    expect(fromBytes('float32', [2, 2], odd.slice().buffer).size).toBe(4)
    fails('FORMAT_INVALID', /Array was given/, () => fromBytes('uint8', [1], [1] as never))
    fails('OPTION_INVALID', /strides/, () => fromBytes('uint8', [2], new Uint8Array(9), [1.5]))
  })

  it('complex numbers lie where their components may, not only on multiples of their own size', () => {
    const bytes = new Uint8Array(new Float32Array([0, 1, 2]).buffer, 4)
    expect(fromBytes('complex64', [1], bytes).get(0)).toEqual({ re: 1, im: 2 })
  })

  it('refuses storage of another class, and storage that is too short', () => {
    fails('DTYPE_MISMATCH', /storage of float16 is Uint16Array and Float32Array was given/, () => {
      return new NdArray('float16', new Float32Array(4) as never, [4])
    })
    fails('DTYPE_MISMATCH', /Array was given/, () => new NdArray('uint8', [1] as never, [1]))
    const data = new Uint8Array(6)
    expect(new NdArray('uint8', Buffer.from(data), [2, 3]).size).toBe(6)
    fails('SHAPE_MISMATCH', /elements 0 to 6, and the storage holds 6/, () => {
      return new NdArray('uint8', data, [7])
    })
    fails('SHAPE_MISMATCH', /covers elements -1 to 0/, () => {
      return new NdArray('uint8', data, [2], [-1], 0)
    })
    fails('SHAPE_MISMATCH', /offset 7/, () => new NdArray('uint8', data, [0], [1], 7))
    fails('SHAPE_MISMATCH', /offset 0.5/, () => new NdArray('uint8', data, [1], [1], 0.5))
    fails('OPTION_INVALID', /one whole number per axis/, () => {
      return new NdArray('uint8', data, [2, 3], [1])
    })
    fails('SHAPE_MISMATCH', /holds 3$|holds 3;/, () => {
      return new NdArray('complex64', new Float32Array(6), [4])
    })
  })

  it('refuses lengths that are none', () => {
    for (const length of [-1, 0.5, NaN, Infinity, '3' as never]) {
      fails('OPTION_INVALID', /shape\[1\] is/, () => zeros('uint8', [2, length]))
    }
    fails('OPTION_INVALID', /more elements than can be counted/, () => {
      return zeros('uint8', [0, 2 ** 40, 2 ** 40])
    })
    fails('OPTION_INVALID', /more than there is memory for/, () => zeros('float64', [2 ** 45]))
    fails('OPTION_INVALID', /"uint7"; use one of bool, int8/, () => zeros('uint7' as never, [1]))
  })

  it('refuses ragged nesting', () => {
    fails('SHAPE_MISMATCH', /array of 1 at depth 1.*array of 2/, () => {
      return fromArray('uint8', [[1, 2], [3]])
    })
    fails('SHAPE_MISMATCH', /single element at depth 1/, () => fromArray('uint8', [[1, 2], 3]))
    fails('SHAPE_MISMATCH', /array of 1 at depth 1.*single elements/, () => {
      return fromArray('uint8', [1, [2]])
    })
    expect(fromArray('uint8', []).shape).toEqual([0])
    expect(fromArray('bool', true).get()).toBe(true)
  })

  it('keeps its own shape when the caller goes on with theirs', () => {
    const shape = [2, 3]
    const array = zeros('uint8', shape)
    shape[0] = 9
    expect(array.shape).toEqual([2, 3])
  })
})

describe('slicing', () => {
  const { array } = counted([4, 5])

  it('refuses what is no range', () => {
    fails('OPTION_INVALID', /step on axis 1 is 0/, () => array.slice(null, [0, 1, 0]))
    fails('OPTION_INVALID', /start on axis 0 is 0.5/, () => array.slice([0.5]))
    fails('OPTION_INVALID', /index -5 is outside axis 0/, () => array.slice(-5))
    fails('SHAPE_MISMATCH', /3 ranges for an array of 2 axes/, () => array.slice(0, 0, 0))
    fails('OPTION_INVALID', /axes \[0, 0\]/, () => array.transpose(0, 0))
    fails('OPTION_INVALID', /axes \[0\]/, () => array.transpose(0))
  })

  it('gives rows whose data holds those rows and nothing else', () => {
    expect(Array.from(array.slice([1, 3]).data)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    expect(array.slice([null, null, -1]).offset).toBe(15)
  })
})

/** What users of scijs ndarrays call. */
interface ScijsArray<T extends ArrayLike<number>> {
  data: T
  shape: number[]
  stride: number[]
  offset: number
  size: number
  order: number[]
  dimension: number
  get(...index: number[]): number
  set(...indexAndValue: number[]): number
  index(...index: number[]): number
  lo(...from: number[]): ScijsArray<T>
  hi(...to: number[]): ScijsArray<T>
  step(...by: number[]): ScijsArray<T>
  transpose(...axes: number[]): ScijsArray<T>
  pick(...index: (number | null)[]): ScijsArray<T>
  T: ScijsArray<T>
}

/** What zarrita calls a chunk. */
interface ZarrChunk<T> {
  data: T
  shape: number[]
  stride: number[]
}

describe('other libraries', () => {
  it('take it for a scijs ndarray', () => {
    const { array } = counted([4, 5])
    const other: ScijsArray<Int32Array> = array
    expect(other.stride).toBe(array.strides)
    expect([other.dimension, other.order, other.T.order]).toEqual([2, [1, 0], [0, 1]])
    const part = other.hi(4, 4).lo(1, 2)
    expect(part.shape).toEqual([3, 2])
    expect(part.get(0, 0)).toBe(7)
    expect(part.set(2, 1, 99)).toBe(99)
    expect(other.get(3, 3)).toBe(99)
    const { data, offset, stride } = other.step(-2, 2)
    expect(data[offset + (stride[0] ?? 0) + (stride[1] ?? 0)]).toBe(7)
    expect(other.step(-2, 2).get(1, 1)).toBe(7)
    expect(other.pick(null, 3).get(1)).toBe(8)
    expect(other.pick(-1, 3).shape).toEqual([4])
    expect(() => array.lo(6)).toThrow(/6 does not cut axis 0; give a whole number from 0 to 4/)
    expect(() => array.hi(-1)).toThrow(/does not cut/)
    expect(array.lo(null, 4).hi(1).toNested()).toEqual([[4]])
  })

  it('take it for a zarrita chunk, which has no offset', () => {
    const { array } = counted([4, 5])
    const chunk: ZarrChunk<Int32Array> = array.slice([1, 3], [2, null, 2])
    expectTypeOf<NdArray<'uint8'>>().toExtend<ZarrChunk<Uint8Array>>()
    const at = (i: number, j: number) =>
      chunk.data[i * (chunk.stride[0] ?? 0) + j * (chunk.stride[1] ?? 0)]
    expect([at(0, 0), at(0, 1), at(1, 0), at(1, 1)]).toEqual([7, 9, 12, 14])
  })
})

describe('a read-only array', () => {
  const shapes = [[], [3], [2, 3], [2, 3, 4], [2, 1, 2, 2], [1, 2, 1, 2, 1]]

  it.each(shapes.map((shape) => ({ shape })))('refuses writes of shape $shape', ({ shape }) => {
    const { data } = zeros('uint8', shape)
    const array = new NdArray('uint8', data, shape, undefined, 0, { readOnly: true })
    const first = shape.map(() => 0)
    for (const view of [array, array.transpose(), array.slice(), array.reshape([-1])]) {
      const index = view.shape.map(() => 0)
      fails('READ_ONLY', /copy\(\)/, () => view.set(...(index as [number]), 1))
      fails('READ_ONLY', /copy\(\)/, () => view.fill(1))
    }
    expect(array.get(...first)).toBe(0)
    expect([...data]).toEqual([...data].map(() => 0))
  })

  it('is copied into one that can be written', () => {
    const array = new NdArray('uint8', new Uint8Array(2), [2], undefined, 0, { readOnly: true })
    expect([array.readOnly, array.copy().readOnly, array.copy().set(0, 1)]).toEqual([
      true,
      false,
      1,
    ])
  })
})
