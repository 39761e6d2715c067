import { FrameringError } from '../errors/framering-error.ts'
import { checkLayout, checkStorage, checkValue, readOnly, released } from './checks.ts'
import { copyElements, fillElements } from './copy.ts'
import {
  componentsOf,
  DTYPES,
  itemsizeOf,
  storageConstructor,
  type DType,
  type ElementOf,
  type StorageOf,
} from './dtype.ts'
import { loadElement, storeElement } from './element.ts'
import { cells, fits, NO_AXIS, within, withoutTrailingUndefined } from './indices.ts'
import {
  checkIndex,
  collapse,
  extentOf,
  reshapeLayout,
  rowMajorStrides,
  runStarts,
  show,
  sizeOf,
  sliceLayout,
  type Layout,
  type SliceRange,
} from './layout.ts'

/** Elements in nested arrays, as deep as the array has axes; a bare element for none. */
export type Nested<T> = T | readonly Nested<T>[]

/**
 * An n-dimensional view of a typed array. Nothing but `copy` copies.
 *
 * ```ts
 * const image = new NdArray('uint8', pixels, [1080, 1920, 3]) // rows, columns, channels
 * image.get(10, 20, 0)                                        // row 10, column 20, first channel
 * const red = image.slice(null, null, 0)                      // [1080, 1920], the same memory
 * const flipped = image.slice(null, [null, null, -1])         // mirrored, the same memory
 * for (const value of red) sum += value                       // row by row
 * ```
 *
 * `shape`, `strides` and `offset` count elements, not bytes. Integers wrap around when stored, as in
 * a typed array. An array over a frame's memory lives as long as the lease: after the release every
 * access throws `RELEASED`, while shape and size still tell what it was.
 *
 * It has the members of a scijs `ndarray` (`stride`, `dimension`, `order`, `index`, `lo`, `hi`,
 * `step`, `pick`, `T`) and of a zarrita `Chunk` (`data`, `shape`, `stride`), so those libraries take
 * it as it is. A `Chunk` has no offset: arrays made by slicing start at the start of their `data`
 * unless a stride is negative, then `copy()` first. Both libraries read `data` by themselves, which
 * gives raw bits for float16 and bool and does not work for complex numbers.
 *
 * Throws `OPTION_INVALID` for what is never valid (unknown dtype, fractional length, index outside
 * its axis), `DTYPE_MISMATCH` for storage or values of another type, `SHAPE_MISMATCH` for a shape that
 * does not fit the elements or a wrong number of indices, and `READ_ONLY` from `set` and `fill`.
 */
export class NdArray<D extends DType = DType> implements Iterable<ElementOf<D>> {
  readonly dtype: D
  /** The storage; complex numbers take two cells each: re, im. */
  readonly data: StorageOf<D>
  readonly shape: number[]
  /** Elements from one index to the next on each axis; may be negative or 0. */
  readonly strides: number[]
  /** The element of `data` where index 0, 0, … lies. */
  readonly offset: number
  /** Number of elements. */
  readonly size: number
  /** Whether `set` and `fill` refuse. Not a lock: `data` takes writes as any typed array does. */
  readonly readOnly: boolean

  // Lengths and strides of the first four axes once more: `get` and `set` read them without the
  // bounds checks of an array, and they hold even if somebody writes into `shape`.
  private readonly rank: number
  private readonly n0: number
  private readonly n1: number
  private readonly n2: number
  private readonly n3: number
  private readonly s0: number
  private readonly s1: number
  private readonly s2: number
  private readonly s3: number

