import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NdArray, zeros, type SliceRange } from '../../src/ndarray/index.ts'
import {
  counted,
  flatten,
  indicesOf,
  rangesFor,
  shapes,
  sliceModel,
  transposeModel,
  type Model,
} from './model.ts'

type Step = { slice: SliceRange[] } | { transpose: number[] }

const journeys = shapes.chain((shape) =>
  fc
    .tuple(rangesFor(shape), fc.array(fc.nat(), { minLength: 5, maxLength: 5 }))
    .chain(([first, keys]) => {
      const rest = sliceModel({ shape, at: () => 0 }, first).shape
      const order = rest.map((_, i) => i).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
      const turned = order.map((axis) => rest[axis] as number)
      return rangesFor(turned).map((second) => ({
        shape,
        steps: [{ slice: first }, { transpose: order }, { slice: second }] satisfies Step[],
      }))
    }),
)

function walk(shape: number[], steps: Step[]): { array: NdArray<'int32'>; model: Model } {
  let { array, model } = counted(shape)
  for (const step of steps) {
    if ('slice' in step) {
      array = array.slice(...step.slice)
      model = sliceModel(model, step.slice)
    } else {
      array = array.transpose(...step.transpose)
      model = transposeModel(model, step.transpose)
    }
  }
  return { array, model }
}

describe('views against nested arrays', () => {
  it('slice and transpose show the elements Python would show, in its order', () => {
    fc.assert(
      fc.property(journeys, ({ shape, steps }) => {
        const { array, model } = walk(shape, steps)
        expect(array.shape).toEqual(model.shape)
        expect([...array]).toEqual(flatten(model))
        expect([...array.iterate()]).toEqual(flatten(model))
      }),
      { numRuns: 500 },
    )
  })

  it('get, at, index and toNested agree with iteration', () => {
    fc.assert(
      fc.property(journeys, ({ shape, steps }) => {
        const { array, model } = walk(shape, steps)
        for (const index of indicesOf(model.shape)) {
          const expected = model.at(index)
          expect(array.get(...index)).toBe(expected)
          expect(array.at(...index.map((i, axis) => i - (array.shape[axis] as number)))).toBe(
            expected,
          )
          expect(array.data[array.index(...index)]).toBe(expected)
        }
        const depth = Math.max(array.shape.length - 1, 0)
        expect(([array.toNested()] as unknown[]).flat(depth + 1)).toEqual(flatten(model))
      }),
      { numRuns: 100 },
    )
  })

  it('set through a view changes the one element in the storage of the whole', () => {
    fc.assert(
      fc.property(journeys, fc.nat(), ({ shape, steps }, pick) => {
        const whole = counted(shape).array
        let view = whole
        for (const step of steps) {
          view = 'slice' in step ? view.slice(...step.slice) : view.transpose(...step.transpose)
        }
        const places = indicesOf(view.shape)
        fc.pre(places.length > 0)
        const place = places[pick % places.length] as number[]
        const before = view.get(...place)
        expect(view.set(...place, -7)).toBe(-7)
        expect(whole.data[before]).toBe(-7)
        expect(whole.data.filter((v) => v === -7)).toHaveLength(1)
      }),
      { numRuns: 200 },
    )
  })

  it('copy and fill reach exactly the elements of the view', () => {
    fc.assert(
      fc.property(journeys, ({ shape, steps }) => {
        const { array, model } = walk(shape, steps)
        const copy = array.copy()
        expect(copy.isContiguous).toBe(true)
        expect(copy.offset).toBe(0)
        expect(Array.from(copy.data)).toEqual(flatten(model))
        expect(copy.data.buffer).not.toBe(array.data.buffer)
        expect(array.fill(-1)).toBe(array)
        expect(new Int32Array(array.data.buffer).filter((v) => v === -1)).toHaveLength(array.size)
        expect(Array.from(copy.data)).toEqual(flatten(model))
      }),
      { numRuns: 200 },
    )
  })

  it('a view starts at the start of its data unless a stride is negative, and never copies', () => {
    fc.assert(
      fc.property(journeys, ({ shape, steps }) => {
        const whole = counted(shape).array
        let view = whole
        for (const step of steps) {
          view = 'slice' in step ? view.slice(...step.slice) : view.transpose(...step.transpose)
        }
        expect(view.data.buffer).toBe(whole.data.buffer)
        const backwards = view.strides.some((s, axis) => s < 0 && (view.shape[axis] ?? 0) > 1)
        if (!backwards) expect(view.offset).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('reshape keeps order and memory, or refuses and leaves copying to the caller', () => {
    const targets = fc.tuple(journeys, fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }))
    let seen = 0
    fc.assert(
      fc.property(targets, ({ 0: { shape, steps }, 1: wanted }) => {
        const { array, model } = walk(shape, steps)
        const product = wanted.reduce((a, b) => a * b, 1)
        fc.pre(array.size > 0 && array.size % product === 0)
        const expected = flatten(model)
        expect([...array.copy().reshape([...wanted, -1])]).toEqual(expected)
        try {
          const reshaped = array.reshape([...wanted, -1])
          seen++
          expect(reshaped.shape).toEqual([...wanted, array.size / product])
          expect(reshaped.data.buffer).toBe(array.data.buffer)
          expect([...reshaped]).toEqual(expected)
        } catch (error) {
          expect(error).toMatchObject({ code: 'SHAPE_MISMATCH' })
          expect(array.isContiguous).toBe(false)
        }
      }),
      { numRuns: 500 },
    )
    expect(seen).toBeGreaterThan(10)
  })
})

describe('reshape by hand', () => {
  it('splits and merges axes of a padded image without moving anything', () => {
    const padded = new NdArray('uint8', new Uint8Array(8 * 4), [4, 6], [8, 1])
    expect(padded.reshape([2, 2, 2, 3]).strides).toEqual([16, 8, 3, 1])
    expect(padded.reshape([4, 1, 6, 1]).shape).toEqual([4, 1, 6, 1])
    expect(() => padded.reshape([24])).toThrow(/copy\(\)\.reshape/)
    expect(() => padded.reshape([8, 3])).toThrow(/without moving/)
    expect(() => padded.reshape([3, 8])).toThrow(/without moving/)
  })

  it('sees a transposed array as a line only through a copy', () => {
    const { array } = counted([2, 3])
    expect(() => array.T.reshape([6])).toThrow(/without moving/)
    expect([...array.T.copy().reshape([6])]).toEqual([0, 3, 1, 4, 2, 5])
  })

  it('accepts rank 0 and arrays without elements', () => {
    expect(counted([1, 1]).array.reshape([]).get()).toBe(0)
    expect(counted([]).array.reshape([1, -1]).shape).toEqual([1, 1])
    expect(zeros('int8', [0, 3]).reshape([3, 0]).shape).toEqual([3, 0])
    expect(zeros('int8', [0, 3]).reshape([3, -1]).shape).toEqual([3, 0])
  })

  it.each([[[4, 2]], [[-1, 4]], [[-1, 0]], [[]]])('refuses %j for 6 elements', (shape) => {
    expect(() => counted([2, 3]).array.reshape(shape)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
  })

  it('refuses two open lengths', () => {
    expect(() => counted([2, 3]).array.reshape([-1, -1])).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})
