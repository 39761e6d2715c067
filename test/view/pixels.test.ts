import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { fourccInfo, resolveFormat } from '../../src/index.ts'
import { colorTable } from '../../src/view/picture/color-maps.ts'
import { layoutOf } from '../../src/view/picture/layout.ts'
import { pixelsOf } from '../../src/view/picture/pixels.ts'
import { autoRange, histogramOf } from '../../src/view/picture/statistics.ts'
import {
  apply,
  panned,
  screenToPicture,
  WHOLE,
  zoomed,
} from '../../src/view/picture/view-transform.ts'
import { halfBlocks } from '../../src/view/tty/half-blocks.ts'
import { hasFfmpeg } from '../support/tools.ts'

const GREY = { map: 'grey', low: 0, high: 255 } as const

function pixels(fourcc: string, width: number, height: number, data: Uint8Array) {
  const layout = layoutOf(resolveFormat({ format: { fourcc, width, height } }))
  if (typeof layout === 'string') throw new Error(layout)
  return pixelsOf(layout, data, GREY)
}

function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24)
}

describe.skipIf(!hasFfmpeg)('decodes as ffmpeg does, within 2 levels', () => {
  const fourccs = ['RGB3', 'BGRA', 'YUYV', 'UYVY', 'NV12', 'NV21', 'I420']
  test.each(fourccs)('%s', (fourcc) => {
    const [width, height] = [64, 48]
    const data = noise(resolveFormat({ format: { fourcc, width, height } }).bytes)
    // Which chroma is nearest between two rows is a matter of siting: one level each leaves no choice.
    if (fourcc === 'I420') data.fill(210, 3072, 3840).fill(60, 3840)
    if (fourcc.startsWith('NV')) {
      for (let i = 3072; i < data.length; i++) data[i] = i % 2 === 0 ? 210 : 60
    }
    const { stdout } = spawnSync(
      'ffmpeg',
      [
        ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', fourccInfo(fourcc)!.pixFmt!],
        ...['-s', `${width}x${height}`, '-i', '-'],
        ...['-vf', 'scale=in_color_matrix=bt601:in_range=tv:out_range=pc'],
        ...['-sws_flags', 'neighbor+accurate_rnd+full_chroma_int+full_chroma_inp'],
        ...['-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'],
      ],
      { input: data, maxBuffer: 1 << 24 },
    )
    expect(stdout.length).toBe(3 * width * height)
    const ours = pixels(fourcc, width, height, data)
    let most = 0
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const rgb = ours.rgb(x, y)
        for (const [k, level] of [rgb >> 16, (rgb >> 8) & 255, rgb & 255].entries()) {
          most = Math.max(most, Math.abs(level - stdout[3 * (y * width + x) + k]!))
        }
      }
    }
    expect(most).toBeLessThanOrEqual(2)
  })
})

test('a flat Bayer picture has its colour everywhere, edges and single pixels included', () => {
  for (const [fourcc, square] of [
    ['RGGB', [200, 100, 100, 50]],
    ['GRBG', [100, 200, 50, 100]],
    ['GBRG', [100, 50, 200, 100]],
    ['BA81', [50, 100, 100, 200]],
  ] as const) {
    const [width, height] = [5, 7]
    const data = Uint8Array.from({ length: width * height }, (_, i) => {
      return square[((i % width) % 2) | ((Math.floor(i / width) % 2) << 1)]!
    })
    const seen = pixels(fourcc, width, height, data)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) expect(seen.rgb(x, y)).toBe(0xc86432)
    }
  }
  expect(pixels('RGGB', 1, 1, Uint8Array.of(9)).values(0, 0)).toEqual(['R 9'])
})

test('each pixel has the chroma of its block, at odd edges too', () => {
  const data = new Uint8Array(15 + 12)
  data.set([11, 12], 15 + 6 + 4) // the last block of the second row
  expect(pixels('NV12', 5, 3, data).values(4, 2)).toEqual(['Y 0', 'U 11', 'V 12'])
  expect(pixels('NV21', 5, 3, data).values(4, 2)).toEqual(['Y 0', 'U 12', 'V 11'])
  expect(pixels('NV12', 5, 3, data).values(3, 2)).toEqual(['Y 0', 'U 0', 'V 0'])
  const planar = new Uint8Array(15 + 12)
  planar[15 + 5] = 21
  planar[15 + 6 + 5] = 22
  expect(pixels('I420', 5, 3, planar).values(4, 2)).toEqual(['Y 0', 'U 21', 'V 22'])
})