  /**
   * `strides` defaults to row-major without gaps; views of a `readOnly` array are read-only. Throws
   * `SHAPE_MISMATCH` when the array would reach beyond `data`.
   */
  constructor(
    dtype: D,
    data: StorageOf<D>,
    shape: readonly number[],
    strides: readonly number[] = rowMajorStrides(shape),
    offset = 0,
    options: { readonly readOnly?: boolean | undefined } = {},
  ) {
    checkStorage(dtype, data)
    this.size = sizeOf(shape)
    // The list's own string: comparing two copies of a string costs more than comparing one.
    this.dtype = DTYPES[DTYPES.indexOf(dtype)] as D
    this.data = data
    this.shape = [...shape]
    this.strides = [...strides]
    this.offset = offset
    this.readOnly = options.readOnly === true
    checkLayout(this, data.length / componentsOf(dtype))
    this.rank = shape.length
    this.n0 = shape[0] ?? NO_AXIS
    this.n1 = shape[1] ?? NO_AXIS
    this.n2 = shape[2] ?? NO_AXIS
    this.n3 = shape[3] ?? NO_AXIS
    this.s0 = strides[0] ?? 0
    this.s1 = strides[1] ?? 0
    this.s2 = strides[2] ?? 0
    this.s3 = strides[3] ?? 0
    if (this.rank > 4) {
      this.get = (...index) => this.load(index)
      this.set = (...args) => this.store(args.slice(0, -1), args.at(-1))
    }
  }

  /** Bytes of one element. */
  get itemsize(): number {
    return itemsizeOf(this.dtype)
  }

  /** Bytes of all elements, gaps between them not counted. */
  get nbytes(): number {
    return this.size * this.itemsize
  }

  /** The same as `strides`, under the name that scijs and zarrita use. */
  get stride(): number[] {
    return this.strides
  }

  /** Number of axes. */
  get dimension(): number {
    return this.rank
  }

  /** The axes from the shortest stride to the longest. */
  get order(): number[] {
    const reach = this.strides.map(Math.abs)
    return [...reach.keys()].sort((a, b) => (reach[a] as number) - (reach[b] as number))
  }

  /** Whether the elements lie in row-major order without gaps. */
  get isContiguous(): boolean {
    if (this.size === 0) return true
    const runs = collapse(this)
    return runs.length === 0 || (runs.length === 1 && runs[0]?.stride === 1)
  }

  /**
   * The element at one index per axis, each from 0 to the axis' length - 1; for indices from the end
   * see `at`. Allocates nothing up to four axes, complex numbers apart.
   */
  get(...index: number[]): ElementOf<D>
  get(i?: number, j?: number, k?: number, l?: number, more?: number): ElementOf<D> {
    // Fixed parameters, because a rest parameter allocates an array per call; and little code, or
    // the caller's loop does not get it inlined. Images, with three axes, have the shortest way.
    // Whatever is not plainly right ends in `load`.
    let value: ElementOf<D> | undefined
    if (this.rank === 3) {
      if (within(i, this.n0) && within(j, this.n1) && within(k, this.n2) && l === undefined) {
        const at = this.offset + i * this.s0 + j * this.s1 + k * this.s2
        value = loadElement(this.data, this.dtype, at)
      }
    } else if (fits(i, this.n0) && fits(j, this.n1) && fits(k, this.n2) && fits(l, this.n3)) {
      const at = this.offset + cells(i, this.s0) + cells(j, this.s1)
      value = loadElement(this.data, this.dtype, at + cells(k, this.s2) + cells(l, this.s3))
    }
    if (value === undefined || more !== undefined) return this.load([i, j, k, l, more])
    return value
  }

  /** Stores an element: `set(row, column, value)`. Returns the value. Allocates as little as `get`. */
  set(...args: [...index: number[], value: ElementOf<D>]): ElementOf<D>
  set(
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
    e?: unknown,
    more?: unknown,
    // Only there because the overload above demands it; a rest parameter that is never read is
    // never allocated.
    // eslint-disable-next-line @typescript-eslint/no-unused-vars
    ..._: unknown[]
  ): unknown {
    if (this.rank === 3) {
      if (
        within(a, this.n0) &&
        within(b, this.n1) &&
        within(c, this.n2) &&
        e === undefined &&
        !this.readOnly
      ) {
        const at = this.offset + a * this.s0 + b * this.s1 + c * this.s2
        if (storeElement(this.data, this.dtype, at, d)) return d
      }
      return this.put(d, e, a, b, c, undefined)
    }
    if (this.rank === 2) return this.put(c, d, a, b, undefined, undefined)
    if (this.rank === 1) return this.put(b, c, a, undefined, undefined, undefined)
    if (this.rank === 0) return this.put(a, b, undefined, undefined, undefined, undefined)
    return this.put(e, more, a, b, c, d)
  }

