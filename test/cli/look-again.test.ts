import { expect, test } from 'vitest'
import { lookAgain, sequenceRate } from '../../src/cli/watch/look-again.ts'
import { nextDue } from '../../src/cli/watch/ticks.ts'
import type { Moment } from '../../src/inspect/index.ts'

const LOOKS = { least: 20, most: 500, first: 100 }

function moments(times: readonly number[]): readonly Moment[] {
  return times.map((time, i) => ({ sequence: i + 1, time, captureAge: null, dropped: i % 2 === 0 }))
}

test('a ring is looked at again when half of what it remembers is gone', () => {
  expect(lookAgain(10_000, 1000, LOOKS)).toBe(50)
  expect(lookAgain(30, 4, LOOKS)).toBeCloseTo(66.7, 1)
})

test('and neither more often than that is worth, nor more seldom than its rate may change', () => {
  expect(lookAgain(1_000_000, 1023, LOOKS)).toBe(20)
  expect(lookAgain(30, 1023, LOOKS)).toBe(500)
  expect(lookAgain(0, 1023, LOOKS)).toBe(500)
  expect(lookAgain(null, 1023, LOOKS)).toBe(100)
})

test('drops use up sequences as frames do, and the last ones tell the rate', () => {
  expect(sequenceRate(moments([0, 10, 20]))).toBe(100)
  const slowThenFast = [0, 1000, 2000, ...Array.from({ length: 256 }, (_, i) => 3000 + i)]
  expect(sequenceRate(moments(slowThenFast))).toBe(1000)
})

test('of fewer than two, or of a ring that lies, there is none', () => {
  expect(sequenceRate([])).toBeNull()
  expect(sequenceRate(moments([5]))).toBeNull()
  expect(sequenceRate(moments([5, 5]))).toBeNull()
  expect(sequenceRate(moments([5, 3]))).toBeNull()
})

test('reports keep their beat; after a pause of the reader one comes, and not one for each it missed', () => {
  expect(nextDue(1000, 100, 1003)).toBe(1100)
  expect(nextDue(1000, 100, 995)).toBe(1100)
  expect(nextDue(1000, 100, 1100)).toBe(1200)
  expect(nextDue(1000, 100, 5050)).toBe(5150)
})
