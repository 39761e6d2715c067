import { describe, expect, it } from 'vitest'
import { v4l2, type V4l2Options, v4l2Devices, verifyPattern } from '../../src/sources/index.ts'
import type { LoanMeta } from '../../src/sources/index.ts'
import { FakeWriter } from '../sources/fake-writer.ts'
import {
  CAPTURE_MPLANE,
  DAMAGED,
  fakeDevices,
  identity,
  MONOTONIC,
  paddedPattern,
  simpleCamera,
  SOE,
} from './fake.ts'

const fake = fakeDevices()

/** Frame number n at n / 30 s, `flags`, with payload n - 1. */
const frame = (n: number, flags = MONOTONIC, sequence = n - 1): string =>
  `frame ${sequence} 100 ${n * 1000} ${flags} ${n - 1}`

/** What a camera publishes until it has sent `count` frames. */
async function capture(path: string, count: number, options: V4l2Options = {}) {
  await using camera = await v4l2({ device: path, ...options })
  const metas: LoanMeta[] = []
  const frames: Uint8Array[] = []
  const done = new AbortController()
  const writer = new FakeWriter(camera.format, (data, meta) => {
    frames.push(data.slice())
    metas.push(meta)
    if (frames.length === count) done.abort()
  })
  const pump = camera.pump(writer, { signal: done.signal })
  fake().play(path)
  const result = await pump
  return {
    frames,
    metas,
    result,
    format: camera.format,
    stats: camera.stats,
    writer,
    fps: camera.fps,
  }
}

