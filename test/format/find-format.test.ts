import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findFormat, FOURCCS, fourccInfo } from '../../src/format/index.ts'
import { withTable } from '../../scripts/formats.mjs'
import { failure } from '../ring/fixtures.ts'

describe('findFormat', () => {
  it('finds every row by each name that no row before it has', () => {
    for (const whose of ['pixFmt', 'gstreamer', 'ros'] as const) {
      const seen = new Map<string, string>()
      for (const row of FOURCCS) {
        const name = row[whose]
        if (name === undefined) continue
        if (!seen.has(name)) seen.set(name, row.fourcc)
        const found = findFormat({ [whose]: name } as Parameters<typeof findFormat>[0])
        expect(found?.fourcc, `${whose} ${name}`).toBe(seen.get(name))
      }
    }
  })

  it.each([
    [{ pixFmt: 'gray16' }, 'Y16 '],
    [{ pixFmt: 'bayer_rggb16' }, 'RG16'],
    [{ pixFmt: 'grayf32' }, 'R  F'],
    [{ ros: 'uyvy' }, 'UYVY'],
    [{ ros: 'yuyv' }, 'YUYV'],
    [{ ros: '16UC1' }, 'Z16 '],
    [{ ros: '8UC1' }, 'GREY'],
    [{ gstreamer: 'GRAY16_LE' }, 'Y16 '],
    [{ gstreamer: 'image/jpeg' }, 'MJPG'],
    [{ fourcc: 'yuy2' }, 'YUYV'],
  ])('%j is %s', (name, fourcc) => {
    expect(findFormat(name)?.fourcc).toBe(fourcc)
  })

  it.each([
    { pixFmt: 'yuvj420p' }, // full range: more than the fourcc says
    { pixFmt: 'nv24' },
    { pixFmt: 'NV12' },
    { ros: '8UC3' },
    { ros: 'toString' },
    { gstreamer: '' },
    { fourcc: 'avc1' }, // packets with lengths are not those with start codes
  ])('%j is none', (name) => {
    expect(findFormat(name)).toBeUndefined()
  })

  it('refuses no name, two names, other names and names that are no text', () => {
    for (const name of [
      {},
      { pixFmt: 'nv12', ros: 'nv21' },
      { pixfmt: 'nv12' },
      { ros: 7 },
      null,
      'nv12',
    ]) {
      expect(() => findFormat(name as never)).toThrow(failure('OPTION_INVALID'))
    }
  })
})

describe('the table', () => {
  it('has chroma for all YUV and nothing else, sampled as its planes are', () => {
    for (const { fourcc, model, chroma, planes } of FOURCCS) {
      expect(chroma !== undefined, fourcc).toBe(model === 'yuv')
      if (chroma === undefined) continue
      const { across, down } = planes.at(-1)!
      expect([chroma.across, chroma.down], fourcc).toEqual([across, down])
      // V4L2: "interstitially sited", and type 1 of H.273 is the centre of four
      expect([chroma.x, chroma.y], fourcc).toEqual([(across - 1) / 2, (down - 1) / 2])
      expect(chroma.sampleLocType, fourcc).toBe(down === 2 ? 1 : undefined)
    }
  })

  it('stands in docs/formats.md as it is', async () => {
    const page = readFileSync('docs/formats.md', 'utf8')
    expect(await withTable(page, FOURCCS)).toBe(page)
  })

  it('has every format that a camera or a robot brings', () => {
    const wanted = 'YUYV UYVY NV12 NV21 I420 MJPG RGB3 BGR3 RGBA BGRA GREY Y16 Z16 32FC1 '
    const bayer = 'RGGB GRBG GBRG BA81 RG16 GR16 GB16 BYR2 H264 H265'
    for (const name of (wanted + bayer).split(' ')) expect(fourccInfo(name), name).toBeDefined()
  })
})
