import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { spreadOfAges } from '../../src/cli/watch/ages.ts'

describe('the ages that somebody finds who looks at any instant', () => {
  test('of frames that come evenly grow evenly, from their delay to that and a period', () => {
    const spans = Array.from({ length: 100 }, () => ({ from: 5, to: 15 }))
    const { count, p50, p90, p99, max } = spreadOfAges(spans)
    expect({ count, max }).toEqual({ count: 100, max: 15 })
    expect(p50).toBeCloseTo(10, 9)
    expect(p90).toBeCloseTo(14, 9)
    expect(p99).toBeCloseTo(14.9, 9)
  })

  test('count by the time they were to be found, not by frames', () => {
    // Nine frames in 9 ms, and one that nothing followed for 91.
    const short = Array.from({ length: 9 }, () => ({ from: 0, to: 1 }))
    const { p50, p90, max } = spreadOfAges([...short, { from: 0, to: 91 }])
    // 10 ms of the hundred are younger than 1, and the rest is the long one's.
    expect(p50).toBeCloseTo(41, 9)
    expect(p90).toBeCloseTo(81, 9)
    expect(max).toBe(91)
  })

  test('may leave out a range', () => {
    const { p50, p90, p99 } = spreadOfAges([
      { from: 0, to: 9 },
      { from: 100, to: 101 },
    ])
    expect(p50).toBeCloseTo(5, 9)
    expect(p90).toBeCloseTo(9, 9)
    expect(p99).toBeCloseTo(100.9, 9)
  })

  test('are none where no time has passed', () => {
    const none = { count: 0, p50: null, p90: null, p99: null, max: null }
    expect(spreadOfAges([])).toEqual(none)
    expect(spreadOfAges([{ from: 3, to: 3 }])).toEqual(none)
    expect(spreadOfAges([{ from: 3, to: 2 }])).toEqual(none)
  })

  test('have the quantiles that every instant counted by itself gives', () => {
    const span = fc
      .record({ from: fc.integer({ min: -50, max: 200 }), ms: fc.integer({ min: 1, max: 60 }) })
      .map(({ from, ms }) => ({ from, to: from + ms }))
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 30 }), (spans) => {
        // Spans have whole ms for bounds: the middle of each ms stands for it.
        const instants = spans
          .flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i + 0.5))
          .sort((a, b) => a - b)
        const { count, p50, p90, p99, max } = spreadOfAges(spans)
        expect(count).toBe(spans.length)
        expect(max).toBe(Math.max(...spans.map(({ to }) => to)))
        for (const [share, age] of [
          [0.5, p50],
          [0.9, p90],
          [0.99, p99],
        ] as const) {
          // That ms holds the quantile; on its bound either neighbour does.
          const at = share * instants.length
          const low = instants[Math.max(0, Math.ceil(at - 1e-6) - 1)]! - 0.5
          const high = instants[Math.min(instants.length - 1, Math.floor(at + 1e-6))]! + 0.5
          expect(age).toBeGreaterThanOrEqual(low - 1e-6)
          expect(age).toBeLessThanOrEqual(high + 1e-6)
        }
      }),
    )
  })
})
