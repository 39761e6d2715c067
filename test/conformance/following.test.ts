import { describe, expect, test } from 'vitest'
import { createWriter } from '../../src/index.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, testReader, testWriter, turn } from '../ring/fixtures.ts'

import { onBoth } from './transports.ts'

onBoth((ground) => {
  describe('a writer that dies', () => {
    test('is the error WRITER_DIED once everything it published was taken', async () => {
      const name = ringName()
      const mortal = await ground.mortal(name)
      const reader = testReader(name, { delivery: 'every', replay: 3 })
      await mortal.publish()
      await mortal.kill()
      for (const sequence of [1, 2, 3]) {
        using frame = await reader.next()
        expect(frame?.sequence).toBe(sequence)
        expect(frame?.data).toEqual(flat(sequence))
      }
      await expect(reader.next()).rejects.toEqual(failure('WRITER_DIED', /reconnect/))
      expect(() => reader.waitSync()).toThrow(failure('WRITER_DIED'))
      expect(() => reader.tryNext()).toThrow(failure('WRITER_DIED'))
      expect(() => testReader(name)).toThrow(failure('NOT_FOUND'))
      testWriter(SMALL, name)
    })

    test('wakes a reader that sleeps', async () => {
      const name = ringName()
      const mortal = await ground.mortal(name)
      const pending = testReader(name).next()
      await turn()
      await turn()
      await Promise.all([mortal.kill(), expect(pending).rejects.toEqual(failure('WRITER_DIED'))])
      testWriter(SMALL, name)
    })

    test.each(['next', 'waitSync'] as const)(
      'with reconnect is a gap, and the next session (%s)',
      async (how) => {
        const name = ringName()
        const mortal = await ground.mortal(name)
        const reader = testReader(name, { reconnect: true, delivery: 'every' })
        await mortal.publish()
        using first = await reader.next()
        using second = await reader.next()
        expect(second?.sequence).toBe(2)
        first?.release()
        // The third is left behind: a reader that finds it would take it. Killed before it looks.
        await mortal.kill()
        ;(await reader.next())?.release()
        const pending = how === 'next' ? reader.next() : undefined
        await turn()
        const writer = testWriter(SMALL, name)
        writer.write(flat(44))
        using frame = pending === undefined ? reader.waitSync() : await pending
        expect(frame).toMatchObject({ sequence: 1, data: flat(44), gap: 0 })
        expect(frame?.session).not.toBe(second?.session)
        // What was held of the dead one's ring is still there.
        expect(second?.data).toEqual(flat(2))
        expect(reader.stats()).toMatchObject({ attachments: 2, received: 4 })
      },
    )

    test('with reconnect: what was left behind is counted as lost by restart', async () => {
      const name = ringName()
      const mortal = await ground.mortal(name)
      const reader = testReader(name, { reconnect: true, maxLeases: 1 })
      await mortal.publish()
      {
        // While this one is held nothing more is taken, whatever comes.
        using held = await reader.next()
        expect(held?.sequence).toBe(3)
        await mortal.publish()
        await mortal.close()
      }
      // Ended cleanly with the sixth not taken: still to be had, and then the next session.
      using last = await reader.next()
      expect(last).toMatchObject({ sequence: 6, gap: 2 })
      last?.release()
      const writer = testWriter(SMALL, name)
      writer.write(flat(1))
      using frame = await reader.next()
      expect(frame).toMatchObject({ sequence: 1, gap: 0 })
    })
  })

  describe('a writer that ends', () => {
    test('with reconnect is followed by the next one, however often', async () => {
      const name = ringName()
      const reader = testReader(name, { reconnect: true, wait: true })
      for (let round = 1; round <= 5; round++) {
        const pending = reader.next()
        await turn()
        const writer = createWriter(name, SMALL)
        try {
          writer.write(flat(round))
          using frame = await pending
          expect(frame?.data).toEqual(flat(round))
        } finally {
          writer.close()
        }
        expect(reader.tryNext()).toBeNull()
        expect(reader.ended).toBe(false)
      }
      expect(reader.stats().attachments).toBe(5)
      expect(remains(name)).toEqual([])
    })

    test('after it made a larger ring, ends a reader that had not followed yet', () => {
      const writer = testWriter()
      const reader = testReader(writer)
      writer.write(flat(1))
      reader.tryNext()?.release()
      writer.setFormat({ dtype: 'uint8', shape: [9000] })
      writer.close()
      expect(reader.waitSync()).toBeNull()
      expect(reader.ended).toBe(true)
    })
  })
})
