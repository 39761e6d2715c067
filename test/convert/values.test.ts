import { describe, expect, test } from 'vitest'
import { colorMap, convert, convertSync, toTensor, toTensorSync } from '../../src/convert/index.ts'
import { failure } from '../ring/fixtures.ts'
import { noisyPicture } from './fixtures.ts'

function floats(...values: number[]) {
  return { data: Float32Array.from(values), fourcc: '32FC1', width: values.length, height: 1 }
}

function depth(...values: number[]) {
  return { data: Uint16Array.from(values), fourcc: 'Z16', width: values.length, height: 1 }
}

describe('depth and other values', () => {
  test('go to grey by the range given, and are held within it', () => {
    const out = convertSync(floats(1, 2, 3, 9, -4), { to: 'GREY', valueRange: [1, 3] })
    expect([...out.data]).toEqual([0, 128, 255, 255, 0])
  })

  test('take the range that there is by default, and a range turned round inverts', () => {
    const out = convertSync(depth(0, 1000, 2000, 3000), { to: 'GREY' })
    expect([...out.data]).toEqual([0, 0, 128, 255])
    const near = convertSync(depth(0, 1000, 2000, 3000), { to: 'GREY', valueRange: [3000, 1000] })
    expect([...near.data]).toEqual([0, 255, 128, 0])
  })

  test('Y16 goes to 8 bits by all 16, and its 0 is a value', () => {
    const y16 = { data: Uint16Array.of(0, 32896, 65535), fourcc: 'Y16', width: 3, height: 1 }
    expect([...convertSync(y16, { to: 'GREY' }).data]).toEqual([0, 128, 255])
  })

  test.each(['turbo', 'viridis', 'jet', 'grey'] as const)(
    '%s: ends and middle are the map’s',
    (name) => {
      const map = colorMap(name)
      const out = convertSync(floats(1, 1.5, 2), { to: 'RGB3', colorMap: name, valueRange: [1, 2] })
      expect([...out.data]).toEqual(
        [0, 128, 255].flatMap((i) => [...map.subarray(3 * i, 3 * i + 3)]),
      )
    },
  )

  test('turbo, viridis and jet begin and end with their published colours', () => {
    const ends = (['turbo', 'viridis', 'jet'] as const).map((name) => {
      const map = colorMap(name)
      return [...map.subarray(0, 3), ...map.subarray(765)]
    })
    expect(ends).toEqual([
      [48, 18, 59, 122, 4, 3],
      [68, 1, 84, 253, 231, 37],
      [0, 0, 128, 128, 0, 0],
    ])
  })

  test('no value is black, or the colour asked for; neither NaN nor the infinities move the range', () => {
    const values = floats(NaN, 0, Infinity, -Infinity, 1, 2)
    const out = convertSync(values, { to: 'BGR3', colorMap: 'grey', noValue: [10, 20, 30] })
    const none = [30, 20, 10]
    expect([...out.data]).toEqual([...none, ...none, ...none, ...none, 0, 0, 0, 255, 255, 255])
    expect([...convertSync(values, { to: 'GREY' }).data]).toEqual([0, 0, 0, 0, 0, 255])
  })

  test('pixels without a value take no part in a mean', () => {
    const one = { width: 1, height: 1 }
    const mean = convertSync(depth(0, 1000, 3000, 0), { size: one })
    expect(new Uint16Array(mean.data.buffer)[0]).toBe(2000)
    const none = convertSync(depth(0, 0), { size: one })
    expect(new Uint16Array(none.data.buffer)[0]).toBe(0)
  })

  test('a picture without any value has a colour all the same', () => {
    const out = convertSync(floats(NaN, 0), { to: 'RGB3', noValue: [1, 2, 3] })
    expect([...out.data]).toEqual([1, 2, 3, 1, 2, 3])
  })

  test('a range without extent, a map of another length, and colours out of range are refused', () => {
    for (const options of [
      { valueRange: [1, 1] },
      { valueRange: [1] },
      { valueRange: [NaN, 2] },
      { colorMap: 'plasma' },
      { colorMap: new Uint8Array(767) },
      { noValue: [1, 2, 256] },
    ]) {
      expect(() => convertSync(floats(1), { to: 'RGB3', ...options } as never)).toThrow(
        failure('OPTION_INVALID'),
      )
    }
  })

  test('16-bit Bayer of a 10-bit sensor goes by the range given', () => {
    const data = new Uint16Array(16).fill(1023)
    const bayer = { data, fourcc: 'RG16', width: 4, height: 4 }
    expect(new Set(convertSync(bayer, { to: 'RGB3', valueRange: [0, 1023] }).data)).toEqual(
      new Set([255]),
    )
    expect(new Set(convertSync(bayer, { to: 'RGB3' }).data)).toEqual(new Set([4]))
  })
})

