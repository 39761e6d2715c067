import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { DType } from '../../src/ndarray/index.ts'
import { attach, create, list, type LayoutName } from '../../src/shared-array/index.ts'
import { arrayName, bytesOf, fileOf } from './fixtures.ts'

const GOLDEN = new URL('../golden/sharedarray/', import.meta.url)

/** The layout that each version of SharedArray writes. */
const WRITTEN_BY: Record<string, LayoutName> = {
  '0.3': '0.3',
  '1.0': '1.0',
  '2.0': '2.0',
  '3.2.3': '3.1',
  '3.2.3-np2': '3.1-numpy2',
}

interface Segment {
  readonly file: string
  readonly layout: string
  readonly dtype: DType
  readonly shape: number[]
  readonly values: number[]
}

const segments = readdirSync(GOLDEN)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, GOLDEN), 'utf8')) as Segment[])

test('there are segments of every version', () => {
  expect(new Set(segments.map(({ layout }) => layout))).toEqual(new Set(Object.keys(WRITTEN_BY)))
  expect(segments).toHaveLength(10)
})

test.each(segments)('$file, as SharedArray wrote it, is attached', (segment) => {
  const { file, dtype, shape, values } = segment
  for (const name of [
    fileOf(readFileSync(new URL(file, GOLDEN))),
    `file://${fileURLToPath(new URL(file, GOLDEN))}`,
  ]) {
    const array = attach(name, { readOnly: true })
    expect(array).toMatchObject({ dtype, shape })
    expect([...array]).toEqual(values)
  }
})

test.each(segments)('ours in the layout of $file has the same bytes', (segment) => {
  const { file, layout, dtype, shape, values } = segment
  const name = arrayName()
  const array = create(name, shape, dtype, { layout: WRITTEN_BY[layout]! })
  array.data.set(values as never)
  expect(bytesOf(name).equals(readFileSync(new URL(file, GOLDEN)))).toBe(true)
})

test.each(segments)('$file is listed', ({ file, dtype, shape }) => {
  const name = fileOf(readFileSync(new URL(file, GOLDEN)))
  expect(list()).toContainEqual({ name, dtype, shape })
})

test('without an option the layout is that of 3.1 on NumPy 1', () => {
  const segment = segments.find(({ file }) => file === '3.2.3-f32_2x3.bin')!
  const name = arrayName()
  create(name, segment.shape, segment.dtype).data.set(segment.values as never)
  expect(bytesOf(name).equals(readFileSync(new URL(segment.file, GOLDEN)))).toBe(true)
})
