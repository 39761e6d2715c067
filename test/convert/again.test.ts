import { describe, expect, test } from 'vitest'
import type { ConvertOptions, Picture } from '../../src/convert/index.ts'
import { convert, convertSync } from '../../src/convert/index.ts'
import { NdArray } from '../../src/ndarray/index.ts'
import type { Frame } from '../../src/index.ts'
import { failure, testReader, testWriter } from '../ring/fixtures.ts'
import { noise, noisyPicture } from './fixtures.ts'

const [width, height] = [8, 6]
const picture = noisyPicture('RGB3', width, height)
const bytes = (source: Picture, options: ConvertOptions) => [...convertSync(source, options).data]

/** As often as it takes until a plan would be used again. */
function often(source: Picture | Frame, options: ConvertOptions): Uint8Array {
  convertSync(source, options)
  return convertSync(source, options).data
}

describe('a conversion that was done before', () => {
  test('takes its pixels from where they are now, and leaves earlier results alone', () => {
    const first = often(picture, { to: 'BGR3' })
    const kept = [...first]
    const other = { ...picture, data: noise(picture.data.length, 77) }
    const second = convertSync(other, { to: 'BGR3' }).data
    expect(second[0]).toBe(other.data[2])
    expect([...first]).toEqual(kept)
    expect(second.buffer).not.toBe(first.buffer)
  })

  test('is another one when an option has changed, also within the same object', () => {
    const crop = { x: 0, y: 0, width: 4, height: 4 }
    const size = { width: 2, height: 2 }
    const options = { to: 'GREY', crop, size }
    const expected = (x: number) =>
      bytes(picture, { to: 'GREY', crop: { ...crop, x }, size: { ...size } })
    often(picture, options)
    crop.x = 3
    expect(bytes(picture, options)).toEqual(expected(3))
    expect(bytes(picture, options)).not.toEqual(expected(0))
    size.height = 1
    expect(convertSync(picture, options)).toMatchObject({ width: 2, height: 1 })
    for (const [name, value] of Object.entries({
      filter: 'nearest',
      flip: 'both',
      rotate: 90,
    })) {
      const plain = bytes(picture, { to: 'GREY', crop, size: { width: 3, height: 3 } })
      const changed = { to: 'GREY', crop, size: { width: 3, height: 3 }, [name]: value }
      expect(bytes(picture, changed), name).not.toEqual(plain)
      expect(bytes(picture, { ...changed, [name]: undefined }), name).toEqual(plain)
    }
  })

  test('is told by what the options say, not by which object says it', () => {
    class Wanted {
      readonly #to: string
      constructor(to: string) {
        this.#to = to
      }
      get to(): string {
        return this.#to
      }
    }
    often(picture, {})
    often(picture, new Wanted('GREY'))
    expect(convertSync(picture, new Wanted('BGRA')).fourcc).toBe('BGRA')
    often(picture, Object.create({ to: 'GREY' }) as ConvertOptions)
    expect(convertSync(picture, Object.create({ to: 'BGRA' }) as ConvertOptions).fourcc).toBe(
      'BGRA',
    )
    expect(convertSync(picture, {}).fourcc).toBe('RGB3')
    const depth = { data: Uint8Array.of(100, 0, 200, 0), fourcc: 'Z16', width: 2, height: 1 }
    const valueRange: [number, number] = [0, 200]
    often(depth, { to: 'GREY', valueRange })
    valueRange[1] = 400
    expect(bytes(depth, { to: 'GREY', valueRange })).toEqual([64, 128])
  })

  test('is another one when the colours or planes of the source have changed', () => {
    const yuv = noisyPicture('I420', width, height)
    const color = { primaries: 1, transfer: 1, matrix: 1, range: 2 }
    const limited = [...often({ ...yuv, color }, { to: 'RGB3' })]
    color.range = 1
    expect(bytes({ ...yuv, color }, { to: 'RGB3' })).not.toEqual(limited)
    expect(bytes({ ...yuv, color }, { to: 'RGB3', range: 'limited' })).toEqual(limited)
    const planes = [{ offset: 0, stride: 8 }]
    const grey = { data: noise(100), fourcc: 'GREY', width: 8, height: 4, planes }
    often(grey, { flip: 'vertical' })
    planes[0]!.stride = 9
    expect(bytes(grey, { flip: 'vertical' }).slice(-8)).toEqual([...grey.data.subarray(0, 8)])
    expect(bytes(grey, { flip: 'vertical' }).slice(0, 8)).toEqual([...grey.data.subarray(27, 35)])
  })

  test('knows rows with gaps in an array from bytes of the same size', () => {
    const wide = new NdArray('uint8', noise(6 * 12), [6, 12])
    const gaps = { data: wide.slice(null, [0, 8]), fourcc: 'GREY', width: 8, height: 6 }
    const upside = { flip: 'vertical' } as const
    often(gaps, upside)
    const plain = { ...gaps, data: noise(48) }
    expect(bytes(plain, upside).slice(0, 8)).toEqual([...plain.data.subarray(40)])
    expect(bytes(gaps, upside).slice(0, 8)).toEqual([...wide.slice(5, [0, 8]).copy().data])
  })

  test('refuses what it refused the first time', async () => {
    const options = { to: 'BGRA', crop: { x: 0, y: 0, width: 8, height: 6 } }
    often(picture, options)
    const refused: [Parameters<typeof failure>[0], unknown, unknown][] = [
      ['OPTION_INVALID', picture, { ...options, filtre: 'area' }],
      ['OPTION_INVALID', picture, { ...options, crop: { ...options.crop, z: 1 } }],
      ['OPTION_INVALID', picture, { ...options, crop: { x: 0, y: 0, width: 8 } }],
      ['OPTION_INVALID', picture, { ...options, crop: null }],
      ['OPTION_INVALID', picture, { ...options, rotate: null }],
      ['SHAPE_MISMATCH', { ...picture, data: picture.data.subarray(1) }, options],
      ['FORMAT_INVALID', { ...picture, data: 'pixels' }, options],
      [
        'FORMAT_INVALID',
        { ...picture, data: Object.create(Uint8Array.prototype) as unknown },
        options,
      ],
      ['FORMAT_INVALID', { ...picture, color: null }, options],
      ['SHAPE_MISMATCH', picture, { ...options, into: new Uint8Array(191) }],
      ['FORMAT_INVALID', picture, { ...options, into: 5 }],
      ['FORMAT_INVALID', undefined, options],
    ]
    for (const [code, source, given] of refused) {
      const args = [source, given] as [Picture, ConvertOptions]
      expect(() => convertSync(...args)).toThrow(failure(code))
      await expect(convert(...args)).rejects.toEqual(failure(code))
    }
    const memory = new Uint8Array(400)
    const overlapping = { ...picture, data: memory.subarray(0, 144) }
    const onto = { ...options, into: memory.subarray(143) }
    expect(() => convertSync(overlapping, onto)).toThrow(failure('FORMAT_INVALID', /overlap/))
    const gone = { ...picture, data: noise(144) }
    structuredClone(gone.data.buffer, { transfer: [gone.data.buffer as ArrayBuffer] })
    expect(() => convertSync(gone, options)).toThrow(failure('SHAPE_MISMATCH'))
    const words = { ...picture, data: new Uint16Array(72), fourcc: 'Y16' }
    structuredClone(words.data.buffer, { transfer: [words.data.buffer] })
    expect(() => convertSync(words, options)).toThrow(failure('SHAPE_MISMATCH'))
    const into = new Uint8Array(192)
    structuredClone(into.buffer, { transfer: [into.buffer] })
    expect(() => convertSync(picture, { ...options, into })).toThrow(failure('SHAPE_MISMATCH'))
  })

  test('is told from many others that take turns with it', () => {
    const sizes = Array.from({ length: 30 }, (_, i) => ({ width: 1 + (i % 10), height: 1 + i }))
    for (let round = 0; round < 3; round++) {
      for (const size of sizes) {
        const made = convertSync(picture, { to: 'BGRA', size })
        expect(made).toMatchObject(size)
        expect(made.data.length).toBe(4 * size.width * size.height)
        expect(made.planes).toEqual([{ offset: 0, stride: 4 * size.width }])
      }
    }
  })

  test('writes into longer memory no more than the result, and shows just that', async () => {
    for (let round = 0; round < 3; round++) {
      const into = new Uint8Array(200).fill(7)
      const made = await convert(picture, { to: 'BGRA', into })
      expect(made.data.length).toBe(192)
      expect(made.data.buffer).toBe(into.buffer)
      expect([...into.subarray(192)]).toEqual(Array<number>(8).fill(7))
    }
  })
})

