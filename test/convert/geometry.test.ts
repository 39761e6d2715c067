import fc from 'fast-check'
import { expect, test } from 'vitest'
import { convertSync } from '../../src/convert/index.ts'
import { FOURCCS, fromBytes, resolveFormat } from '../../src/index.ts'
import { farthest, noise, noisyPicture, RGB, withAndWithoutLibraries, YUV } from './fixtures.ts'

const size = { width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 20 }) }
const RAW = FOURCCS.filter((row) => !row.opaque).map((row) => row.fourcc)
const PLACED = RAW.filter((fourcc) => FOURCCS.find((r) => r.fourcc === fourcc)?.model !== 'bayer')

withAndWithoutLibraries(() => {
  test('a picture converted to its own format is the same picture', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RAW), size.width, size.height, (fourcc, width, height) => {
        const picture = noisyPicture(fourcc, width, height)
        expect(convertSync(picture).data).toEqual(picture.data)
      }),
    )
  })

  test('RGB formats go to each other and back without loss', () => {
    const rgb = fc.constantFrom(...RGB)
    fc.assert(
      fc.property(rgb, rgb, size.width, size.height, (from, to, width, height) => {
        const opaque = convertSync(noisyPicture('RGB3', width, height), { to: from })
        const there = convertSync(opaque, { to })
        expect(convertSync(there, { to: from }).data).toEqual(opaque.data)
      }),
    )
  })

  test('I420, NV12, NV21 and YUYV hold the same picture', () => {
    const yuv = fc.constantFrom(...YUV)
    fc.assert(
      fc.property(yuv, yuv, size.width, size.height, (a, b, width, height) => {
        const picture = noisyPicture('I420', width, height)
        const round = convertSync(convertSync(convertSync(picture, { to: a }), { to: b }), {
          to: 'I420',
        })
        expect(round.data).toEqual(picture.data)
      }),
    )
  })

  test('RGB through YUV of the full range comes back within 3 levels where pixels share no chroma', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...YUV),
        fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }),
        (to, color) => {
          const data = Uint8Array.from({ length: 8 * 6 * 3 }, (_, i) => color[i % 3]!)
          const yuv = convertSync(
            { data, fourcc: 'RGB3', width: 8, height: 6 },
            { to, matrix: 'bt709', range: 'full' },
          )
          expect(farthest(convertSync(yuv, { to: 'RGB3' }).data, data)).toBeLessThanOrEqual(3)
        },
      ),
    )
  })

  test('two quarter turns are a half turn, and a half turn is both flips', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('RGB3', 'RGBA', 'GREY', 'Z16', 'R  F'),
        size.width,
        size.height,
        (fourcc, width, height) => {
          const picture = noisyPicture(fourcc, width, height)
          if (fourcc === 'R  F')
            new Float32Array(picture.data.buffer).forEach((_, i, all) => (all[i] = i))
          const quarter = convertSync(picture, { rotate: 90 })
          expect([quarter.width, quarter.height]).toEqual([height, width])
          const half = convertSync(picture, { rotate: 180 }).data
          expect(convertSync(quarter, { rotate: 90 }).data).toEqual(half)
          expect(convertSync(quarter, { rotate: 270 }).data).toEqual(picture.data)
          expect(convertSync(picture, { flip: 'both' }).data).toEqual(half)
        },
      ),
    )
  })

  test('a crop has the pixels of its place, also where it begins between shared chroma', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PLACED),
        size.width,
        size.height,
        fc.nat(),
        fc.nat(),
        (fourcc, width, height, a, b) => {
          // 3: of chroma beyond the limits of video, where libyuv and own code differ most.
          const picture = noisyPicture(fourcc, width, height)
          const to = ['Y16 ', 'Z16 ', 'R  F'].includes(fourcc) ? fourcc : 'RGB3'
          if (fourcc === 'R  F')
            new Float32Array(picture.data.buffer).forEach((_, i, all) => (all[i] = i))
          const whole = convertSync(picture, { to })
          const [x, y] = [a % width, b % height]
          const crop = { x, y, width: width - x, height: height - y }
          const step = resolveFormat({ format: { fourcc: to, width: 1, height: 1 } }).bytes
          const expected: number[] = []
          for (let row = y; row < height; row++) {
            expected.push(
              ...whole.data.subarray((row * width + x) * step, (row + 1) * width * step),
            )
          }
          expect(
            farthest(convertSync(picture, { to, crop }).data, Uint8Array.from(expected)),
          ).toBeLessThanOrEqual(3)
        },
      ),
    )
  })

  test('a Bayer crop looks at its neighbours outside', () => {
    const picture = noisyPicture('GBRG', 20, 12)
    const whole = convertSync(picture, { to: 'RGB3' })
    const crop = { x: 3, y: 5, width: 9, height: 4 }
    const cut = convertSync({ ...whole, fourcc: 'RGB3' }, { crop })
    expect(convertSync(picture, { to: 'RGB3', crop }).data).toEqual(cut.data)
  })

  test('rows with gaps between them are read and written, and the gaps are left alone', () => {
    const tight = noisyPicture('NV12', 13, 7)
    const planes = [
      { offset: 5, stride: 20 },
      { offset: 200, stride: 17 },
    ]
    const spread = {
      data: new Uint8Array(280).fill(77),
      fourcc: 'NV12',
      width: 13,
      height: 7,
      planes,
    }
    convertSync(tight, { into: spread })
    expect(convertSync(spread, { to: 'RGB3' }).data).toEqual(
      convertSync(tight, { to: 'RGB3' }).data,
    )
    expect([...spread.data.subarray(0, 5), ...spread.data.subarray(18, 25)]).toEqual(
      Array(12).fill(77),
    )
    expect([...spread.data.subarray(200 + 3 * 17 + 14)]).toEqual(Array(280 - 265).fill(77))
  })

  test('a sliced array is a picture as it is', () => {
    const data = noise(20 * 30 * 3)
    const array = fromBytes('uint8', [20, 30, 3], data.buffer as ArrayBuffer).slice(
      [4, 14],
      [10, 21],
    )
    const crop = { x: 10, y: 4, width: 11, height: 10 }
    const whole = { data, fourcc: 'RGB3', width: 30, height: 20 }
    const cut = convertSync({ data: array, fourcc: 'RGB3', width: 11, height: 10 }, { to: 'BGRA' })
    expect(cut.data).toEqual(convertSync(whole, { to: 'BGRA', crop }).data)
  })

  test('nothing is written behind the target', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...YUV, ...RGB),
        fc.constantFrom(...YUV, ...RGB, 'GREY'),
        size.width,
        size.height,
        (from, to, width, height) => {
          const { bytes } = resolveFormat({ format: { fourcc: to, width, height } })
          const memory = new Uint8Array(bytes + 64).fill(99)
          convertSync(noisyPicture(from, width, height), { to, into: memory })
          expect([...memory.subarray(bytes)]).toEqual(Array(64).fill(99))
        },
      ),
    )
  })
})

test('nearest takes pixels as they are, area takes their mean', () => {
  const picture = { data: Uint8Array.of(0, 100, 50, 250), fourcc: 'GREY', width: 4, height: 1 }
  const one = { width: 1, height: 1 }
  expect([...convertSync(picture, { size: one }).data]).toEqual([100])
  expect([...convertSync(picture, { size: one, filter: 'nearest' }).data]).toEqual([50])
  const six = convertSync(picture, { size: { width: 8, height: 2 }, filter: 'nearest' })
  expect([...six.data.subarray(0, 8)]).toEqual([0, 0, 100, 100, 50, 50, 250, 250])
})

test('size is that of the result, after a turn', () => {
  const turned = convertSync(noisyPicture('RGB3', 8, 4), {
    rotate: 90,
    size: { width: 2, height: 4 },
  })
  expect([turned.width, turned.height, turned.data.length]).toEqual([2, 4, 24])
})
