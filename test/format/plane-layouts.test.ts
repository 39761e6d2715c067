import { expect, it } from 'vitest'
import type { FrameFormat } from '../../src/format/index.ts'
import { FOURCCS, fourccInfo, planeLayouts, resolveFormat } from '../../src/format/index.ts'
import { itemsizeOf } from '../../src/ndarray/index.ts'
import { failure } from '../ring/fixtures.ts'

const picture = (fourcc: string, width: number, height: number): FrameFormat =>
  resolveFormat({ format: { fourcc, width, height } })

it.each([
  ['NV12', [5, 3], [0, [3, 5], [5, 1]], [15, [2, 3, 2], [6, 2, 1]]],
  ['I420', [6, 4], [0, [4, 6], [6, 1]], [24, [2, 3], [3, 1]], [30, [2, 3], [3, 1]]],
  ['YUYV', [5, 3], [0, [3, 6, 2], [12, 2, 1]]],
  ['RGB3', [5, 3], [0, [3, 5, 3], [15, 3, 1]]],
  ['BYR2', [5, 3], [0, [3, 5], [5, 1]]],
  ['32FC1', [5, 3], [0, [3, 5], [5, 1]]],
] as const)('%s of %j lies as the table says', (fourcc, [width, height], ...planes) => {
  expect(planeLayouts(picture(fourcc, width, height))).toEqual(
    planes.map(([offset, shape, strides]) => ({ offset, shape, strides })),
  )
})

it('covers every byte of every raw format once, odd sizes included', () => {
  for (const { fourcc, opaque } of FOURCCS) {
    for (const [width, height] of [
      [6, 4],
      [7, 5],
      [1, 1],
    ] as const) {
      const format = picture(fourcc, width, height)
      const seen = new Uint8Array(format.bytes)
      const item = itemsizeOf(format.dtype)
      for (const { offset, shape, strides } of planeLayouts(format)) {
        const [rows = 0, columns = 0, samples = 1] = shape
        const [down = 0, right = 0, deep = 1] = strides
        for (let r = 0; r < rows; r++)
          for (let c = 0; c < columns; c++)
            for (let s = 0; s < samples; s++)
              for (let b = 0; b < item; b++)
                seen[offset + (r * down + c * right + s * deep) * item + b]!++
      }
      expect(new Set(seen), `${fourcc} ${width}×${height}`).toEqual(new Set([opaque ? 0 : 1]))
    }
  }
})

it('takes rows with padding, as other writers make them', () => {
  const format = { ...picture('GREY', 5, 3), planes: [{ offset: 0, stride: 8 }], bytes: 21 }
  expect(planeLayouts(format)).toEqual([{ offset: 0, shape: [3, 5], strides: [8, 1] }])
})

it('none for packets and plain arrays', () => {
  expect(planeLayouts(picture('MJPG', 6, 4))).toEqual([])
  expect(planeLayouts(resolveFormat({ dtype: 'uint8', shape: [4, 6] }))).toEqual([])
})

it.each([
  ['beyond the frame', { planes: [{ offset: 1, stride: 12 }] }],
  ['with rows that overlap', { planes: [{ offset: 0, stride: 11 }] }],
  ['on half an element', { planes: [{ offset: 0, stride: 13 }], bytes: 1000 }],
  ['at no place', { planes: [{ offset: NaN, stride: 12 }] }],
  ['before the frame', { planes: [{ offset: -2, stride: 12 }] }],
  ['too few', { planes: [] }],
  ['of another dtype', { dtype: 'uint8' as const }],
  ['without rows', { height: 0 }],
  ['larger than the frame', { height: 0xffff_ffff }],
])('refuses planes %s: a header may say anything', (_, wrong) => {
  expect(fourccInfo('Y16')?.dtype).toBe('uint16')
  const format = { ...picture('Y16', 6, 4), ...wrong }
  expect(() => planeLayouts(format)).toThrow(failure('FORMAT_INVALID', /frame\.data/))
})