  /** Like `get`; negative indices count from the end: `at(-1, 0)` is in the last row. */
  at(...index: number[]): ElementOf<D> {
    const fromStart = index.map((i, axis) => (i < 0 ? i + (this.shape[axis] ?? 0) : i))
    return this.element(this.position(fromStart, index))
  }

  /** The position in `data` of an element, counted in elements. */
  index(...index: number[]): number {
    return this.position(index, index)
  }

  /**
   * A part of the array, one {@link SliceRange} per axis; axes left out stay whole.
   *
   * ```ts
   * image.slice([10, 20], null, 0)        // rows 10 to 19, all columns, first channel
   * image.slice([null, null, 2])          // every second row
   * image.slice([null, null, -1])         // upside down
   * ```
   */
  slice(...ranges: SliceRange[]): NdArray<D> {
    return this.view(sliceLayout(this, ranges))
  }

  /** The axes in another order: `transpose(2, 0, 1)`. Reversed without arguments. */
  transpose(...axes: number[]): NdArray<D> {
    const order = axes.length > 0 || this.rank === 0 ? axes : [...this.shape.keys()].reverse()
    if (order.length !== this.rank || this.shape.some((_, axis) => !order.includes(axis))) {
      throw new FrameringError(
        'OPTION_INVALID',
        `axes ${show(order)} do not name each of the ${this.rank} axes once`,
      )
    }
    return this.view({
      shape: order.map((axis) => this.shape[axis] as number),
      strides: order.map((axis) => this.strides[axis] as number),
      offset: this.offset,
    })
  }

  /** The axes reversed. */
  get T(): NdArray<D> {
    return this.transpose()
  }

  /**
   * The same elements, in the same row-major order, in another shape; -1 for at most one length
   * stands for what remains. Throws `SHAPE_MISMATCH` when elements would have to be moved.
   */
  reshape(shape: readonly number[]): NdArray<D> {
    return this.view(reshapeLayout(this, this.size, shape))
  }

  /** Without the first elements of each axis: `lo(2, 3)` is `slice([2], [3])`. */
  lo(...starts: (number | null | undefined)[]): NdArray<D> {
    return this.slice(...starts.map((at, axis) => [this.cut(at, axis)] as const))
  }

  /** Only the first elements of each axis: `hi(2, 3)` is `slice([0, 2], [0, 3])`. */
  hi(...stops: (number | null | undefined)[]): NdArray<D> {
    return this.slice(...stops.map((at, axis) => [0, this.cut(at, axis)] as const))
  }

  /** Every n-th element of each axis, from the end if n is negative. */
  step(...steps: (number | null | undefined)[]): NdArray<D> {
    return this.slice(...steps.map((by) => [null, null, by ?? null] as const))
  }

  /** Fixes the axes that are given an index and keeps those given `null` (or a negative number). */
  pick(...index: (number | null | undefined)[]): NdArray<D> {
    return this.slice(...index.map((i) => (i == null || i < 0 ? null : i)))
  }

  /** The elements in row-major order. */
  *iterate(): Generator<ElementOf<D>, void> {
    if (this.size === 0) return
    const runs = collapse(this)
    const { length, stride } = runs.pop() ?? { length: 1, stride: 1 }
    for (const start of runStarts(runs, this.offset)) {
      for (let n = 0; n < length; n++) yield this.element(start + n * stride)
    }
  }

  [Symbol.iterator](): Generator<ElementOf<D>, void> {
    return this.iterate()
  }

  /** Nested arrays, as deep as there are axes; the element itself for an array of rank 0. */
  toNested(): Nested<ElementOf<D>> {
    const nest = (axis: number, at: number): Nested<ElementOf<D>> => {
      if (axis === this.rank) return this.element(at)
      const stride = this.strides[axis] as number
      return Array.from({ length: this.shape[axis] as number }, (_, i) =>
        nest(axis + 1, at + i * stride),
      )
    }
    return nest(0, this.offset)
  }