describe('toTensor', () => {
  const rgb = {
    data: Uint8Array.of(0, 51, 102, 153, 204, 255),
    fourcc: 'RGB3',
    width: 2,
    height: 1,
  }
  const rounded = (values: Iterable<number>) =>
    Array.from(values, (v) => Math.round(v * 1000) / 1000)

  test('is planar by default, and channels side by side as NHWC', () => {
    const nchw = toTensorSync(rgb)
    expect(nchw.shape).toEqual([1, 3, 1, 2])
    expect(rounded(nchw.data)).toEqual([0, 0.6, 0.2, 0.8, 0.4, 1])
    const nhwc = toTensorSync(rgb, { layout: 'NHWC', channels: 'bgr' })
    expect(nhwc.shape).toEqual([1, 1, 2, 3])
    expect(rounded(nhwc.data)).toEqual([0.4, 0.2, 0, 1, 0.8, 0.6])
  })

  test('takes mean and deviation of each channel', async () => {
    const tensor = await toTensor(rgb, { mean: [0, 0.2, 0.4], std: [1, 2, 0.5] })
    expect(rounded(tensor.data)).toEqual([0, 0.6, 0, 0.3, 0, 1.2])
  })

  test('takes any picture, crops, scales and turns it, and makes grey of it', () => {
    const tensor = toTensorSync(noisyPicture('NV12', 64, 48), {
      crop: { x: 3, y: 5, width: 32, height: 24 },
      size: { width: 12, height: 16 },
      rotate: 90,
      channels: 'grey',
    })
    expect(tensor.shape).toEqual([1, 1, 16, 12])
    const grey = convertSync(noisyPicture('NV12', 64, 48), {
      to: 'GREY',
      crop: { x: 3, y: 5, width: 32, height: 24 },
      size: { width: 12, height: 16 },
      rotate: 90,
    })
    expect(rounded(tensor.data)).toEqual(rounded(Array.from(grey.data, (v) => v / 255)))
  })

  test('writes into memory given, and refuses one that is too short before it writes', async () => {
    const into = new Float32Array(8).fill(-1)
    expect((await toTensor(rgb, { into })).data.buffer).toBe(into.buffer)
    expect([...into.subarray(6)]).toEqual([-1, -1])
    const short = new Float32Array(5).fill(-1)
    await expect(toTensor(rgb, { into: short })).rejects.toEqual(failure('SHAPE_MISMATCH'))
    expect([...short]).toEqual([-1, -1, -1, -1, -1])
  })

  test('refuses means and deviations that make no sense', () => {
    for (const options of [{ std: 0 }, { mean: [1, 2] }, { mean: NaN }, { layout: 'CHW' }]) {
      expect(() => toTensorSync(rgb, options as never)).toThrow(failure('OPTION_INVALID'))
    }
  })
})

test('a conversion on another thread gives what one on this thread does', async () => {
  const picture = noisyPicture('YUYV', 130, 70)
  const options = { to: 'BGRA', size: { width: 33, height: 21 }, flip: 'vertical' } as const
  expect((await convert(picture, options)).data).toEqual(convertSync(picture, options).data)
})
