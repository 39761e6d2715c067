import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  FOURCCS,
  type FormatSpec,
  fourccInfo,
  packFourcc,
  resolveFormat,
  specOf,
  unpackFourcc,
} from '../../src/format/index.ts'
import { hasFfmpeg } from '../support/tools.ts'

const dir = mkdtempSync(join(tmpdir(), 'framering-format-'))
afterAll(() => {
  rmSync(dir, { recursive: true })
})

const raw = FOURCCS.filter((row) => !row.opaque)
const picture = (fourcc: string, width: number, height: number): FormatSpec => ({
  format: { fourcc, width, height },
})

/** Length of one frame as ffmpeg counts it: what it writes, or (Bayer: it cannot write) what it reads. */
function ffmpegBytes(pixFmt: string, width: number, height: number): number {
  if (!pixFmt.startsWith('bayer')) {
    const source = `testsrc=size=${width}x${height}`
    const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1']
    return execFileSync('ffmpeg', [...args, '-pix_fmt', pixFmt, '-f', 'rawvideo', '-']).length
  }
  const file = join(dir, 'bayer.raw')
  writeFileSync(file, new Uint8Array(width * height * 8))
  const input = ['-f', 'rawvideo', '-pixel_format', pixFmt, '-video_size', `${width}x${height}`]
  const show = ['-show_entries', 'packet=size', '-of', 'csv=p=0', '-read_intervals', '%+#1']
  const out = execFileSync('ffprobe', ['-v', 'error', ...input, ...show, '-i', file])
  return Number.parseInt(out.toString(), 10)
}

