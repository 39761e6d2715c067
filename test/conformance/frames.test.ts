import { config, firstValueFrom, map, share, take, toArray } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Frame } from '../../src/index.ts'
import { frames } from '../../src/index.ts'
import { record } from '../frames/record.ts'
import { failure, flat, SMALL, testWriter, turn, until } from '../ring/fixtures.ts'
import { ringName } from '../support/ring-name.ts'
import { onBoth } from './transports.ts'

/** Collects what RxJS reports as unhandled. */
function unhandled(): unknown[] {
  const reported: unknown[] = []
  config.onUnhandledError = (error) => reported.push(error)
  onTestFinished(() => {
    config.onUnhandledError = null
  })
  return reported
}

onBoth((ground) => {
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
      const firsts = [source, source].map((stream) =>
        firstValueFrom(stream.pipe(map((f) => f.seq))),
      )
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
      const mortal = await ground.mortal(name)
      const plain = record(name)
      const sessions = new Set<number>()
      const again = record(name, { reconnect: true }, (frame) => sessions.add(frame.session))
      await mortal.publish()
      await until(() => plain.seen.length > 0 && again.seen.at(-1) === 3)
      await mortal.kill()
      await until(() => plain.log.error !== undefined)
      expect(plain.log.error).toEqual(failure('WRITER_DIED'))
      const writer = testWriter(SMALL, name)
      writer.write(flat(1))
      await until(() => sessions.size === 2)
      expect(again.seen.at(-1)).toBe(1)
      expect(again.log).toMatchObject({ completed: false, error: undefined })
      expect(writer.stats().readers).toBe(1)
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
})
