import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { lastValueFrom, map, take, toArray } from 'rxjs'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Frame, WriterOptions } from '../../src/index.ts'
import { decodeNpy, frames, leaseMap } from '../../src/index.ts'
import { convertSync } from '../../src/convert/index.ts'
import { encodeImage, writeFile, writeTo } from '../../src/sinks/index.ts'
import { Peer } from '../support/peer.ts'
import { failure, flat, testReader, testWriter, turn, until } from '../ring/fixtures.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'framering-sinks-'))
  onTestFinished(() => {
    rmSync(path, { recursive: true })
  })
  return path
}

/** One frame of a ring of its own, and what was put into it. */
function oneFrame(options: WriterOptions, fill: (data: Uint8Array) => object | undefined): Frame {
  const writer = testWriter(options)
  using loan = writer.loan()
  loan.publish(fill(loan.data))
  const frame = testReader(writer).tryNext() as Frame
  onTestFinished(() => {
    frame.release()
  })
  return frame
}

function noise(data: Uint8Array): undefined {
  for (let i = 0; i < data.length; i++) data[i] = (i * 2654435761) >>> 24
  return undefined
}

describe('writeFile', () => {
  test('writes the bytes as they are, though the lent frame is revoked meanwhile', async () => {
    const path = join(folder(), 'frame.raw')
    const frame = oneFrame({ dtype: 'uint8', shape: [500, 1000, 3] }, noise)
    const expected = frame.data.slice()
    const written = writeFile(frame, path)
    frame.release()
    await written
    expect(readFileSync(path).equals(expected)).toBe(true)
  })

  test('writes .npy with dtype and shape', async () => {
    const path = join(folder(), 'depth.npy')
    const frame = oneFrame({ dtype: 'float32', shape: [20, 30] }, (data) => {
      new Float32Array(data.buffer, 0, 600).forEach((_, i, all) => (all[i] = i / 7))
      return undefined
    })
    await writeFile(frame, path)
    const array = decodeNpy(readFileSync(path))
    expect([array.dtype, array.shape]).toEqual(['float32', [20, 30]])
    expect(array.data).toEqual(frame.array.data)
  })

  test('holds its lease exactly until it is done', async () => {
    const path = join(folder(), 'frame.raw')
    const writer = testWriter()
    const reader = testReader(writer)
    writer.write(flat(1))
    const frame = reader.tryNext() as Frame
    const written = writeFile(frame, path)
    frame.release()
    expect(reader.stats().leases).toBe(1)
    await written
    expect(reader.stats().leases).toBe(0)
  })

  test('rejects with SINK_FAILED or ABORTED, and has given the lease back', async () => {
    const writer = testWriter()
    const reader = testReader(writer)
    writer.write(flat(1))
    const frame = reader.tryNext() as Frame
    await expect(writeFile(frame, '/nowhere/at/all.raw')).rejects.toMatchObject({
      code: 'SINK_FAILED',
      cause: { code: 'ENOENT' },
    })
    await expect(
      writeFile(frame, join(folder(), 'x'), { signal: AbortSignal.abort() }),
    ).rejects.toEqual(failure('ABORTED'))
    frame.release()
    expect(reader.stats().leases).toBe(0)
    await expect(writeFile(frame, join(folder(), 'x'))).rejects.toEqual(failure('RELEASED'))
  })

  test('does not touch an existing file when its signal is aborted already', async () => {
    const path = join(folder(), 'kept.raw')
    writeFileSync(path, 'kept')
    const frame = oneFrame({ dtype: 'uint8', shape: [16] }, noise)
    await expect(writeFile(frame, path, { signal: AbortSignal.abort() })).rejects.toEqual(
      failure('ABORTED'),
    )
    expect(readFileSync(path, 'utf8')).toBe('kept')
  })

  test('refuses a call without a path, or with bad options', async () => {
    const frame = oneFrame({ dtype: 'uint8', shape: [16] }, noise)
    for (const path of [undefined, null, '', 5]) {
      await expect(writeFile(frame, path as never)).rejects.toEqual(
        failure('OPTION_INVALID', /path/),
      )
    }
    const path = join(folder(), 'x')
    for (const options of [null, { signal: 'stop' }]) {
      await expect(writeFile(frame, path, options as never)).rejects.toEqual(
        failure('OPTION_INVALID'),
      )
    }
  })

  test('works out of a plain subscription and in leaseMap', async () => {
    const path = folder()
    const writer = testWriter()
    const names = frames(writer.name, { delivery: 'every', replay: 3 }).pipe(
      leaseMap(async (frame) => {
        const name = join(path, `${frame.sequence}.raw`)
        await writeFile(frame, name)
        return name
      }),
      take(3),
      toArray(),
    )
    for (let i = 1; i <= 3; i++) writer.write(flat(i))
    for (const [i, name] of (await lastValueFrom(names)).entries()) {
      expect(new Uint8Array(readFileSync(name))).toEqual(flat(i + 1))
    }
  })
})

