import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Foresight } from '../../src/ring/foresight.ts'
import { PeriodEstimate } from '../../src/ring/period-estimate.ts'

/** Publish times of a writer; `jitter` in 0…1 comes from the property. */
type Rhythm = (index: number, jitter: number) => number

/** From 0 to 1, evenly: how often something holds is a question of chance. */
const units = (count: number): fc.Arbitrary<number[]> =>
  fc.integer().map((seed) => {
    let state = seed | 0
    return Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return (state >>> 8) / 2 ** 24
    })
  })
/** ms, from 1000 Hz to 5 Hz */
const periods = fc.double({ min: 1, max: 200, noNaN: true })

describe('the period', () => {
  test('of a writer with a schedule is found within its jitter', () => {
    fc.assert(
      fc.property(periods, units(40), (period, jitters) => {
        const estimate = new PeriodEstimate()
        const spread = period / 20
        jitters.forEach((jitter, i) => {
          estimate.add(i + 1, 1e6 + i * period + jitter * spread)
        })
        expect(Math.abs(estimate.period - period)).toBeLessThanOrEqual(spread / 10)
        const next = estimate.next(1e6 + 39 * period + spread, 0)
        const due = 1e6 + 40 * period
        expect(next?.time).toBeGreaterThan(due - spread)
        expect(next?.time).toBeLessThan(due + 2 * spread)
      }),
    )
  })

  test('of a writer that sleeps from frame to frame is found although it drifts', () => {
    fc.assert(
      fc.property(periods, units(60), (period, jitters) => {
        const estimate = new PeriodEstimate()
        const spread = period / 20
        let time = 5000
        jitters.forEach((jitter, i) => {
          estimate.add(i + 1, (time += period + jitter * spread))
        })
        const next = estimate.next(time, 0)
        expect(next?.time).toBeGreaterThanOrEqual(time + period - spread)
        expect(next?.time).toBeLessThanOrEqual(time + period + 2 * spread)
      }),
    )
  })

  test('is not moved by frames that never came, nor by one that came late', () => {
    const losses = fc.array(fc.integer({ min: 10, max: 37 }), { maxLength: 1 })
    fc.assert(
      fc.property(periods, losses, fc.integer({ min: 10, max: 35 }), (period, lost, late) => {
        const estimate = new PeriodEstimate()
        let sequence = 0
        for (let i = 0; i < 40; i++) {
          if (!lost.includes(i))
            estimate.add(++sequence, i * period + (i === late ? period * 0.4 : 0))
        }
        expect(estimate.period).toBeCloseTo(period, 6)
        expect(estimate.next(39 * period, 0)?.time).toBeCloseTo(40 * period, 6)
      }),
    )
  })

  test('is unknown at first, and again after a break in the rhythm', () => {
    const estimate = new PeriodEstimate()
    for (let i = 1; i <= 7; i++) estimate.add(i, i * 10)
    expect(estimate.period).toBeNaN()
    for (let i = 8; i <= 30; i++) estimate.add(i, i * 10)
    expect(estimate.next(300, 0)?.time).toBeCloseTo(310, 9)
    for (let i = 31; i <= 33; i++) estimate.add(i, 300 + (i - 30) * 17)
    expect(estimate.next(351, 0)).toBeUndefined()
    for (let i = 34; i <= 60; i++) estimate.add(i, 300 + (i - 30) * 17)
    expect(estimate.next(810, 0)?.time).toBeCloseTo(827, 9)
  })

  test('times that cannot be are survived: standing still, going back, not numbers', () => {
    const times = fc.array(fc.double(), { maxLength: 100 })
    const sequences = fc.array(fc.integer({ min: -5, max: 1e9 }), { maxLength: 100 })
    fc.assert(
      fc.property(times, sequences, (publishTimes, numbers) => {
        const foresight = new Foresight()
        publishTimes.forEach((time, i) => {
          foresight.learn(numbers[i] ?? i, time)
          const at = foresight.plan(i)
          expect(at === 0 || at > i).toBe(true)
          const until = foresight.awake(i)
          expect(until === 0 || (until >= i && until <= i + 1)).toBe(true)
        })
      }),
    )
  })
})

