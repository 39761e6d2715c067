import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, readFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { Writable } from 'node:stream'
import { lastValueFrom, type Observable, share, Subject, take, toArray } from 'rxjs'
import sharp from 'sharp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { frames, leaseMap } from '../../src/index.ts'
import { encodeImage, jpegsTo, type MjpegPicture, mjpegTo } from '../../src/sinks/index.ts'
import { hasFfmpeg } from '../support/tools.ts'
import { failure, testWriter, until } from '../ring/fixtures.ts'
import { Multipart } from '../examples/multipart.ts'
import { folder } from './fixtures.ts'

const size = { width: 64, height: 48 }
const RGB = { format: { fourcc: 'RGB3', ...size } }
const MJPG = { format: { fourcc: 'MJPG', ...size } }

/** A stream that takes a chunk only when it is told to. */
function slowStream(): { stream: Writable; chunks: Buffer[]; takeOne: () => void } {
  const chunks: Buffer[] = []
  const pending: (() => void)[] = []
  const stream = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, callback) => {
      chunks.push(Buffer.from(chunk))
      pending.push(callback)
    },
  })
  return {
    stream,
    chunks,
    takeOne: () => {
      pending.shift()?.()
    },
  }
}

async function serve(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function filled(value: number): Uint8Array {
  return new Uint8Array(size.width * size.height * 3).fill(value)
}

function jpegOf(value: number): Promise<Buffer> {
  return sharp(filled(value), { raw: { ...size, channels: 3 } })
    .jpeg()
    .toBuffer()
}

/** The bytes of the only JPEG in a part. */
function jpegIn(part: Buffer): Buffer {
  const start = part.indexOf('\r\n\r\n') + 4
  const length = Number(/Content-Length: (\d+)/.exec(part.toString('latin1'))?.[1])
  return part.subarray(start, start + length)
}

describe('mjpegTo', () => {
  test('a browser gets each picture whole, with its sequence, at its own pace', async () => {
    const writer = testWriter(RGB)
    const sent: MjpegPicture[] = []
    let completed = false
    const url = await serve(
      createServer((_, response) => {
        frames(writer.name)
          .pipe(mjpegTo(response))
          .subscribe({ next: (one) => sent.push(one), complete: () => (completed = true) })
      }),
    )
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toMatch(/^multipart\/x-mixed-replace; boundary=/)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const parts = new Multipart(response)
    for (const value of [50, 200]) {
      writer.write(filled(value))
      const { headers, body } = await parts.next()
      expect(headers.get('content-type')).toBe('image/jpeg')
      expect(headers.get('x-sequence')).toBe(`${value === 50 ? 1 : 2}`)
      const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true })
      expect(info).toMatchObject(size)
      expect(Math.abs((data[0] ?? 0) - value)).toBeLessThan(4)
    }
    expect(sent.every(({ bytes }) => bytes > 100)).toBe(true)
    // nothing is published any more: the viewer that leaves is noticed by itself
    await parts.cancel()
    await until(() => completed && writer.stats().readers === 0)
  })

  test.each([RGB, MJPG])(
    'a slow viewer holds no slot, and gets the newest picture next: $format.fourcc',
    async (options) => {
      const jpeg = await jpegOf(5)
      const picture = (value: number): Uint8Array => (options === MJPG ? jpeg : filled(value))
      // of two slots one has the newest frame: the other must be free for every write
      const writer = testWriter({ ...options, slots: 2 })
      const { stream, chunks, takeOne } = slowStream()
      const sent: number[] = []
      const subscription = frames(writer.name)
        .pipe(mjpegTo(stream))
        .subscribe(({ sequence }) => sent.push(sequence))
      writer.write(picture(1))
      await until(() => chunks.length === 1)
      for (let i = 2; i <= 50; i++) expect(writer.write(picture(i))).toBe(i)
      takeOne()
      await until(() => chunks.length === 2)
      takeOne()
      await until(() => sent.length === 2)
      expect(sent).toEqual([1, 50])
      subscription.unsubscribe()
    },
  )

  test('JPEG frames go out as they are; one that is damaged is left out', async () => {
    const writer = testWriter({ ...MJPG, slots: 4 })
    const { stream, chunks, takeOne } = slowStream()
    const pictures = lastValueFrom(
      frames(writer.name, { delivery: 'every', replay: 3 }).pipe(
        mjpegTo(stream),
        take(3),
        toArray(),
      ),
    )
    const jpegs = [await jpegOf(10), Buffer.from('no picture'), await jpegOf(90)]
    for (const jpeg of jpegs) {
      using loan = writer.loan()
      loan.data.set(jpeg)
      loan.publish({ bytesUsed: jpeg.length })
    }
    await until(() => chunks.length === 1)
    takeOne()
    await until(() => chunks.length === 2)
    takeOne()
    expect(await pictures).toEqual([
      { sequence: 1, bytes: jpegs[0]?.length },
      { sequence: 2, bytes: 0 },
      { sequence: 3, bytes: jpegs[2]?.length },
    ])
    expect(chunks.map(jpegIn)).toEqual([jpegs[0], jpegs[2]])
  })

  test('every picture is followed by its boundary at once, and the last by the end', async () => {
    const writer = testWriter(RGB)
    const { stream, chunks, takeOne } = slowStream()
    const done = lastValueFrom(frames(writer.name).pipe(mjpegTo(stream)))
    writer.write(filled(1))
    await until(() => chunks.length === 1)
    writer.close()
    takeOne()
    await until(() => chunks.length === 2)
    takeOne()
    await done
    const text = chunks.map((chunk) => chunk.toString('latin1'))
    expect(text[0]).toMatch(/^--framering-next\r\nContent-Type: image\/jpeg\r\n/)
    expect(text[0]).toMatch(/\r\n--framering-next$/)
    expect(text[1]).toBe('--\r\n')
    expect(stream.writableEnded).toBe(false)
  })

  test.skipIf(!hasFfmpeg)('ffmpeg reads a file of it', async () => {
    const writer = testWriter({ ...RGB, slots: 8 })
    const path = join(folder(), 'film.mjpg')
    const file = createWriteStream(path)
    const done = lastValueFrom(
      frames(writer.name, { delivery: 'every', replay: 5 }).pipe(mjpegTo(file)),
    )
    for (let i = 1; i <= 5; i++) writer.write(filled(i * 40))
    writer.close()
    await done
    await finished(file.end())
    const args = ['-v', 'error', '-f', 'mpjpeg', '-i', path, '-pix_fmt', 'gray', '-f', 'rawvideo']
    const grey = execFileSync('ffmpeg', [...args, '-fps_mode', 'passthrough', '-'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const picture = size.width * size.height
    expect(grey.length).toBe(5 * picture)
    for (let i = 0; i < 5; i++) {
      expect(Math.abs((grey[i * picture] ?? 0) - (i + 1) * 40)).toBeLessThan(4)
    }
    expect(readFileSync(path, 'latin1').endsWith('\r\n--framering-next--\r\n')).toBe(true)
  })

  test('a stream that fails is SINK_FAILED, also between two pictures', async () => {
    for (const when of ['writing', 'waiting']) {
      const writer = testWriter(RGB)
      const stream = new Writable({
        write: (_chunk, _encoding, callback) => {
          callback(when === 'writing' ? new Error('disk full') : null)
        },
      })
      const done = lastValueFrom(frames(writer.name).pipe(mjpegTo(stream)))
      if (when === 'writing') writer.write(filled(1))
      else stream.destroy(new Error('disk full'))
      await expect(done).rejects.toEqual(failure('SINK_FAILED', /disk full/))
      expect(writer.stats().readers).toBe(0)
    }
  })

  test('refuses other streams and options at once; other formats when they come', async () => {
    const { stream } = slowStream()
    expect(() => mjpegTo(null as never)).toThrow(failure('OPTION_INVALID', /Writable/))
    for (const options of [{ quality: 101 }, { qualty: 5 }, null]) {
      expect(() => mjpegTo(stream, options as never)).toThrow(failure('OPTION_INVALID'))
    }
    const writer = testWriter({ dtype: 'float32', shape: [24, 32] })
    const done = lastValueFrom(frames(writer.name).pipe(mjpegTo(stream)))
    writer.loan().publish()
    await expect(done).rejects.toEqual(failure('UNSUPPORTED'))
  })
})

test.each(['mjpegTo', 'jpegsTo'])('%s leaves nothing on a stream that goes on', async (sink) => {
  const writer = testWriter(RGB)
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      done()
    },
  })
  const listeners = (): number[] =>
    ['close', 'error', 'drain'].map((event) => stream.listenerCount(event))
  const before = listeners()
  const pictures = new Subject<Uint8Array>()
  for (let i = 0; i < 12; i++) {
    let sent = 0
    const source: Observable<unknown> =
      sink === 'mjpegTo'
        ? frames(writer.name).pipe(mjpegTo(stream))
        : pictures.pipe(jpegsTo(stream))
    const subscription = source.subscribe(() => sent++)
    if (sink === 'mjpegTo') writer.write(filled(i))
    else pictures.next(new Uint8Array(5))
    await until(() => sent > 0)
    subscription.unsubscribe()
  }
  expect(listeners()).toEqual(before)
})

