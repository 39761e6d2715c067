import fc from 'fast-check'
import { zeros, type NdArray, type SliceRange } from '../../src/ndarray/index.ts'

/** The naive counterpart of an NdArray: a shape and a function from indices to elements. */
export interface Model {
  shape: number[]
  at(index: readonly number[]): number
}

export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, length) =>
      prefixes.flatMap((prefix) => Array.from({ length }, (_, i) => [...prefix, i])),
    [[]],
  )
}

export function flatten(model: Model): number[] {
  return indicesOf(model.shape).map((index) => model.at(index))
}

/** A row-major int32 array that holds 0, 1, 2, … and its model. */
export function counted(shape: number[]): { array: NdArray<'int32'>; model: Model } {
  const array = zeros('int32', shape)
  array.data.forEach((_, i) => (array.data[i] = i))
  const at = (index: readonly number[]) =>
    index.reduce((sum, i, axis) => sum * (shape[axis] as number) + i, 0)
  return { array, model: { shape, at } }
}

/** Python's slicing by walking the axis, not by computing bounds. */
export function sliceModel(model: Model, ranges: readonly SliceRange[]): Model {
  const picks = model.shape.map((length, axis) => pickedBy(ranges[axis] ?? null, length))
  return {
    shape: picks.filter((pick) => Array.isArray(pick)).map((pick) => pick.length),
    at: (index) => {
      const left = [...index]
      return model.at(
        picks.map((pick) => (typeof pick === 'number' ? pick : pick[left.shift() as number])!),
      )
    },
  }
}

function pickedBy(range: SliceRange, length: number): number | number[] {
  if (typeof range === 'number') return range < 0 ? range + length : range
  const [from, to, by] = range ?? []
  const step = by ?? 1
  const axis = Array.from({ length }, (_, i) => i)
  const start = from == null ? (step > 0 ? 0 : length - 1) : from < 0 ? from + length : from
  const stop = to == null ? (step > 0 ? length : -1) : to < 0 ? to + length : to
  if (step > 0) {
    const first = Math.max(start, 0)
    return axis.filter((i) => i >= first && i < stop && (i - first) % step === 0)
  }
  const first = Math.min(start, length - 1)
  return axis.reverse().filter((i) => i <= first && i > stop && (first - i) % -step === 0)
}

export function transposeModel(model: Model, axes: readonly number[]): Model {
  return {
    shape: axes.map((axis) => model.shape[axis] as number),
    at: (index) => {
      const original: number[] = []
      axes.forEach((axis, i) => (original[axis] = index[i] as number))
      return model.at(original)
    },
  }
}

export const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 5 })

export function rangesFor(shape: readonly number[]): fc.Arbitrary<SliceRange[]> {
  const bound = (length: number) =>
    fc.option(fc.integer({ min: -length - 3, max: length + 3 }), { nil: null })
  const ranges = shape.map((length) =>
    fc.oneof(
      fc.constant<SliceRange>(null),
      ...(length > 0 ? [fc.integer({ min: -length, max: length - 1 })] : []),
      fc.tuple(
        bound(length),
        bound(length),
        fc.oneof(
          fc.constant(null),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: -4, max: -1 }),
        ),
      ),
    ),
  )
  return fc.tuple(...ranges)
}
