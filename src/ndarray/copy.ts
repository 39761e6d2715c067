import { released } from './checks.ts'
import { componentsOf, type DType } from './dtype.ts'
import { collapse, extentOf, runStarts, type Layout } from './layout.ts'

/** What all storage classes share; TypeScript cannot call these on the union of them. */
interface Cells {
  readonly length: number
  [at: number]: unknown
  subarray(begin: number, end: number): Cells
  set(source: Cells, at: number): void
  fill(value: unknown, begin: number, end: number): void
}

/**
 * Copies the elements of `source`, as `layout` orders them, to the start of `target`, without gaps.
 *
 * Cells are moved as they are, so NaN payloads and float16 bits survive. Runs without gaps are moved
 * in one go: a crop costs one call per row. Throws `RELEASED` when the memory is gone.
 */
export function copyElements(source: unknown, dtype: DType, layout: Layout, target: unknown): void {
  const from = source as Cells
  const to = target as Cells
  const parts = componentsOf(dtype)
  checkReach(from, parts, layout)
  let written = 0
  forEachRun(layout, (start, length, stride) => {
    if (stride === 1) {
      to.set(from.subarray(start * parts, (start + length) * parts), written)
      written += length * parts
      return
    }
    for (let n = 0; n < length; n++) {
      const cell = (start + n * stride) * parts
      for (let part = 0; part < parts; part++) to[written++] = from[cell + part]
    }
  })
}

/**
 * Sets every element of `layout` in `data` to the cells of `value` (one, or two if complex). Throws
 * `RELEASED` when the memory is gone.
 */
export function fillElements(
  data: unknown,
  dtype: DType,
  layout: Layout,
  value: ArrayLike<unknown>,
): void {
  const cells = data as Cells
  const parts = componentsOf(dtype)
  checkReach(cells, parts, layout)
  forEachRun(layout, (start, length, stride) => {
    if (stride === 1 && parts === 1) {
      cells.fill(value[0], start, start + length)
      return
    }
    for (let n = 0; n < length; n++) {
      const cell = (start + n * stride) * parts
      for (let part = 0; part < parts; part++) cells[cell + part] = value[part]
    }
  })
}

/** A detached typed array reads as undefined and swallows writes, so nothing else would complain. */
function checkReach(cells: Cells, parts: number, layout: Layout): void {
  if ((extentOf(layout).last + 1) * parts > cells.length) throw released()
}

function forEachRun(
  layout: Layout,
  visit: (start: number, length: number, stride: number) => void,
): void {
  if (layout.shape.includes(0)) return
  const runs = collapse(layout)
  const inner = runs.pop() ?? { length: 1, stride: 1 }
  for (const start of runStarts(runs, layout.offset)) visit(start, inner.length, inner.stride)
}
