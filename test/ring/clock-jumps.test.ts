import { describe, expect, test } from 'vitest'
import { ringName } from '../support/ring-name.ts'
import { ShiftedClock } from '../support/shifted-clock.ts'
import { hasFaketime } from '../support/tools.ts'
import { SMALL } from './fixtures.ts'

const HOUR = 3600
/** ms: far more than any step of these tests takes, far less than the clock jumps. */
const LONG = 1_200_000

async function ring(options = {}) {
  const name = ringName()
  const clock = new ShiftedClock()
  const writer = await clock.actor()
  const reader = await clock.actor()
  await writer.does('create', { name, options: SMALL })
  await reader.does('open', { name, options: { delivery: 'every', ...options } })
  const jump = async (hours: number): Promise<void> => {
    clock.set(hours * HOUR)
    for (const one of [writer, reader]) {
      const { realtime } = await one.does('clock')
      expect(Math.abs(realtime - Date.now() - hours * HOUR * 1000)).toBeLessThan(LONG)
    }
  }
  return { writer, reader, clock, jump }
}

describe.runIf(hasFaketime)(
  'the machine’s clock, set forward and back by an hour',
  { timeout: 120_000 },
  () => {
    test.each([1, -1])('ages no frame for maxAge (%d h)', async (hours) => {
      const { writer, reader, jump } = await ring({ maxAge: LONG })
      await writer.does('write')
      await jump(hours)
      expect(await reader.does('take')).toMatchObject({ sequence: 1, whole: true })
      await writer.does('write')
      await jump(0)
      expect(await reader.does('take')).toMatchObject({ sequence: 2, gap: 0 })
    })

    test.each([1, -1])('is no silence for onDeadline (%d h)', async (hours) => {
      const { writer, reader, jump } = await ring({ deadline: LONG })
      const first = reader.does('next')
      await jump(hours)
      await writer.does('write')
      expect(await first).toMatchObject({ sequence: 1 })
      await jump(0)
      await writer.does('write')
      expect(await reader.does('waitSync')).toMatchObject({ sequence: 2 })
      expect((await reader.does('clock')).misses).toBe(0)
    })

    test.each([1, -1])('ends no wait before its time (%d h)', async (hours) => {
      const { writer, reader, clock, jump } = await ring()
      const coming = reader.does('next', { timeout: LONG })
      await jump(hours)
      await writer.does('write')
      expect(await coming).toMatchObject({ sequence: 1 })
      // A thread that blocks cannot be asked for its clock.
      const blocked = reader.does('waitSync', { timeout: LONG })
      clock.set(0)
      await writer.does('write')
      expect(await blocked).toMatchObject({ sequence: 2 })
      clock.set(hours * HOUR)
      expect(await reader.does('waitSync', { timeout: 5 })).toMatchObject({ none: true })
      expect(await reader.does('next', { timeout: 5 })).toMatchObject({ none: true })
    })

    test.each(['monotonic', 'realtime'] as const)(
      'leaves the latency of what is captured afterwards as it was, by captureClock %s',
      async (captureClock) => {
        const { writer, reader, jump } = await ring()
        for (const hours of [0, 1, -1, 0]) {
          await jump(hours)
          await writer.does('write', { meta: { captureClock } })
          const { latency } = await reader.does('take')
          // Date.now() is whole milliseconds, rounded down.
          expect(latency).toBeGreaterThanOrEqual(0)
          expect(latency).toBeLessThan(LONG)
        }
      },
    )

    test('is in the capture times of the realtime clock, to be seen', async () => {
      const { writer, reader, jump } = await ring()
      await writer.does('write', { meta: { captureClock: 'realtime' } })
      await jump(1)
      const { latency } = await reader.does('take')
      expect(Math.abs(latency - HOUR * 1000)).toBeLessThan(LONG)
    })
  },
)
