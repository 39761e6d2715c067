import { describe, expect, test } from 'vitest'
import { failure, flat, SMALL, testReader, testWriter, turn } from '../ring/fixtures.ts'
import { ringName } from '../support/ring-name.ts'
import { onBoth } from './transports.ts'

onBoth((ground) => {
  describe('delivery', () => {
    test('latest: the newest frame, what was passed over is skipped', () => {
      const writer = testWriter()
      const reader = testReader(writer)
      for (let i = 1; i <= 5; i++) writer.write(flat(i))
      {
        using frame = reader.tryNext()
        expect(frame).toMatchObject({ sequence: 5, seq: 5, gap: 0 })
      }
      for (let i = 6; i <= 8; i++) writer.write(flat(i))
      using frame = reader.tryNext()
      expect(frame).toMatchObject({ sequence: 8, gap: 2, lost: { skipped: 2, overrun: 0 } })
      expect(reader.tryNext()).toBeNull()
    })

    test('every: in order, what was overrun is a gap', () => {
      const writer = testWriter({ ...SMALL, slots: 4 })
      const reader = testReader(writer, { delivery: 'every' })
      writer.write(flat(1))
      reader.tryNext()?.release()
      for (let i = 2; i <= 21; i++) writer.write(flat(i))
      const seen: number[] = []
      let lost = 0
      for (let frame = reader.tryNext(); frame !== null; frame = reader.tryNext()) {
        expect(frame.data).toEqual(flat(frame.sequence))
        seen.push(frame.sequence)
        lost += frame.lost.overrun
        expect(frame.gap).toBe(frame.lost.overrun)
        frame.release()
      }
      expect(seen.at(-1)).toBe(21)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
      expect(seen.length).toBeGreaterThanOrEqual(3)
      expect(seen.length + lost).toBe(20)
      expect(reader.stats()).toMatchObject({
        received: seen.length + 1,
        gaps: lost,
        lost: { overrun: lost },
        sequence: 21,
        leases: 0,
      })
    })

    test('reliable: a reader that left does not lag, nor does the one that comes after it', () => {
      const writer = testWriter({ ...SMALL, slots: 2 })
      const options = { delivery: 'reliable', reliableWait: 0 } as const
      const reader = testReader(writer, options)
      for (let i = 1; i <= 3; i++) writer.write(flat(i))
      expect(writer.stats().lagging).toBe(1)
      reader.close()
      expect(writer.stats()).toMatchObject({ lagging: 0, readers: 0 })
      testReader(writer, options)
      expect(writer.stats()).toMatchObject({ lagging: 0, readers: 1 })
    })

    test('a late joiner gets the newest frame at once, the last n on request, or only new ones', () => {
      const writer = testWriter()
      for (let i = 1; i <= 6; i++) writer.write(flat(i))
      const first = (options: object): number | undefined => {
        using frame = testReader(writer, options).tryNext()
        expect(frame?.gap ?? 0).toBe(0)
        return frame?.sequence
      }
      expect(first({})).toBe(6)
      expect(first({ delivery: 'every' })).toBe(6)
      expect(first({ delivery: 'every', replay: 3 })).toBe(4)
      expect(first({ delivery: 'every', replay: 1000 })).toBeLessThanOrEqual(2)
      expect(first({ delivery: 'every', replay: 0 })).toBeUndefined()
      expect(first({ replay: 0 })).toBeUndefined()
    })
  })

  describe('next', () => {
    test('resolves with a frame that is there, with one that comes, with null at the end', async () => {
      const writer = testWriter()
      const reader = testReader(writer)
      writer.write(flat(1))
      {
        using frame = await reader.next()
        expect(frame?.sequence).toBe(1)
      }
      const pending = reader.next()
      await turn()
      writer.write(flat(2))
      {
        using frame = await pending
        expect(frame?.sequence).toBe(2)
      }
      const last = reader.next()
      await turn()
      writer.close()
      expect(await last).toBeNull()
      expect(reader.ended).toBe(true)
      expect(await reader.next()).toBeNull()
    })

    test('serves several at a time in the order they asked', async () => {
      const writer = testWriter()
      const reader = testReader(writer, { delivery: 'every', maxLeases: 3 })
      const pending = [reader.next(), reader.next(), reader.next()]
      await turn()
      for (let i = 1; i <= 3; i++) writer.write(flat(i))
      const got = await Promise.all(pending)
      expect(got.map((frame) => frame?.sequence)).toEqual([1, 2, 3])
      for (const frame of got) frame?.release()
    })

    test('is woken though the reader was asked in other ways meanwhile', async () => {
      const writer = testWriter()
      writer.write(flat(1))
      const reader = testReader(writer, { replay: 0 })
      const pending = reader.next()
      await turn()
      await turn()
      expect(reader.tryNext()).toBeNull()
      expect(reader.waitSync(1)).toBeNull()
      writer.write(flat(2))
      using frame = await pending
      expect(frame?.sequence).toBe(2)
    })

    test('rejects with ABORTED by its own signal and by the reader’s', async () => {
      const writer = testWriter()
      const whole = new AbortController()
      const reader = testReader(writer, { signal: whole.signal })
      const one = new AbortController()
      const pending = reader.next({ signal: one.signal })
      one.abort('enough')
      await expect(pending).rejects.toEqual(failure('ABORTED'))
      await expect(reader.next({ signal: AbortSignal.abort() })).rejects.toEqual(failure('ABORTED'))
      // Only that one call is over.
      writer.write(flat(1))
      ;(await reader.next())?.release()
      const last = reader.next()
      whole.abort()
      await expect(last).rejects.toEqual(failure('ABORTED'))
      expect(() => reader.tryNext()).toThrow(failure('ABORTED'))
      expect(writer.stats().readers).toBe(0)
      expect(() => testReader(writer, { signal: whole.signal })).toThrow(failure('ABORTED'))
    })

    test('resolves with null when the reader is closed meanwhile', async () => {
      const reader = testReader(testWriter())
      const pending = [reader.next(), reader.next()]
      await turn()
      reader.close()
      expect(await Promise.all(pending)).toEqual([null, null])
    })

    test('rejects when all leases are held, and when a ring does not appear in time', async () => {
      const writer = testWriter()
      const reader = testReader(writer, { maxLeases: 1 })
      writer.write(flat(1))
      using held = await reader.next()
      writer.write(flat(2))
      await expect(reader.next()).rejects.toEqual(failure('LEASES_EXHAUSTED'))
      expect(held?.data).toEqual(flat(1))
      const missing = testReader(ringName(), { wait: 20 }).next()
      await ground.settled(missing)
      await expect(missing).rejects.toEqual(failure('NOT_FOUND'))
    })

    test('gets frames of a ring that appears later', async () => {
      const name = ringName()
      const reader = testReader(name, { wait: 20_000 })
      const pending = reader.next()
      await turn()
      await turn()
      testWriter(SMALL, name).write(flat(6))
      using frame = await pending
      expect(frame?.data).toEqual(flat(6))
    })
  })

  describe('for await', () => {
    test('lends each frame until the next turn, and closes the reader at the end', async () => {
      const writer = testWriter()
      const reader = testReader(writer, { delivery: 'every' })
      let before: Uint8Array | undefined
      const seen: number[] = []
      writer.write(flat(1))
      for await (const frame of reader) {
        expect(before?.length ?? 0).toBe(0)
        before = frame.data
        expect(before).toEqual(flat(frame.sequence))
        seen.push(frame.sequence)
        if (seen.length < 4) writer.write(flat(frame.sequence + 1))
        else writer.close()
      }
      expect(seen).toEqual([1, 2, 3, 4])
      expect(before?.length).toBe(0)
      expect(() => reader.tryNext()).toThrow(failure('CLOSED'))
    })

    test.each(['break', 'throw'])('%s releases the frame and closes the reader', async (how) => {
      const writer = testWriter()
      const reader = testReader(writer)
      writer.write(flat(1))
      let data: Uint8Array | undefined
      const loop = async (): Promise<void> => {
        for await (const frame of reader) {
          data = frame.data
          if (how === 'throw') throw new Error('mine')
          break
        }
      }
      if (how === 'throw') await expect(loop()).rejects.toThrow('mine')
      else await loop()
      expect(data?.length).toBe(0)
      expect(writer.stats().readers).toBe(0)
    })

    test('return() ends a step that is pending', async () => {
      const iterator = testReader(testWriter())[Symbol.asyncIterator]()
      const step = iterator.next()
      await turn()
      expect(await iterator.return?.()).toEqual({ done: true, value: undefined })
      expect(await step).toEqual({ done: true, value: undefined })
      expect(await iterator.next()).toEqual({ done: true, value: undefined })
    })

    test('throws what ends the stream, and closes the reader', async () => {
      const writer = testWriter()
      const controller = new AbortController()
      const reader = testReader(writer, { signal: controller.signal })
      writer.write(flat(1))
      const loop = async (): Promise<void> => {
        for await (const frame of reader) {
          expect(frame.sequence).toBe(1)
          controller.abort()
        }
      }
      await expect(loop()).rejects.toEqual(failure('ABORTED'))
      expect(writer.stats().readers).toBe(0)
    })
  })

  describe('close', () => {
    test('`using` and `await using` leave the ring', async () => {
      const writer = testWriter()
      {
        using reader = testReader(writer)
        expect(reader.stats()).toMatchObject({ attached: true, attachments: 1 })
        await using other = testReader(writer)
        expect(other.name).toBe(writer.name)
        expect(writer.stats().readers).toBe(2)
      }
      expect(writer.stats().readers).toBe(0)
    })

    test('frames that are held stay valid; the reader leaves with the last', () => {
      const writer = testWriter()
      const reader = testReader(writer, { delivery: 'every', replay: 2 })
      writer.write(flat(1))
      writer.write(flat(2))
      const [first, second] = [reader.tryNext(), reader.tryNext()]
      reader.close()
      for (let i = 0; i < 20; i++) writer.write(flat(9))
      expect(first?.data).toEqual(flat(1))
      first?.release()
      expect(writer.stats().readers).toBe(1)
      expect(second?.data).toEqual(flat(2))
      second?.release()
      expect(writer.stats().readers).toBe(0)
    })
  })
})