test('frames are converted again and again, until one is released: also by a getter', () => {
  const writer = testWriter({ format: { fourcc: 'GREY', width: 8, height: 4 } })
  const reader = testReader(writer)
  const next = (value: number): Frame => {
    writer.write(new Uint8Array(32).fill(value))
    return reader.tryNext() as Frame
  }
  for (let value = 1; value < 6; value++) {
    using frame = next(value)
    expect(convertSync(frame, { to: 'RGB3' }).data[0]).toBe(value)
    expect(reader.stats().leases).toBe(1)
  }
  const frame = next(9)
  frame.release()
  expect(() => convertSync(frame, { to: 'RGB3' })).toThrow(failure('RELEASED'))
  const last = next(10)
  const options = {
    get to() {
      last.release()
      return 'RGB3'
    },
  }
  expect(() => convertSync(last, options)).toThrow(failure('RELEASED'))
  expect(reader.stats().leases).toBe(0)
})

test('a loan without a slot is filled by convertSync too, and one that was published is refused', async () => {
  const format = { fourcc: 'RGB3', width: 8, height: 6 }
  const writer = testWriter({ format, slots: 2 })
  const held = [writer.loan(), writer.loan()]
  const loan = writer.loan()
  expect(loan.slotless).toBe(true)
  for (let round = 0; round < 3; round++) {
    loan.data.fill(round)
    convertSync(picture, { to: 'RGB3', into: loan })
    expect([...loan.data]).toEqual([...picture.data])
  }
  for (const each of [...held, loan]) each.abandon()
  for (const each of held) {
    expect(() => convertSync(picture, { to: 'RGB3', into: each })).toThrow(failure('NOT_ON_LOAN'))
    await expect(convert(picture, { to: 'RGB3', into: each })).rejects.toEqual(
      failure('NOT_ON_LOAN'),
    )
  }
})