  /** The same elements in memory of their own, row-major without gaps. Outlives a frame's lease. */
  copy(): NdArray<D> {
    const Storage = storageConstructor(this.dtype)
    const data = new Storage(this.size * componentsOf(this.dtype))
    copyElements(this.data, this.dtype, this, data)
    return new NdArray(this.dtype, data, this.shape)
  }

  /** Sets every element to `value`. Returns this array. */
  fill(value: ElementOf<D>): this {
    checkValue(this.dtype, value)
    if (this.readOnly) throw readOnly()
    const cells = new (storageConstructor(this.dtype))(componentsOf(this.dtype))
    storeElement(cells, this.dtype, 0, value)
    fillElements(this.data, this.dtype, this, cells)
    return this
  }

  /** The general form of `get`: any rank, every error. */
  private load(args: readonly unknown[]): ElementOf<D> {
    const index = withoutTrailingUndefined(args)
    return this.element(this.position(index, index))
  }

  /** `set` up to four axes. `extra` is what was given after the value, normally nothing. */
  private put(
    value: unknown,
    extra: unknown,
    i: unknown,
    j: unknown,
    k: unknown,
    l: unknown,
  ): unknown {
    if (fits(i, this.n0) && fits(j, this.n1) && fits(k, this.n2) && fits(l, this.n3)) {
      const at = this.offset + cells(i, this.s0) + cells(j, this.s1)
      const there = at + cells(k, this.s2) + cells(l, this.s3)
      if (
        extra === undefined &&
        !this.readOnly &&
        storeElement(this.data, this.dtype, there, value)
      )
        return value
    }
    const index = withoutTrailingUndefined([i, j, k, l])
    return this.store(extra === undefined ? index : [...index, value], value)
  }

  /** The general form of `set`: any rank, every error. */
  private store(index: readonly unknown[], value: unknown): ElementOf<D> {
    const at = this.position(index, index)
    checkValue(this.dtype, value)
    if (this.readOnly) throw readOnly()
    if (!storeElement(this.data, this.dtype, at, value)) throw released()
    return value
  }

  private element(at: number): ElementOf<D> {
    const value = loadElement(this.data, this.dtype, at)
    if (value === undefined) throw released()
    return value
  }

  private position(index: readonly unknown[], given: readonly unknown[]): number {
    if (index.length !== this.rank) {
      throw new FrameringError(
        'SHAPE_MISMATCH',
        `${index.length} indices for an array of shape ${show(this.shape)}; give ${this.rank}`,
      )
    }
    let at = this.offset
    for (const [axis, i] of index.entries()) {
      const length = this.shape[axis] as number
      at += checkIndex(axis, i as number, length, given[axis]) * (this.strides[axis] as number)
    }
    return at
  }

  private cut(at: number | null | undefined, axis: number): number | null {
    const length = this.shape[axis] ?? 0
    if (at === null || at === undefined) return null
    if (Number.isSafeInteger(at) && at >= 0 && at <= length) return at
    throw new FrameringError(
      'OPTION_INVALID',
      `${String(at)} does not cut axis ${axis}; give a whole number from 0 to ${length}`,
    )
  }

  /** A view with just the storage it needs, so that `offset` is 0 unless a stride is negative. */
  private view(layout: Layout): NdArray<D> {
    const parts = componentsOf(this.dtype)
    const { first, last } = extentOf(layout)
    // subarray would answer for a detached buffer with a TypeError of its own.
    if ((last + 1) * parts > this.data.length) throw released()
    const whole = first === 0 && (last + 1) * parts === this.data.length
    const data = whole ? this.data : this.data.subarray(first * parts, (last + 1) * parts)
    const offset = layout.offset - first
    return new NdArray(this.dtype, data as StorageOf<D>, layout.shape, layout.strides, offset, this)
  }
}
