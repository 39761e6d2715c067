import { FrameringError } from '../errors/framering-error.ts'

/** Where the elements of an array lie: all three count elements, not bytes. */
export interface Layout {
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly offset: number
}

/**
 * One axis of a slice, with Python's meaning:
 *
 * - `null` (or left out): the whole axis
 * - `7` or `-1`: that index, from the end if negative; the axis disappears
 * - `[start, stop, step]`: from start up to but not including stop; each may be `null` or missing,
 *   negative start and stop count from the end, what lies beyond the axis is cut off, a negative
 *   step runs backwards
 */
export type SliceRange =
  null | number | readonly [start?: number | null, stop?: number | null, step?: number | null]

/** How many elements a shape holds. Throws `OPTION_INVALID` unless all are whole numbers ≥ 0. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1
  // A length of 0 hides the others in the size, but not in the strides.
  let span = 1
  for (const [axis, length] of shape.entries()) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new FrameringError(
        'OPTION_INVALID',
        `shape[${axis}] is ${String(length)}; give a whole number of elements, 0 or more`,
      )
    }
    size *= length
    span *= length || 1
  }
  if (!Number.isSafeInteger(span)) {
    throw new FrameringError(
      'OPTION_INVALID',
      `shape ${show(shape)} holds more elements than can be counted; give a smaller shape`,
    )
  }
  return size
}

/** The strides of row-major elements without gaps. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis] as number
  }
  return strides
}

/** First and last element position a layout touches; `last < first` when it holds no element. */
export function extentOf({ shape, strides, offset }: Layout): { first: number; last: number } {
  let first = offset
  let last = offset
  for (const [axis, length] of shape.entries()) {
    if (length === 0) return { first: offset, last: offset - 1 }
    const reach = (length - 1) * (strides[axis] as number)
    if (reach < 0) first += reach
    else last += reach
  }
  return { first, last }
}

/** A run of equally spaced elements; several axes that continue each other count as one. */
export interface Run {
  readonly length: number
  readonly stride: number
}

/** The fewest runs that visit the same elements in the same order; none for a single element. */
export function collapse({ shape, strides }: Layout): Run[] {
  const runs: Run[] = []
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue
    const stride = strides[axis] as number
    const outer = runs.at(-1)
    if (outer !== undefined && outer.stride === length * stride) {
      runs[runs.length - 1] = { length: outer.length * length, stride }
    } else {
      runs.push({ length, stride })
    }
  }
  return runs
}

/** Where each innermost run starts, in row-major order. Not for layouts without elements. */
export function* runStarts(outer: readonly Run[], offset: number): Generator<number, void> {
  const index = new Array<number>(outer.length).fill(0)
  let at = offset
  for (;;) {
    yield at
    let axis = outer.length - 1
    for (; axis >= 0; axis--) {
      const { length, stride } = outer[axis] as Run
      const next = (index[axis] as number) + 1
      if (next < length) {
        index[axis] = next
        at += stride
        break
      }
      index[axis] = 0
      at -= (length - 1) * stride
    }
    if (axis < 0) return
  }
}

/**
 * The layout that shows the same elements in another shape. One length may be -1.
 *
 * Throws `SHAPE_MISMATCH` when the sizes differ or the elements would have to be moved.
 */
export function reshapeLayout(layout: Layout, size: number, wanted: readonly number[]): Layout {
  const shape = resolveShape(size, wanted)
  if (size === 0) return { shape, strides: rowMajorStrides(shape), offset: layout.offset }
  const strides = new Array<number>(shape.length)
  const runs = collapse(layout)
  let run = runs.length - 1
  let left = runs[run]?.length ?? 1
  let stride = runs[run]?.stride ?? 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number
    if (left === 1 && length !== 1) {
      const next = runs[--run] as Run
      left = next.length
      stride = next.stride
    }
    if (left % length !== 0) {
      throw new FrameringError(
        'SHAPE_MISMATCH',
        `shape ${show(layout.shape)} with strides ${show(layout.strides)} cannot be seen as ` +
          `${show(shape)} without moving elements; call copy().reshape(...)`,
      )
    }
    strides[axis] = stride
    stride *= length
    left /= length
  }
  return { shape, strides, offset: layout.offset }
}

