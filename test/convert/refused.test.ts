import { describe, expect, test } from 'vitest'
import type { ConvertOptions, Picture } from '../../src/convert/index.ts'
import { convert, convertSync } from '../../src/convert/index.ts'
import { Plan, loadNative } from '../../src/native/index.ts'
import { failure } from '../ring/fixtures.ts'
import { noise, noisyPicture } from './fixtures.ts'

const good = noisyPicture('RGB3', 8, 4)

async function refuses(
  code: Parameters<typeof failure>[0],
  picture: unknown,
  options: unknown = {},
): Promise<void> {
  expect(() => convertSync(picture as Picture, options as ConvertOptions)).toThrow(failure(code))
  await expect(convert(picture as Picture, options as ConvertOptions)).rejects.toEqual(
    failure(code),
  )
}

describe('what is refused', () => {
  test('pictures that are none', async () => {
    for (const picture of [
      undefined,
      null,
      7,
      {},
      { ...good, fourcc: 'NONE' },
      { ...good, width: 0 },
      { ...good, width: 2.5 },
      { ...good, height: 2 ** 21 },
      { ...good, data: 'pixels' },
      { ...good, data: new DataView(new ArrayBuffer(96)) },
      { ...good, planes: [] },
      { ...good, planes: [{ offset: 0, stride: 23 }] },
      { ...good, planes: [{ offset: -1, stride: 24 }] },
      { ...good, planes: [{ offset: 0, stride: NaN }] },
      { ...good, color: { primaries: 1, transfer: 1, matrix: 300, range: 1 } },
    ]) {
      await refuses('FORMAT_INVALID', picture)
    }
  })

  test('planes that reach beyond the data', async () => {
    for (const picture of [
      { ...good, data: good.data.subarray(1) },
      { ...good, planes: [{ offset: 1, stride: 24 }] },
      { ...good, planes: [{ offset: 0, stride: 25 }] },
      { ...good, planes: [{ offset: 0, stride: Number.MAX_SAFE_INTEGER }] },
      { ...good, planes: [{ offset: Number.MAX_SAFE_INTEGER, stride: 24 }] },
    ]) {
      await refuses('SHAPE_MISMATCH', picture)
    }
  })

  test('a target that is too short, before a byte of it is written', async () => {
    const into = new Uint8Array(8 * 4 * 4 - 1).fill(7)
    await refuses('SHAPE_MISMATCH', good, { to: 'BGRA', into })
    await refuses('SHAPE_MISMATCH', good, {
      into: { data: into, fourcc: 'BGRA', width: 8, height: 4 },
    })
    expect(new Set(into)).toEqual(new Set([7]))
  })

  test('source and target in the same memory', async () => {
    const memory = noise(200)
    const source = { data: memory.subarray(0, 96), fourcc: 'RGB3', width: 8, height: 4 }
    await refuses('FORMAT_INVALID', source, { to: 'BGR3', into: memory.subarray(0, 96) })
    await refuses('FORMAT_INVALID', source, { to: 'BGR3', into: memory.subarray(95) })
    expect(memory).toEqual(noise(200))
    expect(convertSync(source, { to: 'BGR3', into: memory.subarray(96) }).data[0]).toBe(memory[2])
  })

  test('pairs without a way, naming both and what to do', () => {
    for (const [from, to, way] of [
      ['RGB3', 'Z16', /RGB3 to Z16.*GREY/],
      ['RGB3', 'RGGB', /RGB3 to RGGB.*only a source/],
      ['RGB3', 'H264', /RGB3 to H264.*ffmpeg/],
      ['Z16', 'Y16', /Z16 to Y16/],
      ['MJPG', 'MJPG', /copy its bytes/],
    ] as const) {
      const picture = noisyPicture(from, 8, 4)
      expect(() => convertSync(picture, { to })).toThrow(failure('UNSUPPORTED', way))
    }
    const color = { primaries: 2, transfer: 2, matrix: 7, range: 2 }
    expect(() => convertSync({ ...noisyPicture('I420', 8, 4), color }, { to: 'RGB3' })).toThrow(
      failure('UNSUPPORTED', /matrix/),
    )
  })

  test('options that make no sense', async () => {
    for (const options of [
      { too: 'RGB3' },
      { crop: { x: 0, y: 0, width: 9, height: 4 } },
      { crop: { x: 8, y: 0, width: 1, height: 1 } },
      { crop: { x: -1, y: 0, width: 1, height: 1 } },
      { crop: {} },
      { size: { width: 0, height: 1 } },
      { size: { width: 1e9, height: 1 } },
      { rotate: 45 },
      { rotate: null },
      { flip: 'sideways' },
      { filter: 'cubic' },
      { matrix: 'bt470', to: 'I420' },
      { range: 'tv', to: 'I420' },
    ]) {
      await refuses('OPTION_INVALID', good, options)
    }
    await refuses('FORMAT_INVALID', good, { to: 'NONE' })
    await refuses('FORMAT_INVALID', good, { into: 5 })
    await refuses('SHAPE_MISMATCH', good, { into: good, size: { width: 1, height: 1 } })
  })

  test('figures that the native side would have to trust', () => {
    const native = loadNative()
    const [source, target] = [new Uint8Array(96), new Uint8Array(96)]
    const rgb3 = 0x33424752
    const plan = (): Float64Array => {
      const figures = new Float64Array(Plan.Length)
      for (const at of [Plan.Source, Plan.Target]) figures.set([rgb3, 8, 4, 6, 0, 1, 0, 24], at)
      figures.set([0, 0, 8, 4], Plan.Crop)
      figures.set([0, 1], Plan.Low)
      return figures
    }
    expect(native.convertSync(source, target, plan(), undefined)).toBe(0)
    const breaks: [number, number][] = [
      [0, 0x21212121],
      [1, 0],
      [1, 9],
      [2, 2 ** 32],
      [2, 2 ** 20 + 1],
      [5, 2],
      [5, 5],
      [6, 1],
      [6, 2 ** 53],
      [7, 23],
      [7, 2 ** 62],
      [7, NaN],
      [Plan.Target + 7, 25],
      [Plan.Crop, 1],
      [Plan.Crop + 2, 0],
      [Plan.Resize, 2],
      [Plan.Flip, 4],
      [Plan.Rotate, 91],
      [Plan.Low, 1],
      [Plan.Low, NaN],
      [Plan.NoValue, 256],
    ]
    for (const [at, value] of breaks) {
      const figures = plan()
      figures[at] = value
      expect(() => native.convertSync(source, target, figures, undefined), `figure ${at}`).toThrow()
    }
    const wrong: unknown[][] = [
      [],
      [source, target],
      [source, target, new Float64Array(3)],
      [source, target, new Uint8Array(52)],
      [new Uint16Array(96), target, plan()],
      [source, target, plan(), new Uint8Array(3)],
    ]
    for (const args of wrong) {
      expect(() => native.convertSync(...(args as [never, never, never, never]))).toThrow()
      expect(() => native.convertAsync(...(args as [never, never, never, never]))).toThrow()
    }
  })
})
