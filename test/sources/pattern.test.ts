import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FOURCCS, type FormatSpec, resolveFormat, specOf } from '../../src/format/index.ts'
import { fillPattern, verifyPattern } from '../../src/sources/index.ts'

const raw = FOURCCS.filter((row) => !row.opaque).map((row) => row.fourcc)
const picture = (fourcc: string, width: number, height: number) =>
  resolveFormat({ format: { fourcc, width, height } })
const arrays: FormatSpec[] = [
  { dtype: 'uint8', shape: [32] },
  { dtype: 'float32', shape: [40, 30] },
  { dtype: 'int16', shape: [3, 5000] },
]

function drawn(format: ReturnType<typeof resolveFormat>, sequence: number, time: number) {
  const data = new Uint8Array(format.bytes)
  fillPattern(data, format, sequence, time)
  return data
}

describe('the test pattern', () => {
  it('is found whole in every format, with its sequence and time', () => {
    const formats = [
      ...raw.map((fourcc) => picture(fourcc, 96, 72)),
      ...raw.map((fourcc) => picture(fourcc, 13, 7)),
      ...arrays.map(resolveFormat),
    ]
    for (const format of formats) {
      for (const sequence of [0, 1, 255, 256, 70_000, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
        const check = verifyPattern(drawn(format, sequence, 12.75), format)
        expect(check).toEqual({ ok: true, sequence, time: 12.75, firstBadByte: -1 })
      }
    }
  })

  it('writes every byte of a frame, so nothing of an older one is left', () => {
    for (const format of [...raw.map((f) => picture(f, 13, 7)), ...arrays.map(resolveFormat)]) {
      const one = new Uint8Array(format.bytes).fill(0x00)
      const other = new Uint8Array(format.bytes).fill(0xff)
      fillPattern(one, format, 9, 1)
      fillPattern(other, format, 9, 1)
      expect(Buffer.compare(one, other)).toBe(0)
    }
  })

  it('changes every byte of the picture from one frame to each of the next nineteen', () => {
    for (const format of [...raw.map((f) => picture(f, 96, 72)), ...arrays.map(resolveFormat)]) {
      for (const sequence of [1, 250]) {
        const before = drawn(format, sequence, 0)
        for (let step = 1; step < 20; step++) {
          const after = drawn(format, sequence + step, 0)
          for (let i = 24; i < before.length; i++) {
            if (before[i] === after[i]) expect.fail(`${format.fourcc} byte ${i} step ${step}`)
          }
        }
      }
    }
  })

  it('differs in every 8 bytes of a row between any two sequences less than 65,000 apart', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('RGB3', 'RGBA', 'GREY', 'NV12', 'YUYV', 'Y16'),
        fc.nat({ max: 1_000_000 }),
        fc.oneof(
          fc.integer({ min: 1, max: 64_999 }),
          fc.nat({ max: 252 }).map((n) => 256 * (n + 1)),
        ),
        (fourcc, sequence, distance) => {
          const format = picture(fourcc, 64, 64)
          const one = drawn(format, sequence, 0)
          const two = drawn(format, sequence + distance, 0)
          for (let i = 24; i < one.length; i += 8) {
            if (Buffer.compare(one.subarray(i, i + 8), two.subarray(i, i + 8)) === 0) return false
          }
          return true
        },
      ),
      { numRuns: 300 },
    )
  })

  it('shows a frame spliced from two at every 8-byte boundary, either way round', () => {
    for (const format of [
      picture('RGB3', 32, 16),
      picture('NV12', 32, 16),
      picture('RGBA', 80, 64),
    ]) {
      for (const distance of [1, 2, 8, 128, 256, 512]) {
        const one = drawn(format, 1000, 5)
        const two = drawn(format, 1000 + distance, 6)
        for (let cut = 8; cut < format.bytes; cut += 8) {
          for (const [head, tail] of [
            [one, two],
            [two, one],
          ] as const) {
            const torn = tail.slice()
            torn.set(head.subarray(0, cut))
            if (verifyPattern(torn, format).ok) expect.fail(`cut ${cut} distance ${distance}`)
          }
        }
      }
    }
  })

  it('shows a single stale byte anywhere and says where', () => {
    for (const format of [
      picture('RGB3', 66, 65),
      picture('I420', 17, 9),
      resolveFormat(arrays[0]!),
    ]) {
      const now = drawn(format, 41, 1000.5)
      const stale = drawn(format, 40, 984.25)
      let differing = 0
      for (let i = 0; i < format.bytes; i++) {
        if (now[i] === stale[i]) continue
        differing++
        const torn = now.slice()
        torn[i] = stale[i] as number
        const { ok, firstBadByte } = verifyPattern(torn, format)
        if (ok || (i >= 24 && firstBadByte !== i)) expect.fail(`byte ${i}: ${firstBadByte}`)
        if (i < 24) expect(firstBadByte).toBe(0)
      }
      expect(differing).toBeGreaterThanOrEqual(format.bytes - 24)
    }
  })

  it('shows a row that belongs elsewhere', () => {
    const format = picture('RGB3', 100, 80)
    const frame = drawn(format, 3, 0)
    frame.copyWithin(40 * 300, 41 * 300, 42 * 300)
    expect(verifyPattern(frame, format)).toMatchObject({ ok: false, firstBadByte: 40 * 300 })
  })

  it('takes a released or shortened frame for a bad one', () => {
    const format = picture('GREY', 16, 16)
    expect(verifyPattern(new Uint8Array(0), format)).toMatchObject({ ok: false, firstBadByte: 0 })
    const short = drawn(format, 1, 1).subarray(0, 100)
    expect(verifyPattern(short, format)).toMatchObject({ ok: false, firstBadByte: 100 })
  })

  it('is the same for a format that came by another way', () => {
    const format = picture('BGR3', 20, 10)
    const again = resolveFormat(specOf(format))
    expect(verifyPattern(drawn(format, 5, 5), again).ok).toBe(true)
  })

  it('refuses what it cannot draw on', () => {
    const refusal = expect.objectContaining({ code: 'FORMAT_INVALID' }) as Error
    const tiny = resolveFormat({ dtype: 'uint8', shape: [31] })
    expect(() => drawn(tiny, 1, 1)).toThrow(refusal)
    expect(() => drawn(picture('MJPG', 640, 480), 1, 1)).toThrow(refusal)
  })
})