function resolveShape(size: number, wanted: readonly number[]): number[] {
  const shape = [...wanted]
  const open = shape.indexOf(-1)
  if (open >= 0) {
    shape[open] = 1
    const rest = sizeOf(shape)
    if (rest === 0 || size % rest !== 0) {
      throw new FrameringError(
        'SHAPE_MISMATCH',
        `${size} elements do not divide into shape ${show(wanted)}; ` +
          `the lengths other than -1 make ${rest}`,
      )
    }
    shape[open] = size / rest
  }
  const given = sizeOf(shape)
  if (given !== size) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `shape ${show(wanted)} holds ${given} elements and the array has ${size}; ` +
        `give a shape of the same size, or -1 for one length`,
    )
  }
  return shape
}

/** The layout of a part of an array. Throws `OPTION_INVALID` or `SHAPE_MISMATCH`. */
export function sliceLayout(layout: Layout, ranges: readonly SliceRange[]): Layout {
  const { shape, strides } = layout
  if (ranges.length > shape.length) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `${ranges.length} ranges for an array of ${shape.length} axes; give one per axis at most`,
    )
  }
  let offset = layout.offset
  const newShape: number[] = []
  const newStrides: number[] = []
  for (const [axis, length] of shape.entries()) {
    const range = ranges[axis] ?? null
    const stride = strides[axis] as number
    if (typeof range === 'number') {
      offset += stride * checkIndex(axis, range < 0 ? range + length : range, length, range)
      continue
    }
    const { start, count, step } = resolveRange(axis, range, length)
    offset += stride * start
    newShape.push(count)
    newStrides.push(stride * step)
  }
  // An empty part has no first element: its offset could point outside the storage.
  if (newShape.includes(0)) offset = layout.offset
  return { shape: newShape, strides: newStrides, offset }
}

function resolveRange(axis: number, range: Exclude<SliceRange, number>, length: number) {
  if (range === null) return { start: 0, count: length, step: 1 }
  const [from, to, by] = range
  const step = whole(axis, 'step', by ?? 1)
  if (step === 0) {
    throw new FrameringError('OPTION_INVALID', `the step on axis ${axis} is 0; give 1, -1, …`)
  }
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1]
  const bound = (name: string, value: number | null | undefined, otherwise: number): number => {
    if (value === null || value === undefined) return otherwise
    const at = whole(axis, name, value)
    return Math.min(Math.max(at < 0 ? at + length : at, low), high)
  }
  const start = bound('start', from, step > 0 ? low : high)
  const stop = bound('stop', to, step > 0 ? high : low)
  return { start, count: Math.max(0, Math.ceil((stop - start) / step)), step }
}

function whole(axis: number, name: string, value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new FrameringError(
    'OPTION_INVALID',
    `the ${name} on axis ${axis} is ${String(value)}; give a whole number or null`,
  )
}

/** `index` if it lies on the axis. Throws `OPTION_INVALID` that names axis, index and length. */
export function checkIndex(axis: number, index: number, length: number, given: unknown): number {
  if (Number.isSafeInteger(index) && index >= 0 && index < length) return index
  throw new FrameringError(
    'OPTION_INVALID',
    `index ${String(given)} is outside axis ${axis}, which has length ${length}` +
      (Number.isSafeInteger(given) ? '' : '; give a whole number'),
  )
}

/** A shape or strides for a message, short however many axes there are. */
export function show(lengths: readonly unknown[]): string {
  const shown = lengths.slice(0, 16).map(String).join(', ')
  return lengths.length > 16 ? `[${shown}, … ${lengths.length} axes]` : `[${shown}]`
}
