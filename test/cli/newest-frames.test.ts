import { expect, test } from 'vitest'
import { NewestFrames } from '../../src/cli/watch/newest-frames.ts'
import { WatchedRing } from '../../src/cli/watch/watched-ring.ts'
import type { Moment, RingReport } from '../../src/inspect/index.ts'
import { flat, SMALL, testReader, testWriter } from '../ring/fixtures.ts'

function frame(sequence: number, time: number, captureAge: number | null = null): Moment {
  return { sequence, time, captureAge, dropped: false }
}

function drop(sequence: number, time: number): Moment {
  return { ...frame(sequence, time), dropped: true }
}

/** What a look at a real ring brings, but for its frames. */
function report(age: number | null): RingReport {
  using ring = new WatchedRing(testWriter().name, {})
  return { ...ring.look().report, age }
}

function news(
  moments: readonly Moment[],
  { unseen = 0, age = 0 }: { readonly unseen?: number; readonly age?: number | null } = {},
) {
  const from = (moments[0]?.sequence ?? 1) - unseen
  return { report: report(age), moments, unseen, from, restart: null, last: false }
}

test('each frame is the newest until the next one; a drop is none', () => {
  const newest = new NewestFrames(1000)
  newest.add(news([frame(1, 10), frame(2, 30, 4), drop(3, 50), frame(4, 60)]), 65)
  expect(newest.sincePublication).toEqual([
    { from: 0, to: 20 },
    { from: 0, to: 30 },
    { from: 0, to: 5 },
  ])
  expect(newest.sinceCapture).toEqual([{ from: 4, to: 34 }])
})

test('the last one grows older from look to look, until there is another', () => {
  const newest = new NewestFrames(1000)
  newest.add(news([frame(1, 10)]), 20)
  newest.add(news([]), 30)
  expect(newest.sincePublication).toEqual([{ from: 0, to: 20 }])
  newest.add(news([frame(2, 35)]), 40)
  expect(newest.sincePublication).toEqual([
    { from: 0, to: 25 },
    { from: 0, to: 5 },
  ])
})

test('of a frame from before the window the part in it counts', () => {
  const newest = new NewestFrames(100)
  newest.add(news([frame(1, 10, 2), frame(2, 20, 3)]), 200)
  expect(newest.sincePublication).toEqual([{ from: 80, to: 180 }])
  expect(newest.sinceCapture).toEqual([{ from: 83, to: 183 }])
  newest.add(news([frame(3, 290)]), 300)
  expect(newest.sincePublication).toEqual([
    { from: 180, to: 270 },
    { from: 0, to: 10 },
  ])
})

test('time in which frames passed unseen counts for none', () => {
  const newest = new NewestFrames(1000)
  newest.add(news([frame(1, 10)]), 20)
  newest.add(news([frame(50, 300), frame(51, 310)], { unseen: 48 }), 315)
  expect(newest.sincePublication).toEqual([
    { from: 0, to: 10 },
    { from: 0, to: 10 },
    { from: 0, to: 5 },
  ])
})

test('where drops have pushed the newest frame out of memory its slot tells its age', () => {
  const newest = new NewestFrames(1000)
  newest.add(news([drop(2000, 90)], { unseen: 1000, age: 40 }), 100)
  expect(newest.sincePublication).toEqual([{ from: 0, to: 40 }])
  expect(newest.sinceCapture).toEqual([])
})

test('another writer begins anew', () => {
  const newest = new NewestFrames(1000)
  newest.add(news([frame(1, 10)]), 20)
  newest.add({ ...news([], { age: null }), restart: 'restarted' }, 30)
  expect(newest.sincePublication).toEqual([])
})

test('of a real ring the newest frame is as old as the ring says', () => {
  const writer = testWriter({ ...SMALL, slots: 2 })
  const reader = testReader(writer)
  for (let i = 0; i < 3; i++) writer.write(flat(i))
  const held = reader.tryNext()
  writer.write(flat(3))
  // No slot is free for this one.
  writer.write(flat(4))
  using ring = new WatchedRing(writer.name, {})
  const newest = new NewestFrames(600_000)
  const found = ring.look()
  const newestMoment = found.moments.findLast(({ dropped }) => !dropped)!
  const time = newestMoment.time + 50
  newest.add(found, time)
  expect(newest.sincePublication.at(-1)).toEqual({ from: 0, to: 50 })
  expect(newest.sincePublication).toHaveLength(writer.stats().published)
  held?.release()
})