describe('waking ahead', () => {
  // Over half a minute: a trial may fail by chance, and the rest after it is a fifth of 300 frames.
  test('a frame of a steady writer finds its reader awake four times in five', () => {
    fc.assert(
      fc.property(units(2000), units(2000), (jitters, overshoots) => {
        const { met, polled, time } = live(
          (i, jitter) => i * 16.7 + jitter * 0.1,
          jitters,
          overshoots,
        )
        expect(met.slice(50).filter(Boolean).length).toBeGreaterThanOrEqual(1950 * 0.8)
        expect(polled).toBeLessThanOrEqual(time * 0.015 + 2)
      }),
      { numRuns: 10 },
    )
  })

  test('whatever the rhythm, polling takes 1.5 % of the time, and never more than 1 ms at once', () => {
    const rhythms: fc.Arbitrary<Rhythm> = fc
      .record({ period: periods, wild: fc.double({ min: 0, max: 3, noNaN: true }) })
      .map(({ period, wild }) => {
        let time = 0
        return (_, jitter) => (time += Math.max(0.001, period * (1 + wild * (jitter - 0.5))))
      })
    fc.assert(
      fc.property(rhythms, units(200), units(200), (rhythm, jitters, overshoots) => {
        const { polled, time, longest } = live(rhythm, jitters, overshoots)
        expect(polled).toBeLessThanOrEqual(time * 0.015 + 2)
        expect(longest).toBeLessThanOrEqual(1 + 1e-9)
      }),
      { numRuns: 50 },
    )
  })

  test('a reader whose guesses are wrong rests, for longer each time', () => {
    const foresight = new Foresight()
    let plans = 0
    let time = 0
    // As regular as can be, and the reader's thread always too busy to be there.
    for (let i = 1; i <= 20_000; i++) {
      foresight.learn(i, (time += 20))
      if (foresight.plan(time + 0.01) > 0) plans++
    }
    expect(plans).toBeGreaterThan(16)
    expect(plans).toBeLessThan(400)
  })

  test('a writer that stops is waited for without another plan', () => {
    const foresight = new Foresight()
    for (let i = 1; i <= 40; i++) {
      foresight.awake(i * 20 - 0.01)
      foresight.learn(i, i * 20)
      foresight.plan(i * 20 + 0.01)
    }
    const at = foresight.plan(800.02)
    expect(at).toBeGreaterThan(819)
    const until = foresight.awake(at + 0.01)
    expect(until).toBeGreaterThan(at + 0.01)
    foresight.learn(40, 800)
    expect(foresight.plan(until)).toBe(0)
    expect(foresight.awake(until + 5)).toBe(0)
  })
})

/** A reader's life: each timer is late by up to 0.2 ms, and each frame comes when `rhythm` says. */
function live(
  rhythm: Rhythm,
  jitters: readonly number[],
  overshoots: readonly number[],
): { met: boolean[]; polled: number; time: number; longest: number } {
  const foresight = new Foresight()
  const met: boolean[] = []
  let polled = 0
  let longest = 0
  let taken = 0
  let start = NaN
  jitters.forEach((jitter, i) => {
    const published = 1e4 + rhythm(i, jitter)
    start = Number.isNaN(start) ? published : start
    const at = foresight.plan(taken)
    const woke = at + (overshoots[i] ?? 0) * 0.2
    let until = 0
    if (at > 0 && woke < published) {
      until = foresight.awake(woke)
      if (until > 0) {
        polled += Math.min(until, published) - woke
        longest = Math.max(longest, until - woke)
      }
      foresight.plan(Math.min(until, published))
    }
    met.push(until >= published)
    taken = published + 0.01
    foresight.learn(i + 1, published)
  })
  return { met, polled, time: taken - start, longest }
}
