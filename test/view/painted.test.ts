import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { resolveFormat, specOf } from '../../src/index.ts'
import type { FormatSpec } from '../../src/index.ts'
import { fillPattern } from '../../src/sources/index.ts'
import { layoutOf } from '../../src/view/picture/layout.ts'
import { pixelsOf, type Tone } from '../../src/view/picture/pixels.ts'
import { autoRange } from '../../src/view/picture/statistics.ts'
import { writerOf } from '../support/live-ring.ts'
import { hasChromium } from '../support/tools.ts'
import { viewerOf, Visit } from './browser.ts'

/** What a picture should look like, from the decoder that test/view/pixels.test.ts holds against ffmpeg. */
function expected(spec: FormatSpec, data: Uint8Array): Buffer {
  const layout = layoutOf(resolveFormat(spec))
  if (typeof layout === 'string') throw new Error(layout)
  let tone: Tone = { map: 'grey', low: 0, high: 255 }
  if (layout.kind === 'scalar') {
    const [low, high] = layout.range ?? autoRange(pixelsOf(layout, data, tone))
    tone = { map: layout.map, low, high }
  }
  const pixels = pixelsOf(layout, data, tone)
  const rgb = Buffer.alloc(3 * pixels.width * pixels.height)
  for (let y = 0, i = 0; y < pixels.height; y++) {
    for (let x = 0; x < pixels.width; x++, i += 3) rgb.writeUIntBE(pixels.rgb(x, y), i, 3)
  }
  return rgb
}

function farthest(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}

const picture = (fourcc: string, width = 131, height = 97): FormatSpec => ({
  format: { fourcc, width, height },
})

