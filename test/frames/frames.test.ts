import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Frame } from '../../src/index.ts'
import { createWriter } from '../../src/index.ts'
import { Intake } from '../../src/ring/intake.ts'
import { Peer } from '../support/peer.ts'
import { ringName } from '../support/ring-name.ts'
import { record } from './record.ts'
import { failure, flat, SMALL, testWriter, turn, until } from '../ring/fixtures.ts'

describe('frames', () => {
  test('with wait, may be there before the writer', async () => {
    const name = ringName()
    const early = record(name, { wait: true })
    const late = record(name, { wait: 30 })
    const never = record(name)
    expect(never.log.error).toEqual(failure('NOT_FOUND'))
    await until(() => late.log.error !== undefined)
    expect(late.log.error).toEqual(failure('NOT_FOUND'))
    const writer = testWriter(SMALL, name)
    writer.write(flat(1))
    await until(() => early.seen.length === 1)
  })

  test('waits by looking where there is nothing to watch', async () => {
    const { mkdirSync, rmSync } = await import('node:fs')
    const directory = `/dev/shm/${ringName()}`
    const early = record('front', { wait: true, directory })
    await turn()
    mkdirSync(directory)
    onTestFinished(() => {
      rmSync(directory, { recursive: true })
    })
    const writer = testWriter({ ...SMALL, directory })
    const named = createWriter('front', { ...SMALL, directory })
    named.write(flat(1))
    await until(() => early.seen.length === 1)
    named.close()
    writer.close()
    await until(() => early.log.completed)
  })

  test('leaves the ring when it cannot be woken, and says why', () => {
    const writer = testWriter()
    const listen = vi.spyOn(Intake.prototype, 'listen').mockImplementationOnce(() => {
      throw new Error('no descriptors left')
    })
    onTestFinished(() => {
      listen.mockRestore()
    })
    const { log } = record(writer.name)
    expect(log.error).toEqual(new Error('no descriptors left'))
    expect(writer.stats().readers).toBe(0)
  })

  test('stands still while all leases are retained, warns once, goes on with the newest', async () => {
    const warnings: string[] = []
    const listener = (warning: Error & { code?: string }): void => {
      warnings.push(warning.code ?? '')
    }
    process.on('warning', listener)
    onTestFinished(() => {
      process.off('warning', listener)
    })
    const writer = testWriter()
    const kept: Frame[] = []
    const { seen } = record(writer.name, { maxLeases: 2 }, (frame) => {
      if (kept.length < 2) kept.push(frame.retain())
    })
    for (let i = 1; i <= 5; i++) {
      writer.write(flat(i))
      await turn()
      await turn()
    }
    await until(() => warnings.length > 0)
    expect(seen).toEqual([1, 2])
    expect(kept.map((frame) => frame.data)).toEqual([flat(1), flat(2)])
    kept[0]?.release()
    await until(() => seen.length === 3)
    expect(seen).toEqual([1, 2, 5])
    kept[1]?.release()
    expect(warnings).toEqual(['FRAMERING_LEASES_EXHAUSTED'])
  })

  test('lets the event loop turn however fast the frames come', async () => {
    const writer = testWriter()
    let fired = false
    const { seen } = record(writer.name, { delivery: 'every' }, ({ sequence }) => {
      if (sequence === 1) setTimeout(() => (fired = true), 2)
      // One more for each: there is never none.
      if (!fired) writer.write(flat(1))
    })
    writer.write(flat(1))
    await until(() => fired && seen.length > 1)
  })

  test('maxFps holds, and takes the newest', async () => {
    const writer = testWriter()
    const times: number[] = []
    const { seen } = record(writer.name, { maxFps: 100 }, ({ receiveTime }) =>
      times.push(receiveTime),
    )
    while (seen.length < 6) {
      writer.write(flat(1))
      await turn()
    }
    // Five periods of 10 ms, less a tenth of one.
    expect((times.at(-1) ?? NaN) - (times[0] ?? NaN)).toBeGreaterThanOrEqual(48.9)
    expect(writer.sequence).toBeGreaterThan(6)
  })

  test('deadline tells of silence', async () => {
    const writer = testWriter()
    const misses: number[] = []
    const { subscription } = record(writer.name, {
      deadline: 10,
      onDeadline: ({ since }: { since: number }) => misses.push(since),
    })
    await until(() => misses.length === 1)
    expect(misses[0]).toBeGreaterThanOrEqual(10)
    subscription.unsubscribe()
  })

  test('a subscription keeps the process alive, and nothing does after it', async () => {
    const writer = testWriter()
    const peer = new Peer(new URL('../processes/subscriber.mjs', import.meta.url), {
      name: writer.name,
    })
    await peer.heard('ready')
    writer.write(flat(1))
    expect(await peer.heard('frame')).toMatchObject({ sequence: 1 })
    expect(await peer.ended()).toEqual({ code: 0, signal: null })
  })
})
