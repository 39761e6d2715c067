import { chmodSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { v4l2, type V4l2Options, type V4l2Source } from '../../src/sources/index.ts'
import type { LoanMeta } from '../../src/sources/index.ts'
import { FakeWriter } from '../sources/fake-writer.ts'
import { fakeDevices, identity, MONOTONIC, type Recording, simpleCamera } from './fake.ts'

const fake = fakeDevices()

/** A camera with three frames from `first` on, all bytes of which are `fill`. */
const camera = (first: number, fill = 1): Recording => ({
  lines: [
    ...simpleCamera('GREY', 16, 8),
    'control 0x980913 1 0 0 255 1 60 Gain',
    ...[0, 1, 2].map((i) => `frame ${first + i} 100 ${i} ${MONOTONIC} 0`),
  ],
  payloads: [new Uint8Array(128).fill(fill)],
})

/** A pump, what it published, and a promise for its n-th frame. */
class Running {
  readonly metas: LoanMeta[] = []
  readonly fills: (number | undefined)[] = []
  readonly stop = new AbortController()
  readonly ended: Promise<unknown>
  #waiting: { count: number; resolve: () => void } | undefined

  constructor(source: V4l2Source) {
    const writer = new FakeWriter(source.format, (data, meta) => {
      this.metas.push(meta)
      this.fills.push(data[0])
      if (this.#waiting && this.metas.length >= this.#waiting.count) this.#waiting.resolve()
    })
    const pump = source.pump(writer, { signal: this.stop.signal })
    this.ended = pump.catch((error: unknown) => error)
  }

  async frames(count: number): Promise<void> {
    if (this.metas.length >= count) return
    const come = new Promise<void>((resolve) => {
      this.#waiting = { count, resolve }
    })
    await Promise.race([come, this.ended.then((end) => Promise.reject(end as Error))])
  }
}

/** When the loss was noticed and the return is waited for. */
async function gone(source: V4l2Source): Promise<void> {
  const isNoticed = (): boolean => {
    try {
      source.controls()
      return false
    } catch (error) {
      return (error as Error).message.includes('pump anew')
    }
  }
  while (!isNoticed()) await new Promise(setImmediate)
}

const open = (options: V4l2Options = {}) => v4l2({ reconnect: true, ...options })

describe('a camera that is unplugged', () => {
  it('ends the pump with DEVICE_GONE, and a new pump finds it again under another number', async () => {
    const path = fake().plug('video0', camera(0))
    await using source = await v4l2()
    const first = new Running(source)
    fake().play(path)
    await first.frames(3)
    fake().unplug(path)
    expect(await first.ended).toMatchObject({
      code: 'DEVICE_GONE',
      message: expect.stringContaining('reconnect: true') as string,
    })
    expect(() => source.controls()).toThrow('plug it in again')
    const none = source.pump(new FakeWriter(source.format))
    await expect(none).rejects.toMatchObject({ code: 'DEVICE_GONE' })

    const other = fake().plug('video7', camera(0))
    const again = new Running(source)
    fake().play(other)
    await again.frames(3)
    again.stop.abort()
    expect(await again.ended).toEqual({ published: 3, dropped: 0 })
    expect(source.device.path).toBe(other)
  })

  it('ends the pump when nothing but the hang-up tells of it', async () => {
    const { lines, payloads } = camera(0)
    const path = fake().plug('video0', { lines: [...lines, 'hangup'], payloads: payloads! })
    await using source = await v4l2()
    const running = new Running(source)
    fake().play(path)
    expect(await running.ended).toMatchObject({
      code: 'DEVICE_GONE',
      message: expect.stringContaining('hung up') as string,
    })
    expect(running.metas).toHaveLength(3)
  })

  it('goes on when it is back, with its controls set and its numbers continued', async () => {
    const path = fake().plug('video0', camera(5))
    await using source = await open({ controls: { gain: 11 } })
    source.setControl('gain', 77)
    const running = new Running(source)
    fake().play(path)
    await running.frames(3)
    fake().unplug(path)
    // somebody else's camera, and another node of this one, are not it
    fake().plug('video1', { ...camera(0, 66), lines: [...camera(0).lines, 'bus usb-other'] })
    fake().plug('video2', { ...camera(0, 67), index: 1 })
    fake().play(`${fake().dev}/video1`)
    fake().play(`${fake().dev}/video2`)
    const back = fake().plug('video3', camera(9, 2))
    fake().play(back)
    await running.frames(6)
    expect(running.fills).toEqual([1, 1, 1, 2, 2, 2])
    expect(running.metas.map((meta) => [meta.sourceSequence, meta.discontinuity])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [4, true],
      [5, undefined],
      [6, undefined],
    ])
    expect(source.stats).toEqual({ damaged: 0, lost: 0, reconnects: 1 })
    expect(source.device.path).toBe(back)
    expect(source.control('gain')).toBe(77)
    running.stop.abort()
    expect(await running.ended).toEqual({ published: 6, dropped: 0 })
  })

  it('comes back many times', async () => {
    let path = fake().plug('video0', camera(0))
    await using source = await open()
    const running = new Running(source)
    for (let round = 1; round <= 8; round++) {
      fake().play(path)
      await running.frames(3 * round)
      fake().unplug(path)
      path = fake().plug(`video${round % 3}`, camera(0))
    }
    fake().play(path)
    await running.frames(27)
    running.stop.abort()
    expect(await running.ended).toEqual({ published: 27, dropped: 0 })
    expect(source.stats.reconnects).toBe(8)
    expect(fake().held).toEqual({ handles: 1, mappings: 0 })
  })

  it('is waited for until udev has let its group in', async () => {
    const path = fake().plug('video0', camera(0))
    await using source = await open()
    const running = new Running(source)
    fake().play(path)
    await running.frames(3)
    fake().unplug(path)
    await gone(source)
    const { lines, payloads } = camera(0)
    fake().plug('video0', { lines: [...lines, 'fail open 13 1'], payloads: payloads! })
    chmodSync(path, 0o660)
    fake().play(path)
    await running.frames(6)
    running.stop.abort()
    expect(await running.ended).toEqual({ published: 6, dropped: 0 })
  })

  it('is not waited for any longer when the pump is aborted or the source disposed', async () => {
    for (const how of ['abort', 'dispose']) {
      const path = fake().plug('video0', camera(0))
      const source = await open()
      const running = new Running(source)
      fake().play(path)
      await running.frames(3)
      fake().unplug(path)
      await new Promise(setImmediate)
      if (how === 'abort') running.stop.abort()
      await source[Symbol.asyncDispose]()
      expect(await running.ended).toEqual({ published: 3, dropped: 0 })
    }
  })

  it('that opens and is gone before its first frame is not opened for ever', async () => {
    const path = fake().plug('video0', camera(0))
    await using source = await open()
    const running = new Running(source)
    fake().play(path)
    await running.frames(3)
    fake().unplug(path)
    const { lines, payloads } = camera(0)
    const flaky = [...lines, 'fail STREAMON 19 -1']
    fake().plug('video0', { lines: flaky, payloads: payloads! })
    // the loop turns: nothing here keeps it from doing so
    for (let i = 0; i < 100; i++) await new Promise(setImmediate)
    const tries = fake()
      .log(path)
      .split(' ')
      .filter((name) => name === 'STREAMON').length
    expect(tries).toBeLessThan(10)
    fake().plug('video0', camera(0, 3))
    fake().play(path)
    await running.frames(6)
    running.stop.abort()
    expect(await running.ended).toEqual({ published: 6, dropped: 0 })
  })

  it('ends the pump when it comes back with other formats', async () => {
    const path = fake().plug('video0', camera(0))
    await using source = await open()
    const running = new Running(source)
    fake().play(path)
    await running.frames(3)
    fake().unplug(path)
    fake().plug('video0', { lines: [...simpleCamera('RGB3', 16, 8)] })
    expect(await running.ended).toMatchObject({ code: 'FORMAT_INVALID' })
  })
})

describe('a stream that the driver breaks off', () => {
  it.each([
    ['an input/output error', 5, 'SYSTEM', /dmesg/],
    ['a device that is gone', 19, 'DEVICE_GONE', /unplugged/],
  ])('ends with %s', async (_, errno, code, message) => {
    const { lines, payloads } = camera(0)
    const path = fake().plug('video0', { lines: [...lines, `error ${errno}`], payloads: payloads! })
    await using source = await v4l2()
    const running = new Running(source)
    fake().play(path)
    expect(await running.ended).toMatchObject({
      code,
      errno,
      message: expect.stringMatching(message) as string,
    })
    expect(running.metas).toHaveLength(3)
  })

  it.each([
    ['REQBUFS', 16, 'DEVICE_BUSY'],
    ['REQBUFS', 12, 'SYSTEM'],
    ['REQBUFS', 22, 'UNSUPPORTED'],
    ['QUERYBUF', 22, 'SYSTEM'],
    ['QBUF', 5, 'SYSTEM'],
    ['STREAMON', 28, 'SYSTEM'],
    ['STREAMON', 19, 'DEVICE_GONE'],
    ['S_FMT', 16, 'DEVICE_BUSY'],
  ])('by failing %s with errno %i is %s, and nothing is held', async (ioctl, errno, code) => {
    const { lines, payloads } = camera(0)
    // S_FMT succeeds once, when the source is made
    const path = fake().plug('video0', { lines: [...lines], payloads: payloads! })
    await using source = await v4l2({ device: path })
    fake().unplug(path)
    fake().plug('video0', { lines: [...lines, `fail ${ioctl} ${errno} -1`], payloads: payloads! })
    const gone = source.pump(new FakeWriter(source.format))
    await expect(gone).rejects.toMatchObject({ code: 'DEVICE_GONE' })
    const pump = source.pump(new FakeWriter(source.format))
    await expect(pump).rejects.toMatchObject({ code })
    expect(fake().held.mappings).toBe(0)
  })

  it('when the writer is closed underneath is an error, and the camera is free again', async () => {
    const path = fake().plug('video0', camera(0))
    await using source = await v4l2()
    const writer = new FakeWriter(source.format)
    const loan = writer.loan.bind(writer)
    writer.loan = () => ({ ...loan(), data: new Uint8Array(0) })
    const pump = source.pump(writer)
    fake().play(path)
    await expect(pump).rejects.toMatchObject({ code: 'CLOSED' })
    expect(fake().held).toEqual({ handles: 1, mappings: 0 })
  })
})

describe('what a driver says', () => {
  const base = simpleCamera('GREY', 16, 8)
  const multi = [
    ...identity('isp', 0x04001000),
    'format GREY 0 x',
    'mode GREY 16 8 1 0 0 0 0 16 128',
    `frame 0 1 0 ${MONOTONIC} 0`,
  ]
  const one = `frame 0 1 0 ${MONOTONIC} 0`

  it.each<[string, readonly string[], string]>([
    ['a buffer with an index there is not', [...base, one, 'lie index 99'], 'UNSUPPORTED'],
    ['a buffer twice', [...base, one, one, 'lie index 3'], 'SYSTEM'],
    ['buffers without length', [...base, 'lie length 0'], 'UNSUPPORTED'],
    ['buffers of 4 GiB', [...base, 'lie length 4294967295'], 'UNSUPPORTED'],
    ['buffers shorter than a frame', [...base, 'lie length 100'], 'OPTION_INVALID'],
    ['offsets that map nothing', [...base, 'lie offset 12345'], 'SYSTEM'],
    ['one buffer alone', [...base, 'lie buffers 1'], 'SYSTEM'],
    ['a million buffers', [...base, 'lie buffers 1000000'], 'UNSUPPORTED'],
    ['buffers without planes', [...multi, 'lie planes 0'], 'UNSUPPORTED'],
    ['buffers of 9 planes', [...multi, 'lie planes 9'], 'UNSUPPORTED'],
  ])('is not believed: %s', async (_, lines, code) => {
    const path = fake().plug('video0', { lines, payloads: [new Uint8Array(128)] })
    await using source = await v4l2()
    const pump = source.pump(new FakeWriter(source.format))
    fake().play(path)
    await expect(pump).rejects.toMatchObject({ code })
    expect(fake().held).toEqual({ handles: 1, mappings: 0 })
  })

  it.each<[string, readonly string[]]>([
    ['rows shorter than their pixels', [...identity(), 'mode GREY 16 8 1 0 0 0 0 15 128']],
    ['pictures without size', [...identity(), 'mode GREY 0 8 1 0 0 0 0 16 128']],
    ['compressed frames of no length', [...identity(), 'mode MJPG 16 8 1 0 0 0 0 0 0']],
    ['compressed frames of 4 GiB', [...identity(), 'mode MJPG 16 8 1 0 0 0 0 0 4294967295']],
    ['two planes where one belongs', [...multi.slice(0, 4), 'mode GREY 16 8 1 0 0 0 0 16 128 8 8']],
  ])('is FORMAT_INVALID for %s', async (_, lines) => {
    fake().plug('video0', { lines: ['format GREY 0 x', 'format MJPG 1 y', ...lines] })
    await expect(v4l2()).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })

  it.each([0, 5, 255])('is not believed when it is %i planes', async (planes) => {
    fake().plug('video0', { lines: [...multi.slice(0, -1), `lie num_planes ${planes}`] })
    await expect(v4l2()).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })

  it('of a plane that begins behind its end costs that frame alone', async () => {
    const path = fake().plug('video0', {
      lines: [...multi.slice(0, -1), `${one} 100 101`, `frame 1 1 0 ${MONOTONIC} 0 128 0`],
      payloads: [new Uint8Array(128).fill(9)],
    })
    await using source = await v4l2()
    const running = new Running(source)
    fake().play(path)
    await running.frames(1)
    running.stop.abort()
    await running.ended
    expect(source.stats.damaged).toBe(1)
    expect(running.fills).toEqual([9])
  })
})
