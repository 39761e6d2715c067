import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeNpy, fromBytes, npyHeader } from '../../src/ndarray/index.ts'
import { npyStream, rawStream, type Source } from '../../src/sources/index.ts'
import { FakeWriter } from './fake-writer.ts'

const format = { fourcc: 'GREY', width: 100, height: 90 }
const BYTES = 9000

/** `count` frames of their own number each, in pieces of `piece` bytes. */
function pieces(count: number, piece: number, missing = 0): Readable {
  const all = Buffer.alloc(count * BYTES - missing)
  for (let i = 0; i < count; i++) all.fill(i + 1, i * BYTES, Math.min((i + 1) * BYTES, all.length))
  const parts = Array.from({ length: Math.ceil(all.length / piece) }, (_, i) =>
    all.subarray(i * piece, (i + 1) * piece),
  )
  return Readable.from(parts, { objectMode: false })
}

/** What a source publishes: the first and last byte of each frame, and whether all between are the same. */
function seen(source: Source) {
  const frames: number[][] = []
  const writer = new FakeWriter(source.format, (data, { sourceSequence }) => {
    expect(sourceSequence).toBe(frames.length + 1)
    frames.push([...new Set(data)])
  })
  const result = source.pump(writer)
  return { frames, writer, result }
}

describe('raw frames from a stream', () => {
  it.each([1, 999, BYTES, 4 * BYTES + 1])('are cut whole out of pieces of %i bytes', async (n) => {
    const source = rawStream({ stream: pieces(5, n), format })
    const { frames, writer, result } = seen(source)
    expect(await result).toEqual({ published: 5, dropped: 0 })
    expect(frames).toEqual([[1], [2], [3], [4], [5]])
    expect(writer.outstanding).toBe(0)
  })

  it('a stream that ends within a frame is said, with what was expected', async () => {
    const source = rawStream({ stream: pieces(3, 1000, 10), format })
    const { frames, writer, result } = seen(source)
    await expect(result).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      message: expect.stringMatching(
        /^the stream ended 8990 bytes into frame 3, and a frame has 9000/,
      ) as unknown,
    })
    expect(frames).toEqual([[1], [2]])
    expect(writer.outstanding).toBe(0)
  })

  it('waits for a stream that is silent, and ends at once when the pump is aborted', async () => {
    const stream = new PassThrough()
    const source = rawStream({ stream, format })
    const stop = new AbortController()
    let told = (): void => undefined
    const first = new Promise<void>((resolve) => (told = resolve))
    const writer = new FakeWriter(source.format, () => {
      told()
    })
    const pump = source.pump(writer, { signal: stop.signal })
    stream.write(Buffer.alloc(BYTES + 5))
    await first
    stop.abort()
    expect(await pump).toEqual({ published: 1, dropped: 0 })
    expect(writer.outstanding).toBe(0)
    expect(stream.destroyed).toBe(true)
  })

  it('a stream that fails is SOURCE_FAILED with its reason', async () => {
    const stream = new PassThrough().destroy()
    const source = rawStream({ stream: Readable.from(failing(), { objectMode: false }), format })
    await expect(seen(source).result).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      message: 'the stream could not be read: the cable broke',
    })
    expect(() => rawStream({ stream, format })).toThrow(/one that has not ended yet/)
  })

  it('keeps to a rate when it is given one', async () => {
    const start = performance.now()
    const source = rawStream({ stream: pieces(5, BYTES), format, fps: 100 })
    expect(await seen(source).result).toEqual({ published: 5, dropped: 0 })
    // the first at once, and four periods of 10 ms; never sooner, however late
    expect(performance.now() - start).toBeGreaterThan(39)
  })

  it('refuses what cannot be cut by length, and what is no stream', () => {
    const jpeg = { fourcc: 'MJPG', width: 10, height: 10 }
    expect(() => rawStream({ stream: pieces(1, 1), format: jpeg })).toThrow(
      expect.objectContaining({ code: 'FORMAT_INVALID' }),
    )
    expect(() => rawStream({ stream: 'file' as unknown as Readable, format })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})

describe('.npy files from a stream', () => {
  const array = (n: number) =>
    fromBytes('float32', [3, 2], new Uint8Array(new Float32Array(6).fill(n).buffer))
  const stream = (...parts: Uint8Array[]) =>
    Readable.from(
      [...Buffer.concat(parts)].map((byte) => Buffer.of(byte)),
      { objectMode: false },
    )

  it('become frames of the dtype and shape they say', async () => {
    const source = await npyStream({ stream: stream(...[1, 2, 3].map((n) => encodeNpy(array(n)))) })
    expect(source.format).toMatchObject({ dtype: 'float32', shape: [3, 2] })
    const values: number[] = []
    const writer = new FakeWriter(source.format, (data) => {
      values.push(...new Float32Array(data.slice().buffer))
    })
    expect(await source.pump(writer)).toEqual({ published: 3, dropped: 0 })
    expect(values).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3])
  })

  it.each([
    ['nothing', [], 'SOURCE_FAILED', /ended before the first/],
    ['text', [Buffer.from('P6 640 480 255\n')], 'NPY_INVALID', /starts with/],
    [
      'a header without end',
      [Buffer.from('934e554d505902000000ff7f', 'hex')],
      'NPY_INVALID',
      /header is/,
    ],
    [
      'big-endian elements',
      [Buffer.from(encodeNpy(array(1)).map((b) => (b === 0x3c ? 0x3e : b)))],
      'NPY_INVALID',
      /big-endian/,
    ],
  ])('%s is refused at once', async (_, parts, code, message) => {
    await expect(npyStream({ stream: stream(...parts) })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    })
  })

  it.each([
    [
      'another shape',
      npyHeader('float32', [6]),
      'SOURCE_FAILED',
      /after float32 \[3, 2\] came float32 \[6\]/,
    ],
    [
      'an end in the middle',
      encodeNpy(array(2)).subarray(0, -1),
      'SOURCE_FAILED',
      /23 bytes into frame 2/,
    ],
    ['rubbish', Buffer.alloc(64), 'NPY_INVALID', /this with 000000000000/],
  ])('after a good one, %s ends the pump with an error', async (_, second, code, message) => {
    const source = await npyStream({ stream: stream(encodeNpy(array(1)), second) })
    const { frames, writer, result } = seen(source)
    await expect(result).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    })
    expect(frames).toHaveLength(1)
    expect(writer.outstanding).toBe(0)
  })

  it('the waiting for a first header ends with its signal', async () => {
    const silent = new PassThrough()
    onTestFinished(() => void silent.destroy())
    const stop = new AbortController()
    const waiting = npyStream({ stream: silent, signal: stop.signal })
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    expect(silent.destroyed).toBe(true)
  })
})

async function* failing(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.alloc(100))
  throw new Error('the cable broke')
}