describe('frames of a V4L2 camera', () => {
  it.each([
    ['YUYV', 64, 32, 0],
    ['YUYV', 62, 30, 4],
    ['RGB3', 33, 17, 3],
    ['GREY', 64, 48, 64],
    ['NV12', 64, 48, 32],
    ['I420', 64, 48, 64],
    ['Y16', 40, 30, 16],
    ['Z16', 40, 30, 0],
    ['BGRA', 16, 16, 0],
    ['RGGB', 48, 32, 16],
  ])(
    'arrive as %s of %i × %i, without the %i bytes that pad their rows',
    async (fourcc, w, h, pad) => {
      const numbers = [1, 2, 3, 4, 5, 6, 7]
      const path = fake().plug('video0', {
        lines: [...simpleCamera(fourcc, w, h, pad), ...numbers.map((n) => frame(n))],
        payloads: numbers.map((n) => paddedPattern(fourcc, w, h, n, pad)),
      })
      const { frames, format, result, writer } = await capture(path, numbers.length)
      expect(format).toMatchObject({ width: w, height: h })
      expect(result).toEqual({ published: 7, dropped: 0 })
      expect(frames.map((data) => verifyPattern(data, format))).toMatchObject(
        numbers.map((sequence) => ({ ok: true, sequence })),
      )
      expect(writer).toMatchObject({ loans: 7, abandoned: 0 })
    },
  )

  it('come from a device that has the multi-planar API alone, each plane from a buffer of its own', async () => {
    const packed = paddedPattern('NV12', 64, 48, 1)
    const luma = 64 * 48
    const gap = 16 // data_offset: bytes in front of a plane
    const buffers = new Uint8Array(80 * 48 + gap + 80 * 24).fill(0xee)
    for (let row = 0; row < 48; row++)
      buffers.set(packed.subarray(row * 64, row * 64 + 64), row * 80)
    for (let row = 0; row < 24; row++) {
      const from = luma + row * 64
      buffers.set(packed.subarray(from, from + 64), 80 * 48 + gap + row * 80)
    }
    const chroma = 80 * 24 + gap
    const path = fake().plug('video0', {
      lines: [
        ...identity('platform:isp', CAPTURE_MPLANE),
        'format NM12 0 Y/CbCr 4:2:0 (N-C)',
        'size NM12 64 48',
        `mode NM12 64 48 1 0 0 0 0 80 ${80 * 48} 80 ${chroma}`,
        `frame 0 1 0 ${MONOTONIC} 0 ${80 * 48} 0 ${chroma} ${gap}`,
      ],
      payloads: [buffers],
    })
    expect(v4l2Devices()[0]!.formats[0]).toMatchObject({ fourcc: 'NV12', driverFourcc: 'NM12' })
    const { frames, format } = await capture(path, 1, { fourcc: 'NV12' })
    expect(Buffer.compare(frames[0]!, packed)).toBe(0)
    expect(format.fourcc).toBe('NV12')
  })

  it('carry the driver’s count, clock and moment', async () => {
    const path = fake().plug('video0', {
      lines: [
        ...simpleCamera('GREY', 16, 8),
        `frame 10 100 500 ${MONOTONIC} 0`,
        `frame 11 100 600 ${MONOTONIC | SOE} 0`,
        `frame 14 100 700 16384 0`, // copied time stamps, and two frames lost before
        `frame 15 100 800 0 0`, // a driver that does not say which clock
        `frame 16 0 0 ${MONOTONIC} 0`, // no time stamp
        `frame 17 100 9000000 ${MONOTONIC} 0`, // none either
        `frame 3 101 0 ${MONOTONIC} 0`, // began anew
        `frame 3 102 0 ${MONOTONIC} 0`, // stands still
        `frame 4294967295 103 0 ${MONOTONIC} 0`,
        `frame 0 104 0 ${MONOTONIC} 0`, // 32 bits are over
      ],
      payloads: [new Uint8Array(128)],
    })
    const { metas, stats } = await capture(path, 10)
    expect(metas).toMatchObject([
      {
        sourceSequence: 1,
        captureTime: 100_000.5,
        captureClock: 'monotonic',
        captureMoment: 'received',
      },
      { sourceSequence: 2, captureTime: 100_000.6, captureMoment: 'exposure-start' },
      { sourceSequence: 5, captureTime: 100_000.7, captureClock: 'source' },
      { sourceSequence: 6, captureTime: 100_000.8, captureClock: 'source' },
      { sourceSequence: 7, captureMoment: 'received' },
      { sourceSequence: 8, captureMoment: 'received' },
      { sourceSequence: 9, captureTime: 101_000, discontinuity: true },
      { sourceSequence: 10 },
      { sourceSequence: 11, discontinuity: true },
      { sourceSequence: 12, captureTime: 104_000 },
    ])
    expect(metas[4]!.captureTime).toBeGreaterThan(0)
    expect(metas[4]).not.toHaveProperty('captureClock')
    expect(metas[0]).not.toHaveProperty('discontinuity')
    expect(stats).toEqual({ damaged: 0, lost: 2, reconnects: 0 })
  })

  it('that are damaged or too short are left out and counted', async () => {
    const path = fake().plug('video0', {
      lines: [
        ...simpleCamera('GREY', 16, 8),
        frame(1),
        frame(2, MONOTONIC | DAMAGED),
        `frame 2 1 0 ${MONOTONIC} 0 127 0`,
        `frame 3 1 0 ${MONOTONIC} 0 0 0`,
        `frame 4 1 0 ${MONOTONIC} 0 4000000000 0`,
        `frame 5 1 0 ${MONOTONIC | DAMAGED} 0`,
        `frame 6 1 0 ${MONOTONIC} 0`,
      ],
      payloads: [new Uint8Array(128), new Uint8Array(128)],
    })
    const { metas, stats, result } = await capture(path, 2)
    expect(metas.map((meta) => meta.sourceSequence)).toEqual([1, 7])
    expect(result).toEqual({ published: 2, dropped: 0 })
    expect(stats).toEqual({ damaged: 5, lost: 5, reconnects: 0 })
  })

  it('that are compressed arrive in their own length, and not when they exceed what was promised', async () => {
    const jpeg = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (i * 7) % 251)
    const path = fake().plug('video0', {
      lines: [
        ...identity(),
        'format MJPG 1 Motion-JPEG',
        'mode MJPG 640 480 1 7 0 0 0 0 4096',
        'lie sizeimage 3000',
        `frame 0 1 0 ${MONOTONIC} 0`,
        `frame 1 1 0 ${MONOTONIC} 1`,
        `frame 2 1 0 ${MONOTONIC | 8} 2`,
      ],
      payloads: [jpeg(1000), jpeg(3001), jpeg(3000)],
    })
    const { frames, metas, stats, format } = await capture(path, 2)
    expect(format).toMatchObject({ fourcc: 'MJPG', bytes: 3000 })
    expect(metas).toMatchObject([
      { bytesUsed: 1000, sourceSequence: 1 },
      { bytesUsed: 3000, sourceSequence: 3, key: true },
    ])
    expect(Buffer.compare(frames[0]!.subarray(0, 1000), jpeg(1000))).toBe(0)
    expect(Buffer.compare(frames[1]!, jpeg(3000))).toBe(0)
    expect(stats).toMatchObject({ damaged: 1 })
  })

  it('begin anew with each pump, which sets format and rate again and leaves nothing running', async () => {
    const path = fake().plug('video0', {
      lines: [
        ...simpleCamera('GREY', 16, 8),
        ...[0, 1, 2, 3].map((n) => `frame ${n} 1 0 0x2000 0`),
      ],
      payloads: [new Uint8Array(128)],
    })
    await using camera = await v4l2({ device: path, fps: 16 })
    expect(camera.fps).toBe(15)
    for (let round = 0; round < 2; round++) {
      const done = new AbortController()
      let seen = 0
      const writer = new FakeWriter(camera.format, (_, meta) => {
        expect(meta.sourceSequence).toBe(++seen)
        if (seen === 2) done.abort()
      })
      const pump = camera.pump(writer, { signal: done.signal })
      fake().play(path, 2)
      expect(await pump).toEqual({ published: 2, dropped: 0 })
      expect(writer.outstanding).toBe(0)
      expect(fake().held).toEqual({ handles: 1, mappings: 0 })
    }
    const start = 'S_FMT S_PARM REQBUFS' + ' QUERYBUF'.repeat(4) + ' STREAMON STREAMOFF REQBUFS'
    expect(fake().log(path)).toBe(`QUERYCAP S_FMT S_PARM ${start} ${start}`)
  })

  it('are colours as the driver describes them', async () => {
    const color = async (lines: readonly string[]) => {
      const path = fake().plug('video0', { lines: [...identity(), ...lines] })
      await using camera = await v4l2({ device: path })
      return camera.format.color
    }
    const yuyv = (rest: string) => ['format YUYV 0 x', `mode YUYV 16 8 1 ${rest} 32 256`]
    const code = (primaries: number, transfer: number, matrix: number, range: number) => {
      return { primaries, transfer, matrix, range }
    }
    expect(await color(yuyv('8 0 0 0'))).toEqual(code(1, 13, 6, 2)) // sRGB: BT.601 limited
    expect(await color(yuyv('3 0 0 0'))).toEqual(code(1, 1, 1, 2)) // BT.709
    expect(await color(yuyv('7 0 0 0'))).toEqual(code(1, 13, 6, 1)) // JPEG: full
    expect(await color(yuyv('10 6 1 7'))).toEqual(code(9, 16, 9, 1)) // BT.2020, full, PQ
    expect(await color(yuyv('0 0 0 0'))).toEqual(code(2, 2, 2, 0)) // unsaid
    expect(await color(yuyv('99 99 99 99'))).toEqual(code(2, 2, 2, 0)) // nonsense
    const rgb = ['format RGB3 0 x', 'mode RGB3 16 8 1 8 0 0 0 48 384']
    expect(await color(rgb)).toEqual(code(1, 13, 0, 1))
  })
})