test('a frame that is too short is refused', () => {
  expect(() => pixels('NV12', 5, 3, new Uint8Array(26))).toThrow(RangeError)
  expect(pixels('NV12', 5, 3, new Uint8Array(27)).values(4, 2)).toEqual(['Y 0', 'U 0', 'V 0'])
})

test('arrays of any kind show as pictures, and say so when they cannot', () => {
  const array = (dtype: string, shape: number[]) => {
    const color = { primaries: 2, transfer: 2, matrix: 2, range: 0 }
    return layoutOf({ dtype, shape, fourcc: '', width: 0, height: 0, planes: [], color })
  }
  expect(array('float16', [2, 3, 4])).toMatchObject({ kind: 'scalar', width: 4, height: 6 })
  expect(array('float64', [3000])).toMatchObject({ width: 1024, height: 2 })
  expect(array('complex64', [4, 4])).toBe('The viewer shows no arrays of complex64.')
  expect(array('uint8', [0, 4])).toBe('The array has no elements.')
})

test('the colour maps begin and end where they should', () => {
  expect([...colorTable('grey').subarray(4 * 77, 4 * 78)]).toEqual([77, 77, 77, 255])
  expect([...colorTable('viridis').subarray(0, 3)]).toEqual([68, 1, 84])
  expect([...colorTable('viridis').subarray(-4, -1)]).toEqual([253, 231, 37])
  expect([...colorTable('turbo').subarray(0, 3)]).toEqual([35, 23, 27])
})

test('histogram and range leave out what has no value', () => {
  const layout = layoutOf(resolveFormat({ format: { fourcc: '32FC1', width: 4, height: 2 } }))
  if (typeof layout === 'string') throw new Error(layout)
  const values = Float32Array.of(1, 2, NaN, 3, 4, NaN, 5, Infinity)
  const seen = pixelsOf(layout, new Uint8Array(values.buffer), GREY)
  expect(autoRange(seen)).toEqual([1, 5])
  const { channels, samples, outside } = histogramOf(seen, 5, [1, 5])
  expect([...channels[0]!, samples, outside]).toEqual([1, 1, 1, 1, 1, 6, 1])
})

describe('the view', () => {
  const picture = { width: 6, height: 4 }

  test('turned a quarter, the top left shows what was at the bottom left', () => {
    const at = screenToPicture({ ...WHOLE, turns: 1 }, picture, { width: 4, height: 6 })
    expect(apply(at, 0.5, 0.5)).toEqual([0.5, 3.5])
    const mirrored = screenToPicture({ ...WHOLE, mirror: true }, picture, picture)
    expect(apply(mirrored, 0.5, 0.5)).toEqual([5.5, 0.5])
  })

  test('zooms about the point that is pointed at, within bounds, whatever is asked', () => {
    const screen = { width: 600, height: 400 }
    const before = screenToPicture(WHOLE, picture, screen)
    const near = zoomed(WHOLE, 1.2, [150, 100], picture, screen)
    const after = screenToPicture(near, picture, screen)
    for (const k of [0, 1] as const) {
      expect(apply(after, 150, 100)[k]).toBeCloseTo(apply(before, 150, 100)[k], 1)
    }
    expect(zoomed(WHOLE, 1e10, [0, 0], picture, screen).scale).toBe(128)
    expect(zoomed(WHOLE, NaN, [0, 0], picture, screen).scale).toBe(0)
    expect(panned(near, 1e9, -1e9, picture)).toMatchObject({ x: 6, y: 0 })
  })
})

test('half-blocks are two pixels a character, and colours are told when they change', () => {
  const data = Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255)
  expect(halfBlocks(pixels('RGB3', 2, 2, data), 2, 1)).toEqual([
    '\x1b[38;2;255;0;0m\x1b[48;2;0;0;255m▀▀\x1b[0m',
  ])
  const wide = halfBlocks(pixels('GREY', 64, 8, noise(512)), 80, 24)
  expect(wide.length).toBe(5)
  expect(wide[0]!.split('▀').length - 1).toBe(80)
})