describe('jpegsTo', () => {
  test('ten viewers of one ring cost one reader and one encode', async () => {
    const writer = testWriter(RGB)
    let encoded = 0
    const pictures = frames(writer.name).pipe(
      leaseMap((frame) => {
        encoded++
        return encodeImage(frame, { format: 'jpeg' })
      }),
      share(),
    )
    let viewers = 0
    const url = await serve(
      createServer((_, response) => {
        pictures.pipe(jpegsTo(response)).subscribe({ complete: () => viewers-- })
        viewers++
      }),
    )
    const all = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const [response] = (await once(get(url), 'response')) as [IncomingMessage]
        return response
      }),
    )
    await until(() => viewers === 10)
    writer.write(filled(77))
    for (const response of all) {
      let bytes = Buffer.alloc(0)
      for await (const chunk of response) {
        bytes = Buffer.concat([bytes, chunk as Buffer])
        if (bytes.toString('latin1').endsWith('\r\n--framering-next')) break
      }
      expect((await sharp(jpegIn(bytes)).metadata()).width).toBe(size.width)
    }
    expect(encoded).toBe(1)
    expect(writer.stats().readers).toBeLessThanOrEqual(1)
    await until(() => viewers === 0 && writer.stats().readers === 0)
  })

  test('while one picture is written the newest waits, and says how many it replaced', async () => {
    const { stream, chunks, takeOne } = slowStream()
    const pictures = new Subject<Uint8Array>()
    const sent = lastValueFrom(pictures.pipe(jpegsTo(stream), toArray()))
    for (let i = 1; i <= 5; i++) pictures.next(new Uint8Array(i))
    pictures.complete()
    takeOne()
    await until(() => chunks.length === 2)
    takeOne()
    await until(() => chunks.length === 3)
    takeOne()
    expect(await sent).toEqual([
      { bytes: 1, skipped: 0 },
      { bytes: 5, skipped: 3 },
    ])
    expect(chunks[2]?.toString()).toBe('--\r\n')
  })

  test('ends as its source or its stream does', async () => {
    const failing = new Subject<Uint8Array>()
    const first = lastValueFrom(failing.pipe(jpegsTo(slowStream().stream)))
    failing.error(new Error('no camera'))
    await expect(first).rejects.toThrow('no camera')

    const { stream } = slowStream()
    const pictures = new Subject<Uint8Array>()
    const second = lastValueFrom(pictures.pipe(jpegsTo(stream), toArray()))
    pictures.next(new Uint8Array(5))
    stream.destroy()
    expect(await second).toEqual([])
    expect(pictures.observed).toBe(false)
    expect(() => jpegsTo({} as never)).toThrow(failure('OPTION_INVALID'))
  })
})
