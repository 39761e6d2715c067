import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { images, type ImagesOptions } from '../../src/sources/index.ts'
import { loadPeer } from '../../src/peers/load-peer.ts'
import { FakeWriter } from './fake-writer.ts'

const dir = mkdtempSync(join(tmpdir(), 'framering-test-'))
const path = (name: string): string => join(dir, name)

/** A picture whose pixel (x, y) is [x · 9, y · 11, shade]. */
function pixels(shade: number, width = 20, height = 12): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    data.set([(i % width) * 9, Math.floor(i / width) * 11, shade], i * 3)
  }
  return data
}

const raw = (width: number, height: number, channels: 1 | 3 = 3) => ({
  raw: { width, height, channels },
})

beforeAll(async () => {
  for (const n of [1, 2, 10]) {
    await sharp(pixels(n), raw(20, 12))
      .png()
      .toFile(path(`shot-${n}.png`))
  }
  await sharp(pixels(50, 10, 12), raw(10, 12))
    .png()
    .toFile(path('tall.png'))
  await sharp(new Uint8Array(240).fill(77), raw(20, 12, 1))
    .png()
    .toFile(path('grey.png'))
  writeFileSync(path('broken.png'), 'no picture')
  writeFileSync(path('notes.txt'), 'no picture')
  mkdirSync(path('series'))
  mkdirSync(path('empty'))
  for (const n of [1, 2, 10]) {
    await sharp(pixels(n), raw(20, 12))
      .png()
      .toFile(join(dir, 'series', `shot-${n}.PNG`))
  }
  writeFileSync(join(dir, 'series', '.hidden.png'), 'no picture')
  writeFileSync(join(dir, 'series', 'notes.txt'), 'no picture')
})
afterAll(() => {
  rmSync(dir, { recursive: true })
})

async function collect(options: ImagesOptions) {
  await using source = await images(options)
  const seen: Uint8Array[] = []
  const writer = new FakeWriter(source.format, (data, { sourceSequence }) => {
    seen.push(data.slice())
    expect(sourceSequence).toBe(seen.length)
  })
  await source.pump(writer)
  expect(writer.outstanding).toBe(0)
  return { seen, format: source.format }
}

describe('images', () => {
  it('publishes files in the order given, pixel for pixel, in the size of the first', async () => {
    const { seen, format } = await collect({ files: [path('shot-10.png'), path('shot-2.png')] })
    expect(format).toMatchObject({ fourcc: 'RGB3', width: 20, height: 12, shape: [12, 20, 3] })
    expect(seen).toEqual([pixels(10), pixels(2)])
  })

  it('publishes the pictures of a folder by number', async () => {
    const { seen } = await collect({ directory: path('series') })
    expect(seen.map((data) => data[2])).toEqual([1, 2, 10])
  })

  it('fits a picture of another shape in with black borders', async () => {
    const { seen } = await collect({ files: [path('shot-1.png'), path('tall.png')] })
    const row = (seen[1] as Uint8Array).subarray(0, 60)
    const [left, middle, right] = [row.subarray(0, 15), row.subarray(15, 45), row.subarray(45)]
    expect([...left, ...right].every((byte) => byte === 0)).toBe(true)
    expect(middle).toEqual(pixels(50, 10, 12).subarray(0, 30))
  })

  it('delivers RGBA and GREY, from colour and from grey files', async () => {
    const files = [path('shot-1.png'), path('grey.png')]
    const rgba = await collect({ files, fourcc: 'RGBA' })
    expect([...(rgba.seen[0] as Uint8Array).subarray(4, 8)]).toEqual([9, 0, 1, 255])
    expect([...(rgba.seen[1] as Uint8Array).subarray(4, 8)]).toEqual([77, 77, 77, 255])
    const grey = await collect({ files: files.reverse(), fourcc: 'GREY' })
    expect(grey.format.shape).toEqual([12, 20])
    expect(grey.seen[0]).toEqual(new Uint8Array(240).fill(77))
    const rgb = await collect({ files: [path('grey.png')] })
    expect(rgb.seen[0]).toEqual(new Uint8Array(720).fill(77))
  })

  it('shows the new content when a file is written again between two rounds', async () => {
    const file = path('changing.png')
    await sharp(pixels(100), raw(20, 12)).png().toFile(file)
    const other = await sharp(pixels(200), raw(20, 12)).png().toBuffer()
    const shades: (number | undefined)[] = []
    await using source = await images({ files: [file], loop: true })
    const stop = new AbortController()
    const writer = new FakeWriter(source.format, (data, _, index) => {
      shades.push(data[2])
      if (index === 0) writeFileSync(file, other)
      if (index === 2) stop.abort()
    })
    await source.pump(writer, { signal: stop.signal })
    expect(shades).toEqual([100, 200, 200])
  })

  it('names the file that cannot be decoded or read', async () => {
    const files = [path('shot-1.png'), path('broken.png')]
    await expect(collect({ files })).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      message: expect.stringContaining('broken.png') as string,
    })
    await expect(images({ files: [path('none.png')] })).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      message: expect.stringContaining('none.png') as string,
    })
    await expect(images({ directory: path('nowhere') })).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
    })
    await expect(images({ directory: path('empty') })).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      message: expect.stringContaining('no pictures') as string,
    })
  })

  it.each([
    [{}, 'files and directory'],
    [{ files: ['a'], directory: 'b' }, 'files and directory'],
    [{ files: [] }, 'files'],
    [{ files: [''] }, 'files[0]'],
    [{ files: ['a'], fps: 0 }, 'fps'],
    [{ files: ['a'], height: 5 }, 'width and height'],
    [{ files: ['a'], fourcc: 'YUYV' }, 'fourcc'],
    [{ files: ['a'], loop: 1 }, 'loop'],
    [{ file: 'a' }, 'file'],
  ])('refuses %j', async (options, named) => {
    await expect(images(options as unknown as ImagesOptions)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(named) as string,
    })
  })
})

describe('a missing peer', () => {
  it('is named together with the command that installs it', async () => {
    await expect(loadPeer('no-such-package-here', 'images')).rejects.toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringContaining('npm install no-such-package-here') as string,
    })
  })
})
