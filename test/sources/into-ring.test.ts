import { describe, expect, it } from 'vitest'
import { specOf } from '../../src/format/index.ts'
import { createWriter, openReader } from '../../src/ring/index.ts'
import { ffmpeg, type Source, testPattern, verifyPattern } from '../../src/sources/index.ts'
import { hasFfmpeg } from '../support/tools.ts'

let rings = 0
const ringName = (): string => `test-sources-${process.pid}-${rings++}`
const lavfi = (input: string): Promise<Source> => ffmpeg({ input, inputOptions: ['-f', 'lavfi'] })

describe('a source that fills the slots of a ring', () => {
  it('delivers frames of which every byte belongs to the frame', async () => {
    const source = testPattern({ width: 320, height: 240, frames: 400 })
    const name = ringName()
    using writer = createWriter(name, specOf(source.format))
    using reader = openReader(name, { delivery: 'every' })
    const pump = source.pump(writer).then(({ published }) => {
      writer.close()
      return published
    })
    let received = 0
    let last = 0
    for await (const frame of reader) {
      const check = verifyPattern(frame.data, frame.format)
      expect(check).toMatchObject({ ok: true, sequence: frame.sourceSequence })
      expect(check.time).toBeCloseTo(frame.captureTime, 5)
      expect(frame.captureMoment).toBe('exposure-start')
      received++
      last = frame.sequence
    }
    expect(await pump).toBe(400)
    expect(last).toBe(400)
    expect(received).toBeGreaterThan(1)
  })

  it.skipIf(!hasFfmpeg)(
    'brings what ffmpeg writes to a reader, and abandons at most the frame it was in',
    async () => {
      await using source = await lavfi('color=gray:size=64x64:rate=25,format=rgb24')
      const name = ringName()
      using writer = createWriter(name, specOf(source.format))
      using reader = openReader(name)
      const stop = new AbortController()
      const pump = source.pump(writer, { signal: stop.signal })
      const frame = await reader.next()
      expect(frame?.array.shape).toEqual([64, 64, 3])
      expect(new Set(frame?.data)).toEqual(new Set([128]))
      frame?.release()
      stop.abort()
      const { published, dropped } = await pump
      expect(writer.sequence).toBe(published + dropped)
      expect(writer.stats().abandoned).toBeLessThanOrEqual(1)
    },
  )

  it.skipIf(!hasFfmpeg)(
    'ends with an error, and no worse, when the writer is closed underneath it',
    async () => {
      await using source = await lavfi('color=gray:size=640x480:rate=25,format=rgb24')
      const writer = createWriter(ringName(), specOf(source.format))
      const pump = source.pump(writer)
      while (writer.sequence < 5) await new Promise(setImmediate)
      writer.close()
      await expect(pump).rejects.toMatchObject({ code: 'CLOSED' })
    },
  )
})
