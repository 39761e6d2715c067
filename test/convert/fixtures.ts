import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe } from 'vitest'
import type { Picture } from '../../src/convert/index.ts'
import { converters } from '../../src/convert/index.ts'
import { useOwnOnly } from '../../src/convert/converters.ts'
import { fourccInfo, resolveFormat } from '../../src/index.ts'

/** Sizes that meet every edge: single pixels, odd sides, several vectors and a rest. */
export const SIZES = [
  [1, 1],
  [1, 2],
  [3, 3],
  [17, 5],
  [131, 34],
] as const

export const COLORS = (['bt601', 'bt709', 'bt2020'] as const).flatMap((matrix) =>
  (['limited', 'full'] as const).map((range) => ({ matrix, range })),
)

export const YUV = ['YUYV', 'UYVY', 'NV12', 'NV21', 'I420'] as const
export const RGB = ['RGB3', 'BGR3', 'RGBA', 'BGRA'] as const

/** Runs the tests with the libraries of this machine and again without. */
export function withAndWithoutLibraries(tests: () => void): void {
  for (const own of [false, true]) {
    useOwnOnly(own)
    const name = own ? 'own code' : `with ${converters().yuv}`
    useOwnOnly(false)
    describe(name, () => {
      beforeEachUse(own)
      tests()
    })
  }
}

function beforeEachUse(own: boolean): void {
  beforeEach(() => {
    useOwnOnly(own)
  })
  afterEach(() => {
    useOwnOnly(false)
  })
}

/** The same bytes for the same seed. */
export function noise(length: number, seed = 1): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
}

export function noisyPicture(
  fourcc: string,
  width: number,
  height: number,
  seed = 1,
): Picture & { data: Uint8Array } {
  const { bytes } = resolveFormat({ format: { fourcc, width, height } })
  return { data: noise(bytes, seed), fourcc, width, height }
}

/** What ffmpeg makes of raw pixels. */
export function ffmpeg(
  input: Uint8Array,
  [from, to]: readonly [string, string],
  [width, height]: readonly [number, number],
  filter: string,
): Uint8Array {
  // In several threads swscale does without the neighbours at the edges of each thread's rows.
  const raw = [
    '-v',
    'error',
    '-filter_threads',
    '1',
    '-f',
    'rawvideo',
    '-pix_fmt',
    from,
    '-s',
    `${width}x${height}`,
  ]
  const out = ['-i', '-', '-vf', filter, '-pix_fmt', to, '-f', 'rawvideo', '-']
  const { status, stdout, stderr } = spawnSync('ffmpeg', [...raw, ...out], {
    input,
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr.toString())
  return stdout
}

/** The greatest difference between two bytes at the same place. */
export function farthest(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} bytes and ${b.length}`)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}

export function pixFmt(fourcc: string): string {
  return fourccInfo(fourcc)?.pixFmt as string
}

/** Y, U and V of every pixel, one plane after the other, as a YUV picture of noise. */
export function full444(picture: Picture & { data: Uint8Array }): Uint8Array {
  const { data, fourcc, width, height } = picture
  const area = width * height
  const out = new Uint8Array(3 * area)
  const pairs = Math.ceil(width / 2)
  const chroma = pairs * Math.ceil(height / 2)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const pair = (y >> 1) * pairs + (x >> 1)
      const packed = 4 * (y * pairs + (x >> 1))
      const first = fourcc === 'UYVY' ? 1 : 0
      const at =
        fourcc === 'I420'
          ? [i, area + pair, area + chroma + pair]
          : fourcc === 'NV12'
            ? [i, area + 2 * pair, area + 2 * pair + 1]
            : fourcc === 'NV21'
              ? [i, area + 2 * pair + 1, area + 2 * pair]
              : [packed + 2 * (x & 1) + first, packed + 1 - first, packed + 3 - first]
      at.forEach((from, plane) => (out[plane * area + i] = data[from]!))
    }
  }
  return out
}

/** Red, green and blue of every pixel, side by side. */
export function rgbOf({ data, fourcc }: Picture & { data: Uint8Array }): Uint8Array {
  const step = fourcc.endsWith('3') ? 3 : 4
  const order = fourcc.startsWith('R') ? [0, 1, 2] : [2, 1, 0]
  return Uint8Array.from({ length: (data.length / step) * 3 }, (_, i) => {
    return data[Math.floor(i / 3) * step + order[i % 3]!]!
  })
}
