import { expect, test } from 'vitest'
import { Window } from '../../src/cli/watch/window.ts'
import type { News } from '../../src/cli/watch/watched-ring.ts'
import { WatchedRing } from '../../src/cli/watch/watched-ring.ts'
import { testWriter } from '../ring/fixtures.ts'

test('a window of hours keeps the last million sequences', () => {
  using ring = new WatchedRing(testWriter().name, {})
  const none = ring.look()
  const window = new Window(1e9)
  const LOOK = 2 ** 16
  for (let look = 0; look < 17; look++) {
    const moments = Array.from({ length: LOOK }, (_, i) => {
      const sequence = look * LOOK + i + 1
      return { sequence, time: sequence, captureAge: null, dropped: false }
    })
    const news: News = { ...none, moments, from: look * LOOK + 1 }
    window.add(news, (look + 1) * LOOK)
  }
  expect(window.frames).toHaveLength(2 ** 20)
  expect(window.frames.at(-1)).toMatchObject({ sequence: 17 * LOOK })
  expect(window.pace).toMatchObject({ frames: 2 ** 20, rate: 1000, mean: 1 })
})
