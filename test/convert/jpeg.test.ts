import { afterEach, describe, expect, test } from 'vitest'
import { convert, converters, convertSync, toTensor } from '../../src/convert/index.ts'
import { useOwnOnly } from '../../src/convert/converters.ts'
import type { Frame } from '../../src/index.ts'
import { failure, testReader, testWriter } from '../ring/fixtures.ts'
import { farthest, noise } from './fixtures.ts'

const WIDTH = 50
const HEIGHT = 38

/** Colours that change slowly, which a JPEG keeps. */
function smooth() {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)]
    return [3 * x + 40, 4 * y + 20, 200 - 2 * x - y][i % 3]!
  })
  return { data, fourcc: 'RGB3', width: WIDTH, height: HEIGHT }
}

afterEach(() => {
  useOwnOnly(false)
})

const ways = [
  ...(converters().jpeg === 'libturbojpeg' ? [['libturbojpeg', false] as const] : []),
  ['sharp', true] as const,
]

describe.each(ways)('JPEG by %s', (name, own) => {
  test('a picture comes back much as it was, in every format', async () => {
    useOwnOnly(own)
    expect(converters().jpeg).toBe(name)
    const picture = smooth()
    for (const from of ['RGB3', 'BGRA', 'YUYV', 'I420', 'NV12']) {
      const source = convertSync(picture, { to: from })
      const jpeg = await convert(source, { to: 'MJPG', quality: 95 })
      expect([...jpeg.data.subarray(0, 2)]).toEqual([0xff, 0xd8])
      for (const to of ['RGB3', 'RGBA', 'GREY', 'NV12']) {
        const back = await convert(jpeg, { to })
        const expected = convertSync(picture, { to })
        expect([from, to, farthest(back.data, expected.data)]).toEqual([
          from,
          to,
          expect.toSatisfy((far: number) => far <= 12),
        ])
      }
    }
  })

  test('grey stays grey, and depth is drawn in its colours', async () => {
    useOwnOnly(own)
    const grey = convertSync(smooth(), { to: 'GREY' })
    const back = await convert(await convert(grey, { to: 'MJPG', quality: 95 }), { to: 'GREY' })
    expect(farthest(back.data, grey.data)).toBeLessThanOrEqual(6)
    const z16 = {
      data: new Uint16Array(WIDTH * HEIGHT).fill(7),
      fourcc: 'Z16',
      width: WIDTH,
      height: HEIGHT,
    }
    const drawn = await convert(z16, { to: 'MJPG', valueRange: [7, 8], quality: 95 })
    const rgb = await convert(drawn, { to: 'RGB3' })
    expect(farthest(rgb.data.subarray(0, 3), Uint8Array.of(48, 18, 59))).toBeLessThanOrEqual(6)
  })

  test('goes straight from a slot into a slot', async () => {
    useOwnOnly(own)
    const jpegs = testWriter({ format: { fourcc: 'MJPG', width: WIDTH, height: HEIGHT } })
    const pixels = testWriter({ format: { fourcc: 'RGB3', width: WIDTH, height: HEIGHT } })
    const [readJpegs, readPixels] = [testReader(jpegs), testReader(pixels)]
    using loan = jpegs.loan()
    const made = await convert(smooth(), { to: 'MJPG', into: loan })
    const bytesUsed = made.data.length
    loan.publish({ bytesUsed })
    using jpeg = readJpegs.tryNext() as Frame
    expect(jpeg.data.length).toBe(bytesUsed)
    using target = pixels.loan()
    await convert(jpeg, { to: 'RGB3', into: target })
    target.publish()
    using frame = readPixels.tryNext() as Frame
    expect(farthest(frame.data, smooth().data)).toBeLessThanOrEqual(24)
  })

  test('is cropped, scaled and made a tensor on the way', async () => {
    useOwnOnly(own)
    const jpeg = await convert(smooth(), { to: 'MJPG', quality: 95 })
    const small = await convert(jpeg, {
      to: 'RGB3',
      crop: { x: 4, y: 4, width: 20, height: 20 },
      size: { width: 5, height: 5 },
    })
    expect(small.data.length).toBe(75)
    expect((await toTensor(jpeg)).shape).toEqual([1, 3, HEIGHT, WIDTH])
  })

  test('noise, half a JPEG, an empty one and one of another size are FORMAT_INVALID', async () => {
    useOwnOnly(own)
    const jpeg = await convert(smooth(), { to: 'MJPG' })
    for (const data of [
      noise(500),
      jpeg.data.subarray(0, jpeg.data.length >> 1),
      new Uint8Array(0),
    ]) {
      await expect(convert({ ...jpeg, data }, { to: 'RGB3' })).rejects.toEqual(
        failure('FORMAT_INVALID'),
      )
    }
    await expect(convert({ ...jpeg, width: 49 }, { to: 'RGB3' })).rejects.toEqual(
      failure('FORMAT_INVALID', /50 x 38/),
    )
  })

  test('a target that is too short for the JPEG is refused and not written', async () => {
    useOwnOnly(own)
    const into = new Uint8Array(100).fill(5)
    await expect(convert(smooth(), { to: 'MJPG', into })).rejects.toEqual(failure('SHAPE_MISMATCH'))
    expect(new Set(into)).toEqual(new Set([5]))
  })

  test('a quality that is none is refused', async () => {
    useOwnOnly(own)
    for (const quality of [0, 101, 50.5]) {
      await expect(convert(smooth(), { to: 'MJPG', quality })).rejects.toEqual(
        failure('OPTION_INVALID'),
      )
    }
  })
})

test('convertSync without libturbojpeg says what to install', () => {
  useOwnOnly(true)
  expect(() => convertSync(smooth(), { to: 'MJPG' })).toThrow(
    failure('UNSUPPORTED', /libturbojpeg/),
  )
})
