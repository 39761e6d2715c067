import { beforeAll, describe, expect, test } from 'vitest'
import { convertSync } from '../../src/convert/index.ts'
import type { Picture } from '../../src/convert/index.ts'
import { hasFfmpeg } from '../support/tools.ts'
import {
  COLORS,
  farthest,
  ffmpeg,
  full444,
  noise,
  noisyPicture,
  pixFmt,
  RGB,
  rgbOf,
  SIZES,
  withAndWithoutLibraries,
  YUV,
} from './fixtures.ts'

const EXACT = 'flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact'

type Bytes = Picture & { data: Uint8Array }

/** Within the limits of video: beyond them swscale's sums overflow and it gives 0 for 255. */
function legal(picture: Bytes): Bytes {
  return { ...picture, data: picture.data.map((value) => 16 + Math.floor((value * 220) / 256)) }
}

/** The mean of each two by two pixels, or two by one, the last of an odd side twice. */
function shared(plane: Uint8Array, width: number, height: number, down: number): Uint8Array {
  const pairs = Math.ceil(width / 2)
  return Uint8Array.from({ length: pairs * Math.ceil(height / down) }, (_, i) => {
    let sum = 0
    for (let dy = 0; dy < down; dy++) {
      for (let dx = 0; dx < 2; dx++) {
        const x = Math.min(2 * (i % pairs) + dx, width - 1)
        const y = Math.min(down * Math.floor(i / pairs) + dy, height - 1)
        sum += plane[y * width + x]!
      }
    }
    return Math.round(sum / (2 * down))
  })
}

/** Luma, U and V of a YUV picture, chroma as it is shared. */
function planesOf(picture: Bytes): Uint8Array[] {
  const { width, height, fourcc } = picture
  const all = full444(picture)
  const area = width * height
  const down = fourcc === 'YUYV' || fourcc === 'UYVY' ? 1 : 2
  return [0, 1, 2].map((i) => {
    const plane = all.subarray(i * area, (i + 1) * area)
    return i === 0 ? plane : shared(plane, width, height, down)
  })
}

describe.skipIf(!hasFfmpeg)('conversions agree with ffmpeg within 2 levels', () => {
  // One run of ffmpeg for each picture and all formats; chroma is spread and gathered here, because
  // swscale weighs it differently where a side is odd.
  const rgb = new Map<string, Uint8Array>()
  const yuv = new Map<string, Uint8Array>()
  const key = (parts: readonly unknown[]): string => parts.join(' ')

  beforeAll(() => {
    for (const { matrix, range } of COLORS) {
      const [colors, levels] = [
        matrix === 'bt2020' ? 'bt2020nc' : matrix,
        range === 'full' ? 'pc' : 'tv',
      ]
      for (const size of SIZES) {
        const picture = legal(noisyPicture('I420', size[0], size[1]))
        const to = `scale=in_color_matrix=${colors}:in_range=${levels}:out_range=pc:${EXACT}`
        rgb.set(
          key([matrix, range, size]),
          ffmpeg(full444(picture), ['yuv444p', 'rgb24'], size, to),
        )
        const from = `scale=out_color_matrix=${colors}:in_range=pc:out_range=${levels}:${EXACT}`
        const noisy = noisyPicture('RGB3', size[0], size[1]).data
        yuv.set(key([matrix, range, size]), ffmpeg(noisy, ['rgb24', 'yuv444p'], size, from))
      }
    }
  }, 300_000)

  withAndWithoutLibraries(() => {
    for (const { matrix, range } of COLORS) {
      test(`YUV to RGB, ${matrix} ${range}`, () => {
        for (const [width, height] of SIZES) {
          const expected = rgb.get(key([matrix, range, [width, height]]))!
          const i420 = legal(noisyPicture('I420', width, height))
          for (const from of YUV) {
            // The same picture in its format: pure rearrangement, checked below.
            const source = convertSync(i420, { to: from })
            for (const to of RGB) {
              const out = convertSync(source, { to, matrix, range })
              expect([from, to, width, farthest(rgbOf(out), expected) <= 2]).toEqual([
                from,
                to,
                width,
                true,
              ])
            }
          }
        }
      })

      test(`RGB to YUV, ${matrix} ${range}`, () => {
        for (const [width, height] of SIZES) {
          const all = yuv.get(key([matrix, range, [width, height]]))!
          const area = width * height
          const rgb3 = noisyPicture('RGB3', width, height)
          for (const from of RGB) {
            const source = convertSync(rgb3, { to: from })
            for (const to of YUV) {
              const out = planesOf(convertSync(source, { to, matrix, range }))
              const down = to === 'YUYV' || to === 'UYVY' ? 1 : 2
              const far = out.map((plane, i) => {
                const expected = all.subarray(i * area, (i + 1) * area)
                return farthest(plane, i === 0 ? expected : shared(expected, width, height, down))
              })
              expect([from, to, width, Math.max(...far) <= 2]).toEqual([from, to, width, true])
            }
          }
        }
      })
    }

    test.each(YUV)('%s to RGB3 by ffmpeg alone, where both sides are even', (from) => {
      const picture = legal(noisyPicture(from, 64, 48))
      const filter =
        'scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=neighbor+' + EXACT.slice(6)
      const expected = ffmpeg(picture.data, [pixFmt(from), 'rgb24'], [64, 48], filter)
      const out = convertSync(picture, { to: 'RGB3', matrix: 'bt709', range: 'limited' })
      expect(farthest(out.data, expected)).toBeLessThanOrEqual(2)
    })

    test.each(['RGGB', 'GRBG', 'GBRG', 'BA81', 'RG16', 'GR16', 'GB16', 'BYR2'])(
      'Bayer %s to RGB3, away from the edges',
      (from) => {
        const picture = noisyPicture(from, 36, 20)
        const expected = ffmpeg(
          picture.data,
          [pixFmt(from), 'rgb24'],
          [36, 20],
          'scale=flags=bitexact',
        )
        const out = convertSync(picture, { to: 'RGB3' })
        let far = 0
        for (let y = 2; y < 18; y++) {
          const row = [3 * (36 * y + 2), 3 * (36 * y + 34)] as const
          far = Math.max(far, farthest(out.data.subarray(...row), expected.subarray(...row)))
        }
        expect(far).toBeLessThanOrEqual(2)
      },
    )

    test('area resize, down by whole and broken ratios', () => {
      const picture = { data: noise(96 * 60), fourcc: 'GREY', width: 96, height: 60 }
      for (const [width, height] of [
        [48, 30],
        [32, 20],
        [40, 25],
      ] as const) {
        const filter = `scale=${width}:${height}:flags=area+accurate_rnd+bitexact`
        const expected = ffmpeg(picture.data, ['gray', 'gray'], [96, 60], filter)
        const out = convertSync(picture, { size: { width, height } })
        expect([width, farthest(out.data, expected)]).toEqual([
          width,
          expect.toSatisfy((far: number) => far <= 2),
        ])
      }
    })
  })
})
