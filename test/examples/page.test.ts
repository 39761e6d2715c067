import { once } from 'node:events'
import { get } from 'node:http'
import sharp from 'sharp'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLivePage } from '../../examples/reader/live-page.ts'
import { resolveFormat } from '../../src/format/index.ts'
import { fillPattern, verifyPattern } from '../../src/sources/index.ts'
import { Multipart } from './multipart.ts'
import { ringName } from '../support/ring-name.ts'
import { compileExamples, endAll, startReader, startWriter } from './program.ts'

const format = resolveFormat({ format: { fourcc: 'RGB3', width: 320, height: 240 } })
const SEQUENCE_BYTES = 24 // of the pattern, which JPEG cannot keep

beforeAll(compileExamples)
afterEach(endAll)

describe('the live page of a reader', () => {
  let url: string

  beforeEach(async () => {
    const ring = ringName()
    startWriter(ring, '--width', '320', '--height', '240')
    const reader = startReader(ring, '--serve', '--port', '0')
    url = await reader.line((line) => (JSON.parse(line) as { url?: string }).url)
  })

  test('streams each frame as a JPEG of that frame', async () => {
    const stream = new Multipart(await fetch(`${url}stream.mjpg`))
    for (let i = 0; i < 5; i++) {
      const { headers, body } = await stream.next()
      expect(headers.get('content-type')).toBe('image/jpeg')
      const sequence = Number(headers.get('x-sequence'))
      const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true })
      expect([info.width, info.height, info.channels]).toEqual([320, 240, 3])
      const off = [-1, 0, 1].map((step) => difference(data, sequence + step))
      expect(off[1]).toBeLessThan(8)
      expect(off[1]).toBeLessThan(Math.min(off[0] ?? 0, off[2] ?? 0))
    }
    await stream.cancel()
  })

  test('gives a snapshot that has every byte of a frame', async () => {
    const response = await fetch(`${url}snapshot.png`)
    const pixels = await sharp(await response.arrayBuffer())
      .raw()
      .toBuffer()
    const { ok, sequence } = verifyPattern(pixels, format)
    expect(ok).toBe(true)
    expect(sequence).toBe(Number(response.headers.get('x-sequence')))
  })

  test('shows the figures of its reader', async () => {
    const html = await (await fetch(url)).text()
    expect(html).toContain('<img src="/stream.mjpg"')
    const stats = (await (await fetch(`${url}stats.json`)).json()) as Record<string, unknown>
    expect(stats).toMatchObject({
      delivery: 'latest',
      viewers: 0,
      gaps: expect.any(Number) as number,
    })
  })

  test('does not answer to a foreign host name', async () => {
    const request = get(`${url}snapshot.png`, { headers: { host: 'rebound.example' } })
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    expect(response.statusCode).toBe(403)
  })
})

test('a browser that does not read holds up no other, and nothing piles up for it', async () => {
  const bytes = Buffer.alloc(4_000_000)
  let taken = 0
  const pictures = { next: () => Promise.resolve({ sequence: ++taken, bytes }) }
  await using page = await openLivePage(pictures, () => ({}), 0)
  const stalled = get(`${page.url}stream.mjpg`)
  await once(stalled, 'response')
  const stream = new Multipart(await fetch(`${page.url}stream.mjpg`))
  for (let i = 0; i < 20; i++) await stream.next()
  // What the kernel's buffers hold, and one more; the reading browser has one under way as well.
  expect(taken).toBeLessThan(20 + 6)
  stalled.destroy()
  await stream.cancel()
})

/** Mean difference, in levels, between a picture and frame `sequence` of the pattern. */
function difference(pixels: Buffer, sequence: number): number {
  const expected = new Uint8Array(format.bytes)
  fillPattern(expected, format, sequence, 0)
  let sum = 0
  for (let i = SEQUENCE_BYTES; i < expected.length; i++) {
    sum += Math.abs((expected[i] ?? 0) - (pixels[i] ?? 0))
  }
  return sum / expected.length
}
