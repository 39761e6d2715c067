import { describe, expect, test } from 'vitest'
import { frames, openReader } from '../../src/index.ts'
import { actor, crash } from '../support/actor.ts'
import { ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, testReader, testWriter, turn, until } from './fixtures.ts'

const observe = true

describe('an observer', { timeout: 120_000 }, () => {
  test('latest: the newest frame, what was passed over is skipped', () => {
    const writer = testWriter()
    const reader = testReader(writer, { observe })
    expect(reader.tryNext()).toBeNull()
    writer.write(flat(1))
    reader.tryNext()!.release()
    for (let value = 2; value <= 20; value++) writer.write(flat(value))
    using frame = reader.tryNext()
    expect(frame).toMatchObject({ sequence: 20, gap: 18, data: flat(20), lost: { skipped: 18 } })
    expect(reader.tryNext()).toBeNull()
  })

  test('every: in order, what was overrun is a gap', () => {
    const writer = testWriter({ ...SMALL, slots: 4 })
    const reader = testReader(writer, { observe, delivery: 'every' })
    writer.write(flat(1))
    reader.tryNext()!.release()
    for (let value = 2; value <= 10; value++) writer.write(flat(value))
    const got = Array.from({ length: 4 }, () => {
      using frame = reader.tryNext()!
      expect(frame.data).toEqual(flat(frame.sequence))
      return [frame.sequence, frame.gap, frame.lost.overrun]
    })
    expect(got).toEqual([
      [7, 5, 5],
      [8, 0, 0],
      [9, 0, 0],
      [10, 0, 0],
    ])
    expect(reader.tryNext()).toBeNull()
  })

  test.each([true, 0.5, 1, 20])('observe: %s finds frames by itself', async (observe) => {
    const writer = testWriter()
    const reader = testReader(writer, { observe })
    const coming = reader.next()
    await turn()
    writer.write(flat(1))
    ;(await coming)?.release()
    const found = reader.next()
    writer.write(flat(2))
    using frame = await found
    expect(frame).toMatchObject({ sequence: 2, gap: 0, data: flat(2) })
  })

  test.each([0, -1, NaN, 'often', null])('observe: %o is refused', (observe) => {
    const { name } = testWriter()
    expect(() => openReader(name, { observe: observe as never })).toThrow(
      failure('OPTION_INVALID', /observe/),
    )
  })

  test('cannot be reliable, nobody waits for whom he does not know', () => {
    const { name } = testWriter()
    expect(() => openReader(name, { observe, delivery: 'reliable' })).toThrow(
      failure('OPTION_INVALID', /observe|observer/),
    )
  })

  test('takes no entry, is not counted and not rung for', async () => {
    const writer = testWriter({ ...SMALL, maxReaders: 1 })
    const joined = testReader(writer)
    expect(() => testReader(writer)).toThrow(failure('READERS_EXHAUSTED'))
    testReader(writer, { observe })
    joined.close()
    const observers = Array.from({ length: 5 }, () => testReader(writer, { observe: 1 }))
    const coming = observers.map((reader) => reader.next())
    await turn()
    writer.write(flat(1))
    for (const one of coming) {
      using frame = await one
      expect(frame?.data).toEqual(flat(1))
    }
    expect(writer.stats()).toMatchObject({ readers: 0, bells: 0, waited: 0 })
  })

  test('that holds all it may never costs the writer a frame, nor its own frames a byte', () => {
    const writer = testWriter({ ...SMALL, slots: 2 })
    const reader = testReader(writer, { observe, delivery: 'every', maxLeases: 8 })
    const held = Array.from({ length: 8 }, (_, i) => {
      writer.write(flat(i + 1))
      return reader.tryNext()!
    })
    for (let value = 9; value <= 1000; value++) expect(writer.write(flat(value % 256))).toBe(value)
    for (const frame of held) {
      expect(frame.data).toEqual(flat(frame.sequence))
      frame.release()
    }
    expect(writer.stats()).toMatchObject({ dropped: 0, waited: 0, published: 1000 })
  })

  test('holds maxLeases frames and no more, until one is released', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { observe, delivery: 'every', maxLeases: 2 })
    for (const value of [1, 2, 3]) writer.write(flat(value))
    const first = reader.tryNext()!
    const second = reader.tryNext()!
    expect(reader.stats().leases).toBe(2)
    expect(() => reader.tryNext()).toThrow(failure('LEASES_EXHAUSTED', /maxLeases/))
    expect(() => reader.waitSync(0)).toThrow(failure('LEASES_EXHAUSTED'))
    await expect(reader.next()).rejects.toEqual(failure('LEASES_EXHAUSTED'))
    // Retained, it is one lease still.
    const again = first.retain()
    first.release()
    expect(() => reader.tryNext()).toThrow(failure('LEASES_EXHAUSTED'))
    expect(again.data).toEqual(flat(1))
    again.release()
    using third = reader.tryNext()!
    expect(third).toMatchObject({ sequence: 3, gap: 0, data: flat(3) })
    expect(second.data).toEqual(flat(2))
    second.release()
  })

  test('release takes the bytes out of reach', () => {
    const writer = testWriter()
    const reader = testReader(writer, { observe })
    writer.write(flat(1))
    const frame = reader.tryNext()!
    const { data } = frame
    data.fill(99)
    frame.release()
    expect(data).toHaveLength(0)
    expect(frame.data).toHaveLength(0)
    writer.write(flat(2))
    using next = reader.tryNext()!
    expect(next.data).toEqual(flat(2))
  })

  test('reads by waitSync, by for await and by frames() to the end', async () => {
    const writer = testWriter()
    const sync = testReader(writer, { observe: 1, delivery: 'every' })
    const iterated = testReader(writer, { observe: 1, delivery: 'every' })
    const emitted: number[] = []
    let complete = false
    frames(writer.name, { observe: 1, delivery: 'every' }).subscribe({
      next: ({ data }) => emitted.push(data[15]!),
      complete: () => (complete = true),
    })
    for (const value of [1, 2, 3]) writer.write(flat(value))
    for (const value of [1, 2, 3]) {
      using frame = sync.waitSync()
      expect(frame?.data).toEqual(flat(value))
    }
    expect(sync.waitSync(5)).toBeNull()
    await until(() => emitted.length === 3)
    const seen: number[] = []
    for await (const { data } of iterated) {
      seen.push(data[0]!)
      if (seen.length === 3) writer.close()
    }
    await until(() => complete)
    expect(seen).toEqual([1, 2, 3])
    expect(emitted).toEqual([1, 2, 3])
    expect(sync.waitSync()).toBeNull()
    expect(sync.ended).toBe(true)
  })

  test('waits for a ring that is not there yet, as long as it was told', async () => {
    const name = ringName()
    expect(() => testReader(name, { observe })).toThrow(failure('NOT_FOUND'))
    const late = testReader(name, { observe, wait: 10 })
    await expect(late.next()).rejects.toEqual(failure('NOT_FOUND'))
    const reader = testReader(name, { observe, wait: true })
    const coming = reader.next()
    await turn()
    testWriter(SMALL, name).write(flat(1))
    using frame = await coming
    expect(frame?.data).toEqual(flat(1))
  })

  test('maxFps takes no more frames than that, and no stale one', () => {
    const writer = testWriter()
    // One in more time than this test ever takes.
    const reader = testReader(writer, { observe, maxFps: 0.001 })
    writer.write(flat(1))
    using first = reader.waitSync()
    expect(first?.sequence).toBe(1)
    for (let value = 2; value <= 50; value++) {
      writer.write(flat(value))
      expect(reader.tryNext()).toBeNull()
    }
    expect(reader.stats().received).toBe(1)
  })

  test.each(['next', 'waitSync'] as const)(
    'wakes when the writer dies, and with reconnect goes on with the next one (%s)',
    async (how) => {
      const name = ringName()
      const options = { observe: 1, delivery: 'every' } as const
      const dying = await actor()
      await dying.does('create', { name, options: SMALL })
      const reader = testReader(name, options)
      const faithful = testReader(name, { ...options, reconnect: true })
      await dying.does('write', { frames: 3 })
      for (const one of [reader, faithful]) {
        for (const sequence of [1, 2]) {
          using frame = await one.next()
          expect(frame).toMatchObject({ sequence, data: flat(sequence) })
        }
      }
      // Held beyond the death of the ring it came from.
      using third = await faithful.next()
      using last = await reader.next()
      expect(last?.sequence).toBe(3)
      const died = how === 'next' ? reader.next() : undefined
      const next = how === 'next' ? faithful.next() : undefined
      died?.catch(() => undefined)
      await turn()
      await crash(dying)
      if (died !== undefined) await expect(died).rejects.toEqual(failure('WRITER_DIED'))
      else expect(() => reader.waitSync()).toThrow(failure('WRITER_DIED', /reconnect/))
      const writer = testWriter(SMALL, name)
      writer.write(flat(77))
      using frame = next === undefined ? faithful.waitSync() : await next
      expect(frame).toMatchObject({ sequence: 1, gap: 0, data: flat(77) })
      expect(frame?.session).not.toBe(third?.session)
      expect(third?.data).toEqual(flat(3))
    },
  )

  test('follows into a larger ring, with the frames of the smaller one first', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { observe: 1, delivery: 'every' })
    writer.write(flat(1))
    writer.setFormat({ dtype: 'uint8', shape: [9000] }, { larger: true })
    writer.write(flat(2, 9000))
    using small = await reader.next()
    using large = await reader.next()
    expect(small).toMatchObject({ sequence: 1, data: flat(1) })
    expect(large).toMatchObject({ sequence: 2, gap: 0, info: { larger: true } })
    expect(large?.data).toEqual(flat(2, 9000))
  })

  test('that holds a frame when it closes keeps it', () => {
    const writer = testWriter()
    const reader = testReader(writer, { observe })
    writer.write(flat(1))
    using frame = reader.tryNext()!
    reader.close()
    writer.close()
    expect(frame.data).toEqual(flat(1))
  })
})
