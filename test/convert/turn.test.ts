import { expect, test } from 'vitest'
import type { Picture } from '../../src/convert/index.ts'
import { convertSync } from '../../src/convert/index.ts'
import type { Plane } from '../../src/format/index.ts'
import { fourccInfo } from '../../src/format/index.ts'
import { farthest, noise, noisyPicture, withAndWithoutLibraries } from './fixtures.ts'

type Flip = 'horizontal' | 'vertical' | 'both' | undefined
type PlacedPicture = Picture & { data: Uint8Array; planes: readonly Plane[] }

const GAP = 7
const GUARD = 0xa5

/** Rows with gaps between them, planes with gaps before them. */
function spacious(fourcc: string, width: number, height: number, fill?: number): PlacedPicture {
  let end = GAP
  const planes = fourccInfo(fourcc)!.planes.map(({ bytes, across, down }) => {
    const stride = bytes * Math.ceil(width / across) + GAP
    const offset = end
    end += stride * Math.ceil(height / down)
    return { offset, stride }
  })
  const data = fill === undefined ? noise(end, width) : new Uint8Array(end).fill(fill)
  return { data, fourcc, width, height, planes }
}

/** Pixel by pixel: where the one at (x, y) goes, for pictures of `width` by `height`. */
function place(rotate: 90 | 270, flip: Flip, width: number, height: number) {
  return (x: number, y: number): [number, number] => {
    const fx = flip === 'horizontal' || flip === 'both' ? width - 1 - x : x
    const fy = flip === 'vertical' || flip === 'both' ? height - 1 - y : y
    return rotate === 90 ? [height - 1 - fy, fx] : [fy, width - 1 - fx]
  }
}

function turned(source: PlacedPicture, rotate: 90 | 270, flip: Flip): PlacedPicture {
  const { fourcc, width, height } = source
  const target = spacious(fourcc, height, width, GUARD)
  for (const [i, { bytes, across, down }] of fourccInfo(fourcc)!.planes.entries()) {
    const [columns, rows] = [width / across, height / down]
    const to = place(rotate, flip, columns, rows)
    const [a, b] = [source.planes[i]!, target.planes[i]!]
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const [tx, ty] = to(x, y)
        const from = a.offset + y * a.stride + x * bytes
        target.data.set(
          source.data.subarray(from, from + bytes),
          b.offset + ty * b.stride + tx * bytes,
        )
      }
    }
  }
  return target
}

const SIZES = [
  [1, 1],
  [3, 70],
  [70, 3],
  [16, 16],
  [33, 17],
  [38, 50],
  [66, 34],
  [100, 48],
] as const

withAndWithoutLibraries(() => {
  test.each([
    'GREY',
    'Y16',
    'Z16',
    'RGB3',
    'BGR3',
    'RGBA',
    'BGRA',
    '32FC1',
    'I420',
    'NV12',
    'NV21',
  ])('%s: every pixel goes to its place in a quarter turn, and no other byte changes', (fourcc) => {
    for (const [width, height] of SIZES) {
      if (fourccInfo(fourcc)!.planes.length > 1 && (width % 2 || height % 2)) continue
      const source = spacious(fourcc, width, height)
      for (const rotate of [90, 270] as const) {
        for (const flip of [undefined, 'horizontal', 'vertical', 'both'] as const) {
          const into = spacious(fourcc, height, width, GUARD)
          convertSync(source, { rotate, flip, into })
          const expected = turned(source, rotate, flip)
          const what = `${width} × ${height}, ${rotate}, ${flip}`
          expect(Buffer.compare(into.data, expected.data), what).toBe(0)
        }
      }
    }
  })

  test('a part of a picture is turned as that part alone', () => {
    const picture = noisyPicture('RGB3', 50, 40)
    const crop = { x: 3, y: 5, width: 41, height: 33 }
    const part = convertSync(picture, { crop })
    const expected = convertSync(part, { rotate: 90, flip: 'vertical' })
    expect(convertSync(picture, { crop, rotate: 90, flip: 'vertical' })).toEqual(expected)
  })

  test('another format or size on the way is that, and the turn after it', () => {
    for (const [from, to, size] of [
      ['YUYV', 'RGB3', [40, 24]],
      ['NV12', 'BGRA', [39, 23]],
      ['Z16', 'RGB3', [33, 17]],
      ['RGGB', 'GREY', [34, 18]],
      ['RGB3', 'I420', [40, 24]],
      ['YUYV', 'NV12', [40, 24]],
      ['RGB3', 'RGB3', [20, 12]],
      ['32FC1', '32FC1', [20, 12]],
    ] as const) {
      const source = noisyPicture(from, 40, 24)
      const [width, height] = size
      const upright = convertSync(source, { to, size: { width, height } })
      const expected = convertSync(upright, { rotate: 270 })
      const made = convertSync(source, { to, size: { width: height, height: width }, rotate: 270 })
      expect(made, `${from} to ${to}`).toEqual(expected)
    }
  })

  test('odd sides of planes with less chroma keep a chroma of their own at the far edge', () => {
    const source = convertSync(noisyPicture('RGB3', 5, 3), { to: 'I420' })
    for (const rotate of [90, 270] as const) {
      const made = convertSync(source, { rotate })
      expect([made.width, made.height, made.data.length]).toEqual([3, 5, 15 + 12])
      const luma = convertSync(
        { ...source, fourcc: 'GREY', planes: [source.planes[0]!] },
        { rotate },
      )
      expect([...made.data.subarray(0, 15)]).toEqual([...luma.data])
    }
  })
})

test('16-bit Bayer is as exact as 8-bit Bayer of the same levels, also where bits carry', () => {
  const [width, height] = [66, 40]
  const eight = noisyPicture('RGGB', width, height)
  const sixteen = Uint16Array.from(eight.data, (level) => level * 257)
  const wide = { data: sixteen, fourcc: 'RG16', width, height }
  const narrow = convertSync(eight, { to: 'RGB3' }).data
  expect(farthest(convertSync(wide, { to: 'RGB3' }).data, narrow)).toBeLessThanOrEqual(1)
  // Means of the last bits, seen by a range that shows each: of 0 and 1 it is 1, of four 0, 0, 0, 1 it is 0.
  const low = { ...wide, data: sixteen.map((_, i) => 65280 + (eight.data[i]! & 255)) }
  const exact = convertSync(low, { to: 'RGB3', valueRange: [65280, 65535] }).data
  expect(farthest(exact, narrow)).toBe(0)
})
