import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { decodeNpy, now } from '../../src/index.ts'
import type { FrameRecord } from '../../src/sinks/index.ts'
import { snapshot } from '../../src/sinks/index.ts'
import { failure, until } from '../ring/fixtures.ts'
import { folder, noise, oneFrame } from './fixtures.ts'

const size = { width: 32, height: 24 }
const RGB = { format: { fourcc: 'RGB3', ...size }, info: { lens: 'größer 🎥' } }

/** What a picture's EXIF says in ImageDescription, and all of it as text. */
async function exif(image: Buffer | string): Promise<{ record: FrameRecord; text: string }> {
  const text = (await sharp(image).metadata()).exif?.toString('latin1') ?? ''
  const json = /\{.*\}/.exec(text)?.[0] ?? ''
  return { record: JSON.parse(json) as FrameRecord, text }
}

function jpegOf(): Promise<Buffer> {
  return sharp({ create: { ...size, channels: 3, background: '#336699' } })
    .jpeg()
    .toBuffer()
}

function mjpg(jpeg: Uint8Array): ReturnType<typeof oneFrame> {
  return oneFrame({ format: { fourcc: 'MJPG', ...size } }, (data) => {
    data.set(jpeg)
    return { bytesUsed: jpeg.length }
  })
}

describe('snapshot', () => {
  test.each([
    ['png', 'png'],
    ['jpg', 'jpeg'],
    ['JPEG', 'jpeg'],
    ['webp', 'webp'],
  ])('writes a .%s that says where and when it was taken', async (ending, format) => {
    const path = join(folder(), `front.${ending}`)
    const taken = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
    const { frame } = oneFrame(RGB, (data) => {
      noise(data)
      return { captureTime: taken, captureClock: 'realtime', sourceSequence: 7, user: [3] }
    })
    await snapshot(frame, path)
    expect((await sharp(path).metadata()).format).toBe(format)
    const { record, text } = await exif(path)
    expect(record).toMatchObject({
      ring: frame.ring,
      sequence: 1,
      sourceSequence: 7,
      captureTime: frame.captureTime,
      captureClock: 'realtime',
      publishTime: frame.publishTime,
      format: { fourcc: 'RGB3', ...size, dtype: 'uint8' },
      info: { lens: 'größer 🎥' },
    })
    // clocks of the kernel differ by what a read takes
    expect(Math.abs(Date.parse(record.captured ?? '') - taken)).toBeLessThanOrEqual(1)
    const published = Date.now() - now() + frame.publishTime
    expect(Math.abs(Date.parse(record.published ?? '') - published)).toBeLessThan(1000)
    expect(text).toContain('2026:01:02 03:04:05')
    expect(text).toContain('framering')
  })

  test('a PNG has every pixel', async () => {
    const { frame } = oneFrame(RGB, noise)
    const png = await snapshot(frame, 'png')
    expect(new Uint8Array(await sharp(png).raw().toBuffer())).toEqual(frame.data)
  })

  test('gives the bytes when a format is asked for, the quality with it', async () => {
    const { frame } = oneFrame(RGB, noise)
    const poor = await snapshot(frame, 'jpeg', { quality: 10 })
    const fine = await snapshot(frame, 'jpeg', { quality: 95 })
    expect(poor.length).toBeLessThan(fine.length)
    expect((await exif(fine)).record.sequence).toBe(1)
    const array = decodeNpy(await snapshot(frame, 'npy'))
    expect([array.dtype, array.shape]).toEqual(['uint8', [24, 32, 3]])
  })

  test('.npy is for every format, and has its record beside it', async () => {
    const path = join(folder(), 'depth.npy')
    const { frame } = oneFrame({ format: { fourcc: '32FC1', ...size } }, noise)
    await snapshot(frame, path)
    const array = decodeNpy(readFileSync(path))
    expect(array.data).toEqual(frame.array.data)
    const record = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as FrameRecord
    expect(record).toMatchObject({ ring: frame.ring, format: { fourcc: 'R  F', ...size } })
    expect(readdirSync(join(path, '..')).sort()).toEqual(['depth.npy', 'depth.npy.json'])
  })

  test('a JPEG of a camera stays as it is, with its record put in', async () => {
    const jpeg = await jpegOf()
    const { frame, leases } = mjpg(jpeg)
    const path = join(folder(), 'front.jpg')
    await snapshot(frame, path)
    const file = readFileSync(path)
    const { record, text } = await exif(file)
    expect(record.sequence).toBe(1)
    const tags = Buffer.from(text, 'latin1')
    const at = file.indexOf(tags)
    expect(file.subarray(at - 4, at - 2)).toEqual(Buffer.from([0xff, 0xe1]))
    // without the segment it is the camera's, byte for byte
    const rest = Buffer.concat([file.subarray(0, at - 4), file.subarray(at + tags.length)])
    expect(rest.equals(jpeg)).toBe(true)
    const wide = tags.indexOf(Uint8Array.of(0x02, 0xa0, 4, 0, 1, 0, 0, 0))
    expect(tags.readUInt32LE(wide + 8)).toBe(size.width)
    expect(leases()).toBe(1)
    expect(await snapshot(frame, 'jpeg')).toHaveLength(file.length)
    expect((await snapshot(frame, 'jpeg', { quality: 5 })).includes(jpeg.subarray(-64))).toBe(false)
  })

  test('a damaged JPEG is SINK_FAILED and leaves no file', async () => {
    const path = folder()
    for (const bytes of [new Uint8Array(100), Uint8Array.of(0xff, 0xd8)]) {
      await expect(snapshot(mjpg(bytes).frame, join(path, 'x.jpg'))).rejects.toEqual(
        failure('SINK_FAILED', /no JPEG/),
      )
    }
    // a JFIF header that says it is longer than the frame
    const short = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0, 0)
    const file = await snapshot(mjpg(short).frame, 'jpeg')
    expect(file.subarray(0, 8)).toEqual(Buffer.from(short))
    expect(readdirSync(path)).toEqual([])
  })

  test('holds its lease until the pixels are encoded, and not while the file is written', async () => {
    const path = join(folder(), 'x.png')
    const { frame, leases } = oneFrame(RGB, noise)
    const { prototype } = sharp as unknown as { prototype: { toBuffer(): Promise<Buffer> } }
    const finish: ((bytes: Buffer) => void)[] = []
    const toBuffer = vi
      .spyOn(prototype, 'toBuffer')
      .mockImplementation(() => new Promise((resolve) => finish.push(resolve)))
    onTestFinished(() => {
      toBuffer.mockRestore()
    })
    const done = snapshot(frame, path)
    frame.release()
    await until(() => finish.length === 1)
    expect(leases()).toBe(1)
    finish[0]?.(Buffer.from('picture'))
    await until(() => leases() === 0)
    await done
    expect(readFileSync(path, 'utf8')).toBe('picture')
  })

  test('.npy holds its lease until the bytes are written, and gives it back when they cannot be', async () => {
    const path = folder()
    const { frame, leases } = oneFrame({ dtype: 'uint8', shape: [500, 1000] }, noise)
    const expected = frame.data.slice()
    const kept = frame.retain()
    const done = snapshot(kept, join(path, 'x.npy'))
    frame.release()
    kept.release()
    expect(leases()).toBe(1)
    await done
    expect(leases()).toBe(0)
    expect(decodeNpy(readFileSync(join(path, 'x.npy'))).data).toEqual(expected)
    const again = oneFrame(RGB, noise)
    await expect(snapshot(again.frame, join(path, 'none', 'x.npy'))).rejects.toMatchObject({
      code: 'SINK_FAILED',
      cause: { code: 'ENOENT' },
    })
    again.frame.release()
    expect(again.leases()).toBe(0)
    await expect(snapshot(again.frame, 'x.npy')).rejects.toEqual(failure('RELEASED'))
  })

  test('what stood there stays until the new file is whole, and on failure', async () => {
    const path = folder()
    const file = join(path, 'kept.npy')
    writeFileSync(file, 'kept')
    mkdirSync(join(path, 'taken.npy'))
    const { frame } = oneFrame(RGB, noise)
    await expect(snapshot(frame, file, { signal: AbortSignal.abort() })).rejects.toEqual(
      failure('ABORTED'),
    )
    // a folder has the name: only the rename fails
    await expect(snapshot(frame, join(path, 'taken.npy'))).rejects.toEqual(failure('SINK_FAILED'))
    expect(readFileSync(file, 'utf8')).toBe('kept')
    const left = readdirSync(path).filter((name) => name.startsWith('.'))
    expect(left).toEqual([])
  })

  test('an abort while it writes leaves what stood there', async () => {
    const path = folder()
    const file = join(path, 'kept.npy')
    writeFileSync(file, 'kept')
    const { frame, leases } = oneFrame({ dtype: 'uint8', shape: [4000, 4000] }, noise)
    const controller = new AbortController()
    const done = snapshot(frame, file, { signal: controller.signal })
    await until(() => readdirSync(path).length === 2)
    controller.abort()
    await expect(done).rejects.toEqual(failure('ABORTED'))
    expect(readdirSync(path)).toEqual(['kept.npy'])
    expect(readFileSync(file, 'utf8')).toBe('kept')
    frame.release()
    expect(leases()).toBe(0)
  })

  test('refuses other endings, other options, and formats that have no picture', async () => {
    const { frame } = oneFrame(RGB, noise)
    for (const target of ['x.gif', 'x', 'gif', '', undefined, 7, 'png/x']) {
      await expect(snapshot(frame, target as never)).rejects.toEqual(failure('OPTION_INVALID'))
    }
    for (const options of [null, { quality: 0 }, { signal: 'now' }, { qality: 5 }]) {
      await expect(snapshot(frame, 'jpeg', options as never)).rejects.toEqual(
        failure('OPTION_INVALID'),
      )
    }
    for (const dtype of ['float32', 'int16'] as const) {
      const { frame: other } = oneFrame({ dtype, shape: [24, 32] }, noise)
      await expect(snapshot(other, 'png')).rejects.toEqual(failure('UNSUPPORTED', /\.npy/))
    }
  })

  test('a frame of a clock of its own is dated by when it was published', async () => {
    const { frame } = oneFrame(RGB, () => ({ captureTime: 5, captureClock: 'source' }))
    const { record, text } = await exif(await snapshot(frame, 'png'))
    expect(record).toMatchObject({ captureTime: 5, captureClock: 'source' })
    expect(record).not.toHaveProperty('captured')
    const [date = ''] = record.published?.split('T') ?? []
    expect(text).toContain(date.replaceAll('-', ':'))
  })
})
