import { expect, test } from 'vitest'
import type { Moment } from '../../src/inspect/index.ts'
import { paceOfMoments } from '../../src/index.ts'

/** Sequences from 1 on at these times; those of `drops` are drops. */
function at(times: readonly number[], drops: readonly number[] = []): readonly Moment[] {
  return times.map((time, i) => {
    return { sequence: i + 1, time, captureAge: null, dropped: drops.includes(i + 1) }
  })
}

test('a pace is that of all periods', () => {
  expect(paceOfMoments(at([0, 10, 30, 40]))).toEqual({
    frames: 4,
    rate: 75,
    mean: 40 / 3,
    min: 10,
    max: 20,
    stddev: expect.closeTo(Math.sqrt(200 / 9), 9) as unknown,
    jitter: 10,
  })
})

test('a drop is no frame, and lengthens a period', () => {
  expect(paceOfMoments(at([0, 10, 20, 30], [2]))).toMatchObject({ frames: 3, min: 10, max: 20 })
})

test('fewer than two frames have none', () => {
  expect(paceOfMoments([])).toBeUndefined()
  expect(paceOfMoments(at([5, 6], [2]))).toBeUndefined()
})

test('a silence counts for the rate once the next frame is overdue, and for nothing else', () => {
  const moments = at([0, 10, 20, 30])
  expect(paceOfMoments(moments, 50)?.rate).toBe(100)
  // Four frames in the 40 ms they are worth and 60 ms of silence.
  expect(paceOfMoments(moments, 90)).toMatchObject({ rate: 40, mean: 10, max: 10 })
})