describe('writeTo', () => {
  test('writes at the pace of the stream: while one write is under way nothing is leased', async () => {
    const writer = testWriter()
    const chunks: Uint8Array[] = []
    const pending: (() => void)[] = []
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Uint8Array, _encoding, callback) => {
        pending.push(() => {
          // Read as late as a real stream reads.
          chunks.push(new Uint8Array(chunk))
          callback()
        })
      },
    })
    const seen: number[] = []
    const subscription = frames(writer.name)
      .pipe(writeTo(slow))
      .subscribe((n) => seen.push(n))
    writer.write(flat(1))
    await until(() => pending.length === 1)
    for (let i = 2; i <= 50; i++) writer.write(flat(i))
    pending[0]?.()
    await until(() => pending.length === 2)
    pending[1]?.()
    await until(() => seen.length === 2)
    expect(seen).toEqual([1, 50])
    expect(chunks.map((chunk) => chunk[0])).toEqual([1, 50])
    expect(chunks.map((chunk) => chunk.length)).toEqual([16, 16])
    subscription.unsubscribe()
  })

  test('loses no byte on a socket whose other end is slow', async () => {
    const bytes = 300_000
    const count = 40
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const client = connect(port, '127.0.0.1')
    const [peer] = (await once(server, 'connection')) as [Socket]
    onTestFinished(() => {
      client.destroy()
      peer.destroy()
      server.close()
    })
    const writer = testWriter({ dtype: 'uint8', shape: [bytes], slots: 4 })
    const wrong: number[] = []
    let received = 0
    peer.on('data', (chunk: Buffer) => {
      for (const byte of chunk) {
        if (byte !== Math.floor(received / bytes) + 1) wrong.push(received)
        received++
      }
    })
    const sent = lastValueFrom(
      frames(writer.name, { delivery: 'reliable', reliableWait: 1000 }).pipe(
        writeTo(client),
        take(count),
        toArray(),
      ),
    )
    let published = 0
    while (published < count) {
      // Only as fast as the one reader takes them: its event loop is this one.
      if (published - (await lastWritten()) < 2) writer.write(flat(++published, bytes))
    }
    async function lastWritten(): Promise<number> {
      await new Promise((resolve) => setImmediate(resolve))
      return Math.floor(client.bytesWritten / bytes)
    }
    expect(await sent).toEqual(Array.from({ length: count }, (_, i) => i + 1))
    await until(() => received === bytes * count)
    expect(wrong).toEqual([])
  })

  test('refuses at once what is no stream', () => {
    for (const stream of [null, undefined, {}]) {
      expect(() => writeTo(stream as never)).toThrow(failure('OPTION_INVALID', /Writable/))
    }
  })

  test('copies for a Transform, which keeps the bytes beyond its callback', async () => {
    const writer = testWriter()
    const through = new PassThrough()
    const subscription = frames(writer.name, { delivery: 'every', replay: 3 })
      .pipe(writeTo(through))
      .subscribe()
    for (let i = 1; i <= 3; i++) writer.write(flat(i))
    await until(() => through.readableLength === 48)
    expect(new Uint8Array(through.read() as Buffer)).toEqual(
      new Uint8Array([...flat(1), ...flat(2), ...flat(3)]),
    )
    subscription.unsubscribe()
  })

  test.each(['fails', 'is closed'])('errors with SINK_FAILED when the stream %s', async (how) => {
    const writer = testWriter()
    let started = false
    const stream = new Writable({
      write: (_chunk, _encoding, callback) => {
        started = true
        if (how === 'fails') callback(new Error('disk full'))
      },
    })
    const result = lastValueFrom(
      frames(writer.name).pipe(
        writeTo(stream),
        map(() => 'written'),
      ),
    )
    writer.write(flat(1))
    void until(() => started).then(() => {
      if (how === 'is closed') stream.destroy()
    })
    await expect(result).rejects.toEqual(
      failure('SINK_FAILED', how === 'fails' ? /disk full/ : /closed|destroyed/),
    )
    expect(writer.stats().readers).toBe(0)
  })
})

