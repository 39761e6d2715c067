import { describe, expect, test } from 'vitest'
import { RateLimit } from '../../src/ring/rate-limit.ts'

describe('the schedule of maxFps', () => {
  test('a source at just this rate is never held up, whatever the phase it was joined in', () => {
    for (let phase = 0; phase < 40; phase++) {
      const rate = new RateLimit(25)
      // The replayed frame is taken at once; the source publishes at `phase` + 40 n.
      rate.taken(0)
      let taken = 0
      for (let n = 0; n < 100; n++) {
        const published = phase + 40 * n
        if (rate.wait(published) > 0) continue
        // At the moment of publication its age is nothing: it is fresh enough.
        rate.taken(published)
        taken += 1
      }
      expect(taken).toBeGreaterThanOrEqual(98)
    }
  })

  test('a frame published before it is due gives way to a fresh one, for one period', () => {
    const rate = new RateLimit(10)
    expect(rate.maxAge(0)).toBe(0)
    rate.taken(0)
    expect(rate.wait(50)).toBe(47)
    // Due at 97: at 100 a frame may be 3 ms old, at 197 any will do.
    expect(rate.wait(97)).toBe(0)
    expect(rate.maxAge(100)).toBe(3)
    expect(rate.patience(100)).toBe(97)
    expect(rate.maxAge(197)).toBe(0)
    expect(rate.patience(197)).toBe(0)
  })

  test('a late frame does not delay those that follow, a long silence is not made up for', () => {
    const rate = new RateLimit(10)
    rate.taken(0)
    rate.taken(130)
    expect(rate.wait(150)).toBe(47)
    rate.taken(1000)
    expect(rate.wait(1000)).toBe(97)
  })
})
