import { describe, expect, test } from 'vitest'
import { now } from '../../src/index.ts'
import { flat, testReader, testWriter, turn } from './fixtures.ts'

/** Publishes in every turn of the event loop until stopped. */
function stream(writer: { write(data: Uint8Array): number }): { stop(): void } {
  let going = true
  const step = (): void => {
    if (!going) return
    writer.write(flat(1))
    setImmediate(step)
  }
  step()
  return { stop: () => (going = false) }
}

describe('maxFps', () => {
  test('takes no frame before its time, and then the newest', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { maxFps: 50 })
    const source = stream(writer)
    const times: number[] = []
    for (let i = 0; i < 6; i++) {
      using frame = await reader.next()
      times.push(frame!.receiveTime)
      expect(frame?.gap).toBe(frame?.lost.skipped)
      expect(writer.sequence - (frame?.sequence ?? 0)).toBeLessThanOrEqual(1)
    }
    source.stop()
    // Five periods of 20 ms, less a tenth of one: by the frames' own times, as this thread may have been
    // kept from looking at the clock.
    expect((times.at(-1) ?? NaN) - (times[0] ?? NaN)).toBeGreaterThanOrEqual(97.9)
    expect(reader.stats().lost.skipped).toBeGreaterThan(0)
  })

  test('leases nothing meanwhile, and does not have itself woken', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { maxFps: 1 })
    writer.write(flat(1))
    ;(await reader.next())?.release()
    const pending = reader.next({ timeout: 60 })
    await turn()
    await turn()
    const { bells } = writer.stats()
    for (let i = 0; i < 50; i++) writer.write(flat(2))
    await turn()
    expect(reader.tryNext()).toBeNull()
    expect(await pending).toBeNull()
    expect(writer.stats().bells).toBe(bells)
    expect(reader.stats()).toMatchObject({ received: 1, leases: 0 })
  })

  test('gives the last frame of a source that stopped', async () => {
    const writer = testWriter()
    const reader = testReader(writer, { maxFps: 50 })
    writer.write(flat(1))
    ;(await reader.next())?.release()
    // Before it is due, and nothing comes after it.
    writer.write(flat(2))
    using frame = await reader.next()
    expect(frame?.sequence).toBe(2)
  })

  test('holds for a thread that blocks', () => {
    const writer = testWriter()
    const reader = testReader(writer, { maxFps: 2 })
    writer.write(flat(1))
    using first = reader.waitSync()!
    writer.write(flat(2))
    expect(reader.waitSync(5)).toBeNull()
    using frame = reader.waitSync()!
    expect(frame.sequence).toBe(2)
    expect(frame.receiveTime - first.receiveTime).toBeGreaterThanOrEqual(496.9)
  })
})

describe('maxAge', () => {
  test('passes over frames published too long ago, and counts them as skipped', () => {
    const writer = testWriter()
    const reader = testReader(writer, { maxAge: 250, delivery: 'every' })
    writer.write(flat(1))
    reader.tryNext()?.release()
    writer.write(flat(2))
    writer.write(flat(3))
    const until = now() + 251
    while (now() < until);
    expect(reader.tryNext()).toBeNull()
    writer.write(flat(4))
    using frame = reader.tryNext()
    expect(frame).toMatchObject({ sequence: 4, gap: 2, lost: { skipped: 2, overrun: 0 } })
  })
})

describe('deadline', () => {
  test('is told once per silence, with how long it has been', async () => {
    const writer = testWriter()
    const misses: number[] = []
    const reader = testReader(writer, {
      deadline: 20,
      onDeadline: ({ since }) => misses.push(since),
    })
    writer.write(flat(1))
    ;(await reader.next())?.release()
    // The first frame may have been late as well.
    misses.length = 0
    expect(await reader.next({ timeout: 90 })).toBeNull()
    expect(misses.length).toBe(1)
    expect(misses[0]).toBeGreaterThanOrEqual(20)
    writer.write(flat(2))
    ;(await reader.next())?.release()
    expect(await reader.next({ timeout: 90 })).toBeNull()
    expect(misses.length).toBe(2)
  })

  test('is told to a thread that blocks', () => {
    const misses: number[] = []
    const reader = testReader(testWriter(), {
      deadline: 400,
      onDeadline: ({ since }) => misses.push(since),
    })
    expect(reader.waitSync(20)).toBeNull()
    expect(misses).toEqual([])
    expect(reader.waitSync(900)).toBeNull()
    expect(misses.length).toBe(1)
  })

  test('a callback that throws comes out where it was called, and the reader goes on', () => {
    const writer = testWriter()
    const reader = testReader(writer, {
      deadline: 400,
      onDeadline: () => {
        throw new Error('mine')
      },
    })
    expect(reader.waitSync(0)).toBeNull()
    expect(() => reader.waitSync(10_000)).toThrow('mine')
    writer.write(flat(1))
    using frame = reader.waitSync()
    expect(frame?.sequence).toBe(1)
  })
})