describe('encodeImage', () => {
  const size = { width: 32, height: 24 }

  async function pixels(image: Buffer, channels: number): Promise<number[]> {
    const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ ...size, channels })
    return [...data]
  }

  test.each([
    ['RGB3', 3, [10, 120, 230], [10, 120, 230]],
    ['BGR3', 3, [230, 120, 10], [10, 120, 230]],
    ['RGBA', 4, [10, 120, 230, 200], [10, 120, 230, 200]],
    ['BGRA', 4, [230, 120, 10, 200], [10, 120, 230, 200]],
  ] as const)(
    '%s becomes a PNG with every pixel right',
    async (fourcc, channels, stored, shown) => {
      const frame = oneFrame({ format: { fourcc, ...size } }, (data) => {
        for (let i = 0; i < data.length; i += channels) {
          for (let c = 0; c < channels; c++) data[i + c] = (stored[c] ?? 0) ^ ((i / channels) % 8)
        }
        return undefined
      })
      const expected = Array.from(
        { length: size.width * size.height * channels },
        (_, i) => (shown[i % channels] ?? 0) ^ (Math.floor(i / channels) % 8),
      )
      expect(await pixels(await encodeImage(frame, { format: 'png' }), channels)).toEqual(expected)
    },
  )

  test('grey, 8 and 16 bits', async () => {
    const grey = oneFrame({ format: { fourcc: 'GREY', ...size } }, noise)
    const png = await encodeImage(grey, { format: 'png' })
    const { data } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true })
    expect(new Uint8Array(data)).toEqual(grey.data)
    const depth = oneFrame({ format: { fourcc: 'Z16', ...size } }, noise)
    const image = sharp(await encodeImage(depth, { format: 'png' }))
    expect(await image.metadata()).toMatchObject({ ...size, depth: 'ushort', channels: 1 })
    const raw = await image.toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer()
    expect(new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2)).toEqual(depth.array.data)
  })

  test('jpeg and webp by quality, out of a lent frame', async () => {
    const writer = testWriter({ dtype: 'uint8', shape: [24, 32, 3] })
    const reader = testReader(writer)
    using loan = writer.loan()
    noise(loan.data)
    loan.publish()
    const frame = reader.tryNext() as Frame
    const encoding = Promise.all(
      (['jpeg', 'webp'] as const).flatMap((format) => [
        encodeImage(frame, { format, quality: 10 }),
        encodeImage(frame, { format, quality: 95 }),
      ]),
    )
    frame.release()
    const [poorJpeg, fineJpeg, poorWebp, fineWebp] = await encoding
    expect((await sharp(fineJpeg).metadata()).format).toBe('jpeg')
    expect((await sharp(fineWebp).metadata()).format).toBe('webp')
    expect(poorJpeg?.length).toBeLessThan(fineJpeg?.length ?? 0)
    expect(poorWebp?.length).toBeLessThan(fineWebp?.length ?? 0)
    expect(reader.stats().leases).toBe(0)
  })

  test('a compressed picture is decoded', async () => {
    const jpeg = await sharp({ create: { ...size, channels: 3, background: '#336699' } })
      .jpeg()
      .toBuffer()
    const frame = oneFrame({ format: { fourcc: 'MJPG', ...size } }, (data) => {
      data.set(jpeg)
      return { bytesUsed: jpeg.length }
    })
    const [r, g, b] = await pixels(await encodeImage(frame, { format: 'png' }), 3)
    expect(
      [r, g, b].map((value, i) => Math.abs((value ?? 0) - [0x33, 0x66, 0x99][i]!) < 4),
    ).toEqual([true, true, true])
  })

  test.each(['YUYV', 'NV12', 'I420', 'RGGB', 'GB16', '32FC1'])(
    '%s is converted first, and its frame held until then',
    async (fourcc) => {
      const frame = oneFrame({ format: { fourcc, ...size } }, noise)
      const expected = convertSync(frame, { to: 'RGB3' }).data
      const encoding = encodeImage(frame, { format: 'png' })
      frame.release()
      expect(await pixels(await encoding, 3)).toEqual([...expected])
    },
  )

  test('refuses what it cannot encode, and holds nothing then', async () => {
    for (const options of [
      { dtype: 'int16', shape: [24, 32] },
      { dtype: 'float32', shape: [24, 32] },
      { dtype: 'uint16', shape: [24, 32, 3] },
    ] as WriterOptions[]) {
      const frame = oneFrame(options, noise)
      await expect(encodeImage(frame, { format: 'png' })).rejects.toEqual(
        failure('UNSUPPORTED', /make a picture.*\.npy/),
      )
    }
    const packets = oneFrame({ format: { fourcc: 'H264', ...size } }, () => ({ bytesUsed: 9 }))
    await expect(encodeImage(packets, { format: 'png' })).rejects.toEqual(failure('UNSUPPORTED'))
    const noPicture = oneFrame({ dtype: 'uint8', shape: [16] }, noise)
    await expect(encodeImage(noPicture, { format: 'png' })).rejects.toEqual(
      failure('FORMAT_INVALID'),
    )
    const frame = oneFrame({ dtype: 'uint8', shape: [24, 32] }, noise)
    for (const options of [
      { format: 'gif' },
      { format: 'jpeg', quality: 0 },
      { format: 'png', signal: 'stop' },
      {},
      null,
      undefined,
    ]) {
      await expect(encodeImage(frame, options as never)).rejects.toEqual(failure('OPTION_INVALID'))
    }
    const damaged = oneFrame({ format: { fourcc: 'MJPG', ...size } }, () => ({ bytesUsed: 100 }))
    await expect(encodeImage(damaged, { format: 'png' })).rejects.toEqual(failure('SINK_FAILED'))
  })

  test('an abort rejects at once, and the lease is held until sharp is done', async () => {
    const writer = testWriter({ dtype: 'uint8', shape: [24, 32] })
    const reader = testReader(writer)
    writer.write(new Uint8Array(24 * 32))
    const frame = reader.tryNext() as Frame
    const finish: (() => void)[] = []
    const { prototype } = sharp as unknown as { prototype: { toBuffer(): Promise<Buffer> } }
    const toBuffer = vi.spyOn(prototype, 'toBuffer').mockImplementation(
      () =>
        new Promise((resolve) => {
          finish.push(() => {
            resolve(Buffer.alloc(1))
          })
        }),
    )
    onTestFinished(() => {
      toBuffer.mockRestore()
    })
    const controller = new AbortController()
    const encoding = encodeImage(frame, { format: 'png', signal: controller.signal })
    frame.release()
    await until(() => finish.length === 1)
    controller.abort(new Error('enough'))
    await expect(encoding).rejects.toMatchObject({ code: 'ABORTED', cause: new Error('enough') })
    expect(reader.stats().leases).toBe(1)
    finish[0]?.()
    await turn()
    expect(reader.stats().leases).toBe(0)
  })

  test('begins nothing when its signal is aborted already or before sharp is loaded', async () => {
    const frame = oneFrame({ dtype: 'uint8', shape: [24, 32] }, noise)
    const { prototype } = sharp as unknown as { prototype: { toBuffer(): Promise<Buffer> } }
    const toBuffer = vi.spyOn(prototype, 'toBuffer')
    onTestFinished(() => {
      toBuffer.mockRestore()
    })
    const aborted = encodeImage(frame, { format: 'png', signal: AbortSignal.abort() })
    await expect(aborted).rejects.toEqual(failure('ABORTED'))
    const controller = new AbortController()
    const encoding = encodeImage(frame, { format: 'png', signal: controller.signal })
    controller.abort()
    await expect(encoding).rejects.toEqual(failure('ABORTED'))
    await turn()
    expect(toBuffer).not.toHaveBeenCalled()
    const live = encodeImage(frame, { format: 'png', signal: new AbortController().signal })
    expect((await sharp(await live).metadata()).format).toBe('png')
  })

  test('says why when sharp is there but cannot be loaded', async () => {
    vi.doMock('sharp', () => ({
      get default(): never {
        throw new Error('libvips-cpp.so: cannot open shared object file')
      },
    }))
    onTestFinished(() => {
      vi.doUnmock('sharp')
    })
    const frame = oneFrame({ dtype: 'uint8', shape: [24, 32] }, noise)
    await expect(encodeImage(frame, { format: 'png' })).rejects.toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringMatching(/libvips-cpp\.so.*reinstall/) as string,
      cause: new Error('libvips-cpp.so: cannot open shared object file'),
    })
  })

  test('says what to install when sharp is not there', async () => {
    const peer = new Peer(new URL('../processes/no-sharp.mjs', import.meta.url), {})
    expect(await peer.heard('answer')).toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringContaining('npm install sharp') as string,
      leases: 0,
    })
    await peer.ended()
  })
})
