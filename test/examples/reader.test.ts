import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createWriter, resolveFormat, specOf } from '../../src/index.ts'
import { fillPattern, verifyPattern } from '../../src/sources/index.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { compileExamples, endAll, startReader, startWriter } from './program.ts'

const format = resolveFormat({ format: { fourcc: 'RGB3', width: 160, height: 120 } })
const SMALL = ['--width', '160', '--height', '120', '--fps', '100']

beforeAll(compileExamples)
afterEach(endAll)

describe('the reader', () => {
  test('waits for a writer, and after its end for the next one', async () => {
    const ring = ringName()
    const reader = startReader(ring, '--delivery', 'every', '--verify')
    // Room for all of them: the reader may be as slow as it likes.
    const frames = ['--frames', '20', '--slots', '24']
    for (let i = 0; i < 2; i++) {
      const writer = startWriter(ring, ...SMALL, ...frames, '--wait-readers', '1')
      expect(await writer.ended).toBe(0)
    }
    await reader.line((line) => {
      const { received } = JSON.parse(line) as { received?: number }
      return received === 40 || undefined
    })
    reader.kill('SIGINT')
    expect(await reader.result()).toMatchObject({ received: 40, gaps: 0, torn: 0, done: true })
    expect(await reader.ended).toBe(0)
    expect(remains(ring)).toEqual([])
  })

  test('ends after the frames it was asked for', async () => {
    const ring = ringName()
    const writer = startWriter(ring, ...SMALL)
    const reader = startReader(ring, '--frames', '5', '--delivery', 'reliable')
    expect(await reader.result()).toMatchObject({ received: 5, done: true })
    writer.kill('SIGTERM')
    expect([await reader.ended, await writer.ended, remains(ring)]).toEqual([0, 0, []])
  })

  test('writes a snapshot that has every byte of a frame', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'framering-snapshot-'))
    try {
      const ring = ringName()
      startWriter(ring, ...SMALL)
      const file = join(folder, 'frame.png')
      expect(await startReader(ring, '--snapshot', file).ended).toBe(0)
      expect(verifyPattern(await sharp(file).raw().toBuffer(), format).ok).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test.each(['pattern', 'crc32'])('reports frames that were torn, found by %s', async (check) => {
    const ring = ringName()
    using writer = createWriter(ring, { ...specOf(format), info: { check } })
    const reader = startReader(ring, '--verify', '--once', '--delivery', 'every')
    while (writer.stats().readers === 0) await setTimeout(5)
    const frame = new Uint8Array(format.bytes)
    for (const sourceSequence of [1, 2, 3]) {
      fillPattern(frame, format, sourceSequence, 0)
      const user = [crc32(frame)]
      // One level in one channel of the last pixel.
      if (sourceSequence === 2) frame[frame.length - 1]! ^= 1
      writer.write(frame, { sourceSequence, user })
    }
    writer.close()
    expect(await reader.result()).toMatchObject({ received: 3, torn: 1, done: true })
    expect(await reader.ended).toBe(1)
  })

  test('says that it cannot verify what carries nothing to verify it by', async () => {
    const ring = ringName()
    using writer = createWriter(ring, specOf(format))
    writer.write(new Uint8Array(format.bytes))
    const reader = startReader(ring, '--verify')
    expect(await reader.ended).toBe(1)
    expect(reader.stderr.join('\n')).toContain(
      'start the writer with --source pattern or --checksum',
    )
  })
})