describe('the fourcc table', () => {
  it.skipIf(!hasFfmpeg).each(raw.map((row) => [row.fourcc, row.pixFmt as string] as const))(
    '%s frames are as long as those of ffmpeg %s, odd sizes included',
    (fourcc, pixFmt) => {
      for (const [width, height] of [
        [34, 18],
        [35, 17],
        [34, 17],
      ] as const) {
        const format = resolveFormat(picture(fourcc, width, height))
        expect(format.bytes, `${width}x${height}`).toBe(ffmpegBytes(pixFmt, width, height))
      }
    },
  )

  it.skipIf(!hasFfmpeg)('places every chroma sample of a planar picture where ffmpeg does', () => {
    // a picture whose Y, U and V are three constants: each byte says which plane it belongs to
    for (const [width, height] of [
      [6, 4],
      [7, 5],
    ] as const) {
      for (const [fourcc, codes] of [
        ['I420', [[40], [90], [200]]],
        ['NV12', [[40], [90, 200]]],
        ['NV21', [[40], [200, 90]]],
      ] as const) {
        const size = `${width}x${height}`
        const bytes = execFileSync('ffmpeg', [
          ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc=size=${size},format=yuv420p`],
          ...['-vf', 'geq=lum=40:cb=90:cr=200', '-frames:v', '1'],
          ...['-pix_fmt', fourccInfo(fourcc)?.pixFmt ?? '', '-f', 'rawvideo', '-'],
        ])
        const format = resolveFormat(picture(fourcc, width, height))
        const expected = new Uint8Array(format.bytes)
        format.planes.forEach(({ offset }, p) => {
          const end = format.planes[p + 1]?.offset ?? format.bytes
          const cycle = codes[p] ?? []
          for (let i = offset; i < end; i++) expected[i] = cycle[(i - offset) % cycle.length] ?? 0
        })
        expect([...bytes], `${fourcc} ${size}`).toEqual([...expected])
      }
    }
  })

  it('has the codes of linux/videodev2.h', () => {
    expect(packFourcc('YUYV')).toBe(0x56595559)
    expect(packFourcc('Y16')).toBe(packFourcc('Y16 '))
    expect(packFourcc('Z16 ')).toBe(0x2036315a)
    expect(packFourcc('BYR2')).toBe(0x32525942)
  })

  it('gives back each code it packs', () => {
    for (const { fourcc } of FOURCCS) {
      expect(fourcc).toHaveLength(4)
      expect(unpackFourcc(packFourcc(fourcc))).toBe(fourcc)
    }
    expect(unpackFourcc(packFourcc(''))).toBe('')
    expect(unpackFourcc(0xff000a41)).toBe('A???')
  })

  it('finds a row by any of its names and by no other', () => {
    expect(fourccInfo('32FC1')?.fourcc).toBe('R  F')
    expect(fourccInfo('yuy2')?.fourcc).toBe('YUYV')
    expect(fourccInfo('Y16')?.dtype).toBe('uint16')
    expect(fourccInfo('YU12')?.fourcc).toBe('I420')
    expect(fourccInfo('XXXX')).toBeUndefined()
    expect(fourccInfo('')).toBeUndefined()
    const names = FOURCCS.flatMap((row) => [row.fourcc, ...row.aliases])
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('resolveFormat', () => {
  it.each([
    ['RGB3', 6, 4, 'uint8', [4, 6, 3], 18],
    ['BGRA', 6, 4, 'uint8', [4, 6, 4], 24],
    ['GREY', 7, 5, 'uint8', [5, 7], 7],
    ['Y16', 7, 5, 'uint16', [5, 7], 14],
    ['Z16', 6, 4, 'uint16', [4, 6], 12],
    ['32FC1', 6, 4, 'float32', [4, 6], 24],
    ['YUYV', 6, 4, 'uint8', [4, 6, 2], 12],
    ['UYVY', 7, 4, 'uint8', [4, 8, 2], 16],
    ['NV12', 6, 4, 'uint8', [6, 6], 6],
    ['I420', 6, 4, 'uint8', [6, 6], 6],
    ['NV12', 7, 5, 'uint8', [7 * 5 + 8 * 3], 7],
    ['I420', 6, 5, 'uint8', [6 * 5 + 2 * 3 * 3], 6],
    ['BYR2', 6, 4, 'uint16', [4, 6], 12],
  ] as const)('gives %s of %i × %i its shape', (fourcc, width, height, dtype, shape, stride) => {
    const format = resolveFormat(picture(fourcc, width, height))
    expect(format).toMatchObject({ dtype, shape, width, height })
    expect(format.planes[0]).toEqual({ offset: 0, stride })
    const item = { uint8: 1, uint16: 2, float32: 4 }[dtype]
    expect(format.shape.reduce((a, b) => a * b, item)).toBe(format.bytes)
  })

  it('gives compressed pictures the capacity asked for, or one with room to spare', () => {
    expect(resolveFormat(picture('MJPG', 640, 480))).toMatchObject({
      shape: [640 * 480 * 2],
      bytes: 640 * 480 * 2,
      planes: [],
    })
    expect(resolveFormat(picture('H264', 16, 16)).bytes).toBe(65536)
    const spec = { format: { fourcc: 'HEVC', width: 64, height: 64 }, capacity: 1000 }
    expect(resolveFormat(spec)).toMatchObject({ dtype: 'uint8', shape: [1000] })
  })

  it('takes any array', () => {
    expect(resolveFormat({ dtype: 'complex64', shape: [3, 2] })).toMatchObject({
      bytes: 48,
      fourcc: '',
      width: 0,
      planes: [],
    })
    expect(resolveFormat({ dtype: 'float64', shape: [] }).bytes).toBe(8)
  })

  it('comes back to the same format from its specification', () => {
    const specs: FormatSpec[] = [
      ...FOURCCS.map((row) => picture(row.fourcc, 33, 17)),
      { format: { fourcc: 'MJPG', width: 8, height: 8 }, capacity: 77 },
      { dtype: 'int16', shape: [2, 3, 4] },
    ]
    for (const spec of specs) {
      const format = resolveFormat(spec)
      expect(resolveFormat(specOf(format))).toEqual(format)
    }
  })

  it.each<[FormatSpec, string, string]>([
    [picture('RGB3', 0, 4), '`width`', 'got 0'],
    [picture('RGB3', 4, -1), '`height`', 'got -1'],
    [picture('RGB3', 4.5, 4), '`width`', 'got 4.5'],
    [picture('RGB3', Number.NaN, 4), '`width`', 'got NaN'],
    [picture('RGB3', 2 ** 32, 4), '`width`', 'got 4294967296'],
    [picture('RGBA', 2 ** 31, 2 ** 31), 'RGBA', '2^53'],
    [picture('ABCD', 4, 4), '`fourcc`', '"ABCD"'],
    [picture(7 as unknown as string, 4, 4), '`fourcc`', 'got 7'],
    [{ format: { fourcc: 'RGB3', width: 4, height: 4 }, capacity: 9 }, '`capacity`', 'RGB3'],
    [{ format: { fourcc: 'MJPG', width: 4, height: 4 }, capacity: 0 }, '`capacity`', 'got 0'],
    [{ dtype: 'uint8', shape: [4, 0] }, '`shape[1]`', 'got 0'],
    [{ dtype: 'uint8', shape: [1.5] }, '`shape[0]`', 'got 1.5'],
    [{ dtype: 'uint8', shape: [Number.POSITIVE_INFINITY] }, '`shape[0]`', 'got Infinity'],
    [{ dtype: 'uint8', shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }, '`shape`', 'got 9'],
    [{ dtype: 'float64', shape: [2 ** 27, 2 ** 27] }, 'float64', '2^53'],
    [{ dtype: 'toString', shape: [1] } as unknown as FormatSpec, '`dtype`', '"toString"'],
    [{ dtype: 'uint8' } as unknown as FormatSpec, '`shape`', 'undefined'],
    [{} as unknown as FormatSpec, '`format', '`dtype`'],
    [null as unknown as FormatSpec, '`format', '`dtype`'],
    [
      { ...picture('RGB3', 1, 1), dtype: 'uint8', shape: [1] } as unknown as FormatSpec,
      'not both',
      'either',
    ],
  ])('refuses %j, naming what was expected and what came', (spec, expected, came) => {
    expect(() => resolveFormat(spec)).toThrow(
      expect.objectContaining({
        code: 'FORMAT_INVALID',
        message: expect.stringContaining(expected) as string,
      }) as Error,
    )
    expect(() => resolveFormat(spec)).toThrow(came)
  })
})
