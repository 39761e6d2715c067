import { expect, test } from 'vitest'
import { Meters, percentile } from '../../src/view/page/meters.ts'
import { ServerClock } from '../../src/view/page/server-clock.ts'
import type { FrameInfo } from '../../src/view/protocol.ts'

test('the clock’s offset comes from the shortest of the last round trips', () => {
  const clock = new ServerClock()
  expect(clock.at(5)).toBeNaN()
  clock.learn(0, 1030, 50)
  clock.learn(100, 1101, 102)
  clock.learn(200, 1270, 260)
  expect([clock.at(0), clock.trip]).toEqual([1000, 2])
  for (let i = 0; i < 16; i++) clock.learn(300, 1305, 306)
  expect([clock.at(0), clock.trip]).toEqual([1002, 6])
})

test('every frame between two received ones is counted, by cause', () => {
  const meters = new Meters()
  const info = (sequence: number, lost: object, session = 1): FrameInfo =>
    ({
      sequence,
      session,
      publishTime: 10 * sequence,
      lost: { source: 0, noSlot: 0, overrun: 0, restart: 0, ...lost },
    }) as FrameInfo
  meters.receive(info(1, {}), 0)
  meters.receive(info(10, { noSlot: 3, source: 2 }), 1)
  meters.receive(info(11, { noSlot: 3, source: 2 }), 2)
  meters.receive(info(1, { noSlot: 3, source: 2, restart: 1 }, 2), 3)
  const { received, gaps, lost } = meters.figures()
  expect(lost).toEqual({ source: 2, noSlot: 3, overrun: 0, restart: 1, skipped: 5 })
  expect([received, gaps]).toEqual([4, 9])
})

test('a percentile leaves out what is not known', () => {
  expect(percentile([3, NaN, 1, 2], 0.5)).toBe(2)
  expect(percentile([], 0.5)).toBeNaN()
})
