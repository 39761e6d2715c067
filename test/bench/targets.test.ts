import { describe, expect, it } from 'vitest'
import { drawCharts } from '../../bench/lib/charts.mjs'
import { mergeRuns } from '../../bench/lib/result.mjs'
import { summarise } from '../../bench/lib/summary.mjs'
import { planRows } from '../../bench/rows.mjs'
import { targets } from '../../bench/targets.mjs'

const HD = 6_220_800

/** A row of a result with such a p50. */
function row(engine: string, p50: number, about: object): ReturnType<typeof mergeRuns> {
  const ns = { ...summarise([p50]), p50 }
  const line = { name: engine, readers: 1, in_place: true, ns, seconds: 1, cpu: {}, ...about }
  return mergeRuns({ id: engine, engine }, [line])
}

const verdicts = (rows: object[], target: number) =>
  targets({ rows })
    .filter((t) => t.target === target)
    .map(({ met }) => met)

describe('targets', () => {
  it('are ten, and none is judged without its rows', () => {
    const all = targets({ rows: [] })
    expect([...new Set(all.map(({ target }) => target))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(all.every(({ met }) => met === undefined)).toBe(true)
    expect(all.every(({ figure }) => figure.startsWith('not measured'))).toBe(true)
  })

  it.each([
    [595, true],
    [605, false],
  ])('1: %d ns against 1700 of iceoryx', (own, met) => {
    const about = { workload: 'ping-pong', bytes: 64 }
    const rows = [row('framering cached', own, about), row('iceoryx spinning', 1700, about)]
    expect(verdicts(rows, 1)[0]).toBe(met)
  })

  it('1: rows of another size or not in place are not taken for it', () => {
    const rows = [
      row('framering cached', 1, { workload: 'ping-pong', bytes: 64, in_place: false }),
      row('iceoryx spinning', 1700, { workload: 'ping-pong', bytes: 64 }),
    ]
    expect(verdicts(rows, 1)[0]).toBeUndefined()
  })

  it.each([
    [13, true],
    [13.1, false],
  ])('2: %d against a floor of 10', (own, met) => {
    const floor = { name: 'bare', ns: { ...summarise([10]), p50: 10 } }
    const about = { workload: 'one-way', bytes: 64, rate: 1000, floor }
    expect(verdicts([row('framering', own, about)], 2)).toEqual([met, undefined])
  })

  it('3: a tenth of a microsecond more is flat, also where it is more than 10 %', () => {
    const of = (bytes: number, p50: number) =>
      row('framering cached', p50, { workload: 'ping-pong', bytes })
    expect(verdicts([of(64, 500), of(33_177_600, 600)], 3)).toEqual([true])
    expect(verdicts([of(64, 500), of(33_177_600, 610)], 3)).toEqual([false])
  })

  it('6: a hundred times below', () => {
    const about = { workload: 'one-way', bytes: HD, rate: 60 }
    const own = row('framering', 20_000, about)
    expect(verdicts([own, row('ZeroMQ ipc', 3_700_000, about)], 6)[0]).toBe(true)
    expect(verdicts([own, row('ZeroMQ ipc', 1_900_000, about)], 6)[0]).toBe(false)
  })

  it('8: a million frames are not judged by fewer', () => {
    const of = (frames: number, gc_major: number) =>
      row('framering', 900, {
        workload: 'lease',
        figures: { frames, gc_major, gc_minor: 5, heap_growth: 0, external_growth: 0 },
      })
    expect(verdicts([of(1_000_000, 0)], 8)).toEqual([true, undefined, true, undefined])
    expect(verdicts([of(1_000_000, 1)], 8)[2]).toBe(false)
    expect(verdicts([of(100_000, 1)], 8)[2]).toBeUndefined()
  })
})

describe('the plan', () => {
  it('gives every row a name of its own, and --quick a part of them', () => {
    const all = planRows({ quick: false, pin: false })
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const quick = planRows({ quick: true, pin: true })
    expect(quick.length).toBeLessThan(all.length / 2)
    for (const { args } of quick) expect(args).toContain('--pin')
  })
})

describe('charts', () => {
  it('are drawn of what was measured', () => {
    const rows = [64, HD].map((bytes) => row('framering', 900, { workload: 'ping-pong', bytes }))
    const [chart, ...others] = drawCharts({ rows })
    expect(others).toEqual([])
    expect(chart?.file).toBe('round-trip-by-size.svg')
    expect(chart?.svg).toMatch(/^<svg[^]*Round trip in place[^]*<\/svg>\n$/)
  })
})
