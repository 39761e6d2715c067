import { firstValueFrom, lastValueFrom, repeat, take, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { resolveFormat } from '../../src/format/index.ts'
import {
  ffmpeg,
  images,
  type LoanMeta,
  testPattern,
  verifyPattern,
} from '../../src/sources/index.ts'
import { FakeWriter } from './fake-writer.ts'

const hrtime = (): number => Number(process.hrtime.bigint()) / 1e6

describe('testPattern', () => {
  it('publishes frames that verify, numbered without a hole, and ends after `frames`', async () => {
    const source = testPattern({ width: 64, height: 48, frames: 500, start: 7 })
    const seen: number[] = []
    const writer = new FakeWriter(source.format, (data, meta) => {
      const { ok, sequence, time } = verifyPattern(data, source.format)
      expect(ok).toBe(true)
      expect(meta).toMatchObject({ sourceSequence: sequence, captureTime: time })
      seen.push(sequence)
    })
    expect(await source.pump(writer)).toEqual({ published: 500, dropped: 0 })
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i + 7))
    expect(writer.outstanding).toBe(0)
  })

  it('is an Observable of what it publishes: subscribing pumps, unsubscribing ends the pump', async () => {
    const source = testPattern({ width: 32, height: 32 })
    const writer = new FakeWriter(source.format)
    const frames = source.into(writer)
    expect(writer.outstanding).toBe(0)
    for (let round = 0; round < 2; round++) {
      const seen = await lastValueFrom(frames.pipe(take(5), toArray()))
      expect(seen.map((frame) => frame.sourceSequence)).toEqual([1, 2, 3, 4, 5])
      expect(seen.every((frame) => frame.sequence > 0)).toBe(true)
      // The pump ends with the subscription: the source is free for the next one after this turn.
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(writer.outstanding).toBe(0)
    await source[Symbol.asyncDispose]()
    await expect(firstValueFrom(frames)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('can be subscribed to again the moment a subscriber has enough', async () => {
    const source = testPattern({ width: 32, height: 32 })
    const writer = new FakeWriter(source.format)
    const seen = await lastValueFrom(source.into(writer).pipe(take(3), repeat(2), toArray()))
    expect(seen.map((frame) => frame.sourceSequence)).toEqual([1, 2, 3, 1, 2, 3])
    expect(writer.outstanding).toBe(0)
  })

  it('can be pumped again the moment its pump is aborted, but not when it is disposed meanwhile', async () => {
    const source = testPattern({ width: 32, height: 32 })
    const writer = new FakeWriter(source.format)
    const [first, second] = [new AbortController(), new AbortController()]
    const before = source.pump(writer, { signal: first.signal })
    first.abort()
    const after = source.pump(writer, { signal: second.signal })
    expect(await before).toEqual({ published: 0, dropped: 0 })
    second.abort()
    const late = source.pump(writer)
    await source[Symbol.asyncDispose]()
    expect(await after).toEqual({ published: 0, dropped: 0 })
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it.each([
    [undefined, undefined, /writer.*createWriter.*undefined/],
    [null, undefined, /writer.*createWriter.*null/],
    [{}, undefined, /writer/],
    ['ok', null, /pump takes an object of options/],
    ['ok', { signal: 5 }, /AbortSignal/],
    ['ok', { singal: undefined }, /did you mean 'signal'/],
  ])('refuses to be pumped with (%j, %j)', async (writer, options, message) => {
    const source = testPattern({ width: 8, height: 8 })
    const given = writer === 'ok' ? new FakeWriter(source.format) : writer
    const refusal = { code: 'OPTION_INVALID', message: expect.stringMatching(message) as string }
    await expect(source.pump(given as never, options as never)).rejects.toMatchObject(refusal)
    if (writer === 'ok') return
    await expect(firstValueFrom(source.into(given as never))).rejects.toMatchObject(refusal)
  })

  it('like every source takes no signal that is none, and says which of two options to give', async () => {
    const refusal = (message: RegExp): object => ({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(message) as string,
    })
    const film = { input: 'x', width: 8, height: 8 }
    await expect(ffmpeg({ ...film, signal: 5 } as never)).rejects.toMatchObject(
      refusal(/signal is not an AbortSignal/),
    )
    await expect(ffmpeg({ ...film, fourcc: 5 } as never)).rejects.toMatchObject(refusal(/fourcc/))
    await expect(images({})).rejects.toMatchObject(refusal(/neither/))
    await expect(images({ files: ['a'], directory: 'b' })).rejects.toMatchObject(refusal(/both/))
  })

  it('tells capture times by the monotonic clock', async () => {
    const source = testPattern({ width: 8, height: 8, frames: 1 })
    let meta: LoanMeta = {}
    const before = hrtime()
    await source.pump(new FakeWriter(source.format, (_, m) => (meta = m)))
    expect(meta.captureTime).toBeGreaterThanOrEqual(before)
    expect(meta.captureTime).toBeLessThanOrEqual(hrtime())
  })

  it('keeps its rate by an absolute schedule: no frame early, and lateness is made up for', async () => {
    const source = testPattern({ width: 8, height: 8, fps: 200, frames: 41 })
    const times: number[] = []
    const writer = new FakeWriter(source.format, (_, { captureTime = 0 }) => {
      times.push(captureTime)
      if (times.length !== 5) return
      const until = hrtime() + 60
      while (hrtime() < until); // twelve periods late
    })
    const began = hrtime()
    await source.pump(writer)
    const late = times.map((time, i) => time - began - i * 5)
    // Node cuts timers to whole milliseconds and counts from the start of the turn: up to 2 ms early.
    expect(Math.min(...late)).toBeGreaterThan(-3)
    expect(Math.min(...late.slice(25))).toBeLessThan(50)
  })

  it('lets the event loop turn while it runs flat out, and stops when told', async () => {
    const source = testPattern({ width: 32, height: 32 })
    const stop = new AbortController()
    let turns = 0
    const timer = setInterval(() => {
      if (++turns === 3) stop.abort(new Error('enough'))
    }, 1)
    const writer = new FakeWriter(source.format)
    const { published } = await source.pump(writer, { signal: stop.signal })
    clearInterval(timer)
    expect(turns).toBe(3)
    expect(published).toBeGreaterThan(0)
    expect(writer.outstanding).toBe(0)
  })

  it('stops at once while it waits for its next frame', async () => {
    const source = testPattern({ width: 8, height: 8, fps: 0.001 })
    const stop = new AbortController()
    const writer = new FakeWriter(source.format, () => {
      setImmediate(() => {
        stop.abort()
      })
    })
    expect(await source.pump(writer, { signal: stop.signal })).toEqual({ published: 1, dropped: 0 })
  })

  it('counts frames for which there was no slot as dropped', async () => {
    const source = testPattern({ dtype: 'uint8', shape: [100], frames: 10 })
    const writer = new FakeWriter(source.format)
    writer.full = true
    expect(await source.pump(writer)).toEqual({ published: 0, dropped: 10 })
  })

  it('is ended by dispose, and cannot be pumped afterwards', async () => {
    const source = testPattern({ width: 8, height: 8, fps: 1000 })
    const writer = new FakeWriter(source.format)
    const pump = source.pump(writer)
    await source[Symbol.asyncDispose]()
    expect((await pump).dropped).toBe(0)
    await expect(source.pump(writer)).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('is pumped once at a time, and starts anew each time', async () => {
    const source = testPattern({ width: 8, height: 8, frames: 2 })
    const seen: (number | undefined)[] = []
    const writer = new FakeWriter(source.format, (_, m) => seen.push(m.sourceSequence))
    const first = source.pump(writer)
    await expect(source.pump(writer)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await first
    await source.pump(writer)
    expect(seen).toEqual([1, 2, 1, 2])
  })

  it('does nothing for a signal that is aborted already', async () => {
    const source = testPattern()
    const writer = new FakeWriter(source.format)
    expect(await source.pump(writer, { signal: AbortSignal.abort() })).toEqual({
      published: 0,
      dropped: 0,
    })
    expect(writer.loans).toBe(0)
  })

  it('gives back the loan when drawing fails', async () => {
    const source = testPattern({ width: 8, height: 8 })
    const writer = new FakeWriter(source.format)
    const loan = writer.loan.bind(writer)
    writer.loan = () => ({ ...loan(), data: new Uint8Array(3) })
    await expect(source.pump(writer)).rejects.toThrow(RangeError)
    expect(writer.abandoned).toBe(1)
  })

  it('refuses a writer of another format, naming both', async () => {
    const source = testPattern({ width: 8, height: 8 })
    const other = resolveFormat({ format: { fourcc: 'RGB3', width: 8, height: 9 } })
    await expect(source.pump(new FakeWriter(other))).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
      message: expect.stringMatching(/RGB3 8 × 8 .*RGB3 8 × 9 .*specOf/) as string,
    })
  })

  it.each([
    [{ fps: 0 }, 'OPTION_INVALID', 'fps'],
    [{ fps: Number.NaN }, 'OPTION_INVALID', 'fps'],
    [{ frames: 1.5 }, 'OPTION_INVALID', 'frames'],
    [{ start: 0 }, 'OPTION_INVALID', 'start'],
    [{ widht: 8 }, 'OPTION_INVALID', 'widht'],
    [{ width: -1 }, 'FORMAT_INVALID', 'width'],
    [{ fourcc: 'MJPG' }, 'FORMAT_INVALID', 'MJPG'],
    [{ dtype: 'uint8' }, 'FORMAT_INVALID', 'shape'],
  ])('refuses %j', (options, code, named) => {
    expect(() => testPattern(options as object)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(named) as string }) as Error,
    )
  })
})