describe.skipIf(!hasChromium)('what is painted is what was written', () => {
  const cases: [string, FormatSpec][] = [
    ...[
      'RGB3',
      'BGR3',
      'RGBA',
      'BGRA',
      'GREY',
      'Y16',
      'Z16',
      'YUYV',
      'UYVY',
      'NV12',
      'NV21',
      'I420',
    ]
      .concat('RGGB', 'GRBG', 'GBRG', 'BA81', 'RG16', 'BYR2')
      .map((fourcc): [string, FormatSpec] => [fourcc, picture(fourcc)]),
    ['uint8 [90, 120, 3]', { dtype: 'uint8', shape: [90, 120, 3] }],
    ['int16 [90, 121]', { dtype: 'int16', shape: [90, 121] }],
  ]
  const painters = [
    ['WebGL', '?webgl'],
    ['2D canvas', '?canvas'],
  ] as const
  const painted = painters.flatMap((painter) => cases.map((one) => [...painter, ...one] as const))
  test.each(painted)('by %s (%s): %s', async (name, query, _case, spec) => {
    const writer = writerOf(spec)
    using loan = writer.loan()
    fillPattern(loan.data, resolveFormat(spec), 7, 0)
    const written = loan.data.slice()
    loan.publish()
    const viewer = await viewerOf({ rings: [writer.name] })
    const visit = await Visit.to(`${viewer.url}${query}`)
    await visit.shows('sequence', '1')
    await visit.shows('painter', name)
    await visit.press('1')
    await visit.shows('zoom', '100 %')
    const [height, width] = spec.format
      ? [spec.format.height, spec.format.width]
      : (spec.shape as [number, number])
    // A graphics card may round a product of floats to the other side.
    expect(
      farthest(await visit.picture(width, height), expected(spec, written)),
    ).toBeLessThanOrEqual(1)
  })

  test.each(painters)('32FC1 with holes by %s', async (_name, query) => {
    const spec = picture('32FC1', 120, 80)
    const writer = writerOf(spec)
    using loan = writer.loan()
    const depth = new Float32Array(loan.data.buffer, loan.data.byteOffset, 120 * 80)
    for (let i = 0; i < depth.length; i++) depth[i] = i % 7 === 0 ? NaN : 0.5 + i / 2000
    const written = loan.data.slice()
    loan.publish()
    const visit = await Visit.to(`${(await viewerOf({ rings: [writer.name] })).url}${query}`)
    await visit.shows('sequence', '1')
    await visit.press('1')
    await visit.shows('zoom', '100 %')
    // One step of the colour map is up to 6 levels.
    expect(farthest(await visit.picture(120, 80), expected(spec, written))).toBeLessThanOrEqual(6)
  })

  test('where the processors draw, the 2D canvas is chosen by itself', async () => {
    const writer = writerOf(picture('RGB3'))
    writer.write(new Uint8Array(writer.format.bytes))
    const visit = await Visit.to((await viewerOf({ rings: [writer.name] })).url)
    await visit.shows('painter', '2D canvas')
  })

  test('a frame that is fetched, for its size, is painted byte for byte too', async () => {
    const spec = picture('RGB3', 400, 300)
    const writer = writerOf(spec)
    const written = new Uint8Array(writer.format.bytes)
    fillPattern(written, resolveFormat(spec), 11, 0)
    writer.write(written)
    const visit = await Visit.to((await viewerOf({ rings: [writer.name] })).url)
    for (let sequence = 1; sequence <= 5; sequence++) {
      await visit.shows('sequence', String(sequence))
      await visit.press('1')
      await visit.shows('zoom', '100 %')
      expect(farthest(await visit.picture(400, 300), Buffer.from(written))).toBe(0)
      fillPattern(written, resolveFormat(spec), 11 + sequence, 0)
      writer.write(written)
    }
    await visit.shows('painted', '6')
    await visit.shows('received', '6')
  })

  test.each(painters)('turned and mirrored by %s', async (_name, query) => {
    const spec = picture('RGB3', 60, 40)
    const writer = writerOf(spec)
    using loan = writer.loan()
    fillPattern(loan.data, resolveFormat(spec), 3, 0)
    const raw = { width: 60, height: 40, channels: 3 } as const
    const turned = await sharp(loan.data.slice(), { raw }).rotate(90).raw().toBuffer()
    const mirrored = await sharp(turned, { raw: { width: 40, height: 60, channels: 3 } })
      .flop()
      .raw()
      .toBuffer()
    loan.publish()
    const visit = await Visit.to(`${(await viewerOf({ rings: [writer.name] })).url}${query}`)
    await visit.shows('sequence', '1')
    await visit.press('r', '1')
    await visit.shows('zoom', '100 %')
    expect(farthest(await visit.picture(40, 60), turned)).toBe(0)
    await visit.press('f', '1')
    await visit.shows('zoom', '100 %')
    expect(farthest(await visit.picture(40, 60), mirrored)).toBe(0)
  })

  test('a JPEG as it is in the ring, and raw frames sent as JPEG', async () => {
    const raw = { width: 64, height: 48, channels: 3 } as const
    const flat = Buffer.alloc(64 * 48 * 3, 90)
    const jpeg = await sharp(flat, { raw }).jpeg().toBuffer()
    const motion = writerOf({ format: { fourcc: 'MJPG', width: 64, height: 48 } })
    motion.write(jpeg)
    const plain = writerOf(picture('RGB3', 64, 48))
    plain.write(flat)
    for (const [name, encoding] of [
      [motion.name, 'raw'],
      [plain.name, 'jpeg'],
    ] as const) {
      const visit = await Visit.to((await viewerOf({ rings: [name] })).url)
      await visit.shows('sequence', '1')
      if (encoding === 'jpeg') {
        await visit.press('j')
        plain.write(flat)
        await visit.shows('sequence', '2')
      }
      await visit.shows('encoding', encoding)
      await visit.press('1')
      await visit.shows('zoom', '100 %')
      expect(farthest(await visit.picture(64, 48), flat)).toBeLessThanOrEqual(2)
    }
  })

  test('other formats of the same ring, larger ones too', async () => {
    const writer = writerOf(picture('RGB3', 40, 30))
    writer.write(new Uint8Array(40 * 30 * 3).fill(10))
    const visit = await Visit.to((await viewerOf({ rings: [writer.name] })).url)
    await visit.shows('size', '40 × 30')
    const next = resolveFormat(picture('GREY', 80, 60))
    writer.setFormat(specOf(next))
    writer.write(new Uint8Array(next.bytes).fill(200))
    await visit.shows('size', '80 × 60')
    await visit.shows('format', 'GREY')
    await visit.press('1')
    await visit.shows('zoom', '100 %')
    expect(new Set(await visit.picture(80, 60))).toEqual(new Set([200]))
  })
})
