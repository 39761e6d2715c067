import { config, firstValueFrom, map, share, take, toArray } from 'rxjs'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Frame } from '../../src/index.ts'
import { createWriter, frames, now } from '../../src/index.ts'
import { Intake } from '../../src/ring/intake.ts'
import { Peer } from '../support/peer.ts'
import { ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, testWriter, turn, until } from '../ring/fixtures.ts'

/** Subscribes, and tells what came. */
function record(name: string, options = {}, onFrame: (frame: Frame) => void = () => undefined) {
  const seen: number[] = []
  const log = { seen, completed: false, error: undefined as unknown }
  const subscription = frames(name, options).subscribe({
    next: (frame) => {
      seen.push(frame.sequence)
      onFrame(frame)
    },
    error: (error: unknown) => (log.error = error),
    complete: () => (log.completed = true),
  })
  onTestFinished(() => {
    subscription.unsubscribe()
  })
  return { seen, log, subscription }
}

/** Collects what RxJS reports as unhandled. */
function unhandled(): unknown[] {
  const reported: unknown[] = []
  config.onUnhandledError = (error) => reported.push(error)
  onTestFinished(() => {
    config.onUnhandledError = null
  })
  return reported
}

describe('frames', () => {
  test('lends each frame for the call of next, and no longer', async () => {
    const writer = testWriter()
    const views: Uint8Array[] = []
    const kept: Frame[] = []
    const { seen } = record(writer.name, { delivery: 'every' }, (frame) => {
      expect(frame.data).toEqual(flat(frame.sequence))
      views.push(frame.data)
      kept.push(frame)
      if (frame.sequence < 3) writer.write(flat(frame.sequence + 1))
    })
    writer.write(flat(1))
    await until(() => seen.length === 3)
    expect(seen).toEqual([1, 2, 3])
    expect(views.map((view) => view.length)).toEqual([0, 0, 0])
    expect(kept.map((frame) => frame.released)).toEqual([true, true, true])
  })

  test('is cold: nothing happens before a subscription, each has a reader of its own', async () => {
    const writer = testWriter()
    const source = frames(writer.name, { delivery: 'every' })
    expect(writer.stats().readers).toBe(0)
    const firsts = [source, source].map((stream) => firstValueFrom(stream.pipe(map((f) => f.seq))))
    expect(writer.stats().readers).toBe(2)
    writer.write(flat(1))
    expect(await Promise.all(firsts)).toEqual([1, 1])
    // firstValueFrom has unsubscribed, and that detaches.
    expect(writer.stats().readers).toBe(0)
  })

  test('gives the subscriber its subscription before the first frame', () => {
    const writer = testWriter()
    writer.write(flat(1))
    const { seen } = record(writer.name)
    expect(seen).toEqual([])
  })

  test('unsubscribing within next releases the frame and detaches', async () => {
    const writer = testWriter()
    writer.write(flat(1))
    writer.write(flat(2))
    let data: Uint8Array | undefined
    const seen = await firstValueFrom(
      frames(writer.name, { delivery: 'every', replay: 2 }).pipe(
        map((frame) => {
          data = frame.data
          return frame.sequence
        }),
        take(1),
        toArray(),
      ),
    )
    expect(seen).toEqual([1])
    await turn()
    expect(data?.length).toBe(0)
    expect(writer.stats().readers).toBe(0)
  })

  test('completes when the writer ends, with everything it published', async () => {
    const writer = testWriter()
    const { seen, log } = record(writer.name, { delivery: 'every' })
    for (let i = 1; i <= 5; i++) writer.write(flat(i))
    writer.close()
    await until(() => log.completed)
    expect(seen).toEqual([1, 2, 3, 4, 5])
  })

  test('errors with WRITER_DIED; with reconnect goes on with the next session', async () => {
    const name = ringName()
    const peer = new Peer(new URL('../processes/publisher.mjs', import.meta.url), { name })
    await peer.heard('open')
    const plain = record(name)
    const sessions = new Set<number>()
    const again = record(name, { reconnect: true }, (frame) => sessions.add(frame.session))
    peer.say('publish')
    await until(() => plain.seen.length > 0 && again.seen.at(-1) === 3)
    peer.kill()
    await peer.ended()
    await until(() => plain.log.error !== undefined)
    expect(plain.log.error).toEqual(failure('WRITER_DIED'))
    const writer = testWriter(SMALL, name)
    writer.write(flat(1))
    await until(() => sessions.size === 2)
    expect(again.seen.at(-1)).toBe(1)
    expect(again.log).toMatchObject({ completed: false, error: undefined })
    expect(writer.stats().readers).toBe(1)
  })

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

  test('errors with ABORTED when its signal is aborted, before or meanwhile', async () => {
    const writer = testWriter()
    const controller = new AbortController()
    const { log } = record(writer.name, { signal: controller.signal })
    await turn()
    expect(writer.stats().readers).toBe(1)
    controller.abort(new Error('enough'))
    await until(() => log.error !== undefined)
    expect(log.error).toEqual(failure('ABORTED'))
    expect((log.error as Error).cause).toEqual(new Error('enough'))
    expect(writer.stats().readers).toBe(0)
    const late = record(writer.name, { signal: controller.signal })
    expect(late.log.error).toEqual(failure('ABORTED'))
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

  test('a subscriber that throws is reported, its frame released; others go on', async () => {
    const reported = unhandled()
    const writer = testWriter({ ...SMALL, slots: 3 })
    const bad = record(writer.name, {}, () => {
      throw new Error('mine')
    })
    const good = record(writer.name)
    for (let i = 1; i <= 20; i++) {
      expect(writer.write(flat(i))).toBe(i)
      await until(() => good.seen.at(-1) === i && bad.seen.at(-1) === i)
    }
    expect(good.seen.length).toBe(20)
    await until(() => reported.length === 20)
    expect(reported[0]).toEqual(new Error('mine'))
    expect(good.log.error).toBeUndefined()
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
    setTimeout(() => (fired = true), 2)
    const { seen } = record(writer.name, { delivery: 'every' }, () => {
      // One more for each: there is never none.
      if (!fired) writer.write(flat(1))
    })
    writer.write(flat(1))
    await until(() => fired)
    expect(seen.length).toBeGreaterThan(1)
  })

  test('maxFps holds, and takes the newest', async () => {
    const writer = testWriter()
    const times: number[] = []
    const { seen } = record(writer.name, { maxFps: 100 }, () => times.push(now()))
    while (seen.length < 6) {
      writer.write(flat(1))
      await turn()
    }
    expect((times.at(-1) ?? NaN) - (times[0] ?? NaN)).toBeGreaterThan(47)
    expect(writer.sequence).toBeGreaterThan(20)
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

  test('can be shared: one reader, one lease, many subscribers', async () => {
    const writer = testWriter()
    const shared = frames(writer.name).pipe(
      map((frame) => frame.sequence),
      share(),
    )
    const both = [shared, shared].map((stream) => firstValueFrom(stream))
    expect(writer.stats().readers).toBe(1)
    writer.write(flat(1))
    expect(await Promise.all(both)).toEqual([1, 1])
  })
})
