import { describe, expect, it } from 'vitest'
import { rowFlags, toArgs } from '../../bench/lib/flags.mjs'
import { CURVE, median, summarise } from '../../bench/lib/summary.mjs'
import { floorOf, floorRatio, joinResults, mergeRuns, ratio } from '../../bench/lib/result.mjs'
import { formatTable, markdownTable, micros } from '../../bench/lib/table.mjs'
import { fill } from '../../bench/lib/docs.mjs'

/** What a row prints, as far as merging looks at it. */
function line(p50: number, floor?: number): object {
  const ns = { ...summarise([p50]), p50 }
  return {
    name: 'a row',
    ns,
    cpu: { writer: p50 / 1000 },
    seconds: 1,
    ...(floor !== undefined && { floor: { name: 'bare', ns: { ...ns, p50: floor } } }),
  }
}

const plan = { id: 'a row, 64 B', engine: 'a row' }

describe('percentiles', () => {
  it('are those of known samples, in any order', () => {
    const samples = Array.from({ length: 10_000 }, (_, i) => ((i * 7919) % 10_000) + 1)
    const { count, min, p50, p90, p99, p999, max, mean } = summarise(samples)
    expect({ count, min, max, mean }).toEqual({ count: 10_000, min: 1, max: 10_000, mean: 5000.5 })
    for (const [got, exact] of [
      [p50, 5000],
      [p90, 9000],
      [p99, 9900],
      [p999, 9990],
    ] as const) {
      expect(Math.abs(got - exact) / exact).toBeLessThan(0.001)
    }
  })

  it('are exact below 2 µs', () => {
    const { p50, p90, max } = summarise([130, 131, 129, 1999, 130, 130, 130, 130, 132, 133])
    expect([p50, p90, max]).toEqual([130, 133, 1999])
  })

  it('never pass the greatest sample', () => {
    const { p999, max, curve } = summarise([1_000_001, 1_000_003])
    expect(max).toBe(1_000_003)
    expect(p999).toBeLessThanOrEqual(max)
    expect(Math.max(...curve.map(([, ns]) => ns))).toBeLessThanOrEqual(max)
  })

  it('make a curve that rises up to 99.99 %', () => {
    const { curve } = summarise(Array.from({ length: 1000 }, (_, i) => i * i))
    expect(curve.map(([percentile]) => percentile)).toEqual(CURVE)
    expect(CURVE.at(-1)).toBe(99.99)
    expect(curve).toEqual([...curve].sort((a, b) => a[1] - b[1]))
  })

  it.each([
    ['none', []],
    ['a negative one', [5, -1]],
    ['NaN', [NaN]],
  ])('are refused for samples that cannot be: %s', (_, samples) => {
    expect(() => summarise(samples)).toThrow()
  })

  it('median: the middle, or the mean of the middle two', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})

describe('runs', () => {
  it('give the median of their figures', () => {
    const merged = mergeRuns(plan, [line(30), line(10), line(20)])
    expect(merged.ns?.p50).toBe(20)
    expect(merged.cpu_percent?.writer).toBeCloseTo(2)
    expect(merged.runs).toHaveLength(3)
  })

  it('are compared one by one: the ratio is the median of ratios, not the ratio of medians', () => {
    const own = mergeRuns(plan, [line(10), line(20), line(90)])
    const other = mergeRuns(plan, [line(10), line(40), line(30)])
    expect(ratio(own, other)).toBe(1)
    const withFloor = mergeRuns(plan, [line(10, 10), line(20, 40), line(90, 30)])
    expect(floorRatio(withFloor)).toBe(1)
  })

  it('of which one failed or was missing give no figure, and say why', () => {
    const merged = mergeRuns(plan, [line(10), { failed: 'it crashed' }])
    expect(merged).toMatchObject({ id: plan.id, failed: 'it crashed', runs: [] })
    expect(merged.ns).toBeUndefined()
    expect(ratio(merged, mergeRuns(plan, [line(1)]))).toBeNaN()
  })

  it('several results make one: of each row the last, and it is told how many were not short', () => {
    const row = (id: string, p50: number) => ({ id, p50 })
    const joined = joinResults([
      { quick: true, seconds: 10, rows: [row('a', 1), row('b', 2)] },
      { quick: false, seconds: 20, rows: [row('b', 3), row('c', 4)] },
    ])
    expect(joined).toEqual({
      ...{ quick: true, seconds: 30, full: 2 },
      rows: [row('a', 1), row('b', 3), row('c', 4)],
    })
  })

  it('find the floor that belongs to a row', () => {
    const floor = (engine: string, rate: number) => ({
      ...mergeRuns({ id: engine, engine }, [line(1)]),
      rate,
    })
    const rows = [
      floor('floor: cache line', 0),
      floor('floor: semaphores', 0),
      floor('floor: fd wake-up', 1000),
      floor('floor: fd wake-up', 30),
    ]
    const of = (row: object) => {
      const measured = { ...mergeRuns(plan, [line(1)]), ...row }
      const found = floorOf(measured, rows)
      return found && `${found.engine} ${found.rate}`
    }
    expect(of({ workload: 'ping-pong', blocking: false })).toBe('floor: cache line 0')
    expect(of({ workload: 'ping-pong', blocking: true })).toBe('floor: semaphores 0')
    expect(of({ workload: 'one-way', rate: 30 })).toBe('floor: fd wake-up 30')
    expect(of({ workload: 'one-way', rate: 60 })).toBe('floor: fd wake-up 1000')
    expect(of({ workload: 'lease' })).toBeUndefined()
  })
})

describe('flags', () => {
  const defaults = { workload: 'one-way', bytes: 64, views: 'revoke', awake: false, copyIn: false }

  it('are read with their defaults, and given on unchanged', () => {
    const flags = rowFlags(['--bytes', '921600', '--in-place', '--views', 'cached'], defaults)
    expect(flags).toMatchObject({ bytes: 921_600, inPlace: true, views: 'cached', pin: false })
    expect(rowFlags(toArgs({ ...flags, copyIn: true }), defaults)).toEqual({
      ...flags,
      copyIn: true,
    })
  })

  it.each([[['--bytes', 'many']], [['--rate', '-1']], [['--size', '64']]])('refuse %j', (args) => {
    expect(() => rowFlags(args, defaults)).toThrow()
  })
})

describe('tables', () => {
  it('show times with three digits', () => {
    const shown = [130, 1234, 17_940, 999_700, 3_700_000, 2e9, NaN].map(micros)
    expect(shown).toEqual(['0.13 µs', '1.23 µs', '17.9 µs', '1.00 ms', '3.70 ms', '2.00 s', '–'])
  })

  it('put figures to the right and texts to the left', () => {
    const rows = [
      ['a', '1 µs'],
      ['long', '10 µs'],
    ]
    expect(formatTable(['', 'p50'], rows).split('\n').slice(2)).toEqual([
      'a      1 µs',
      'long  10 µs',
    ])
    expect(markdownTable(['', 'p50'], rows).split('\n')[1]).toBe('| --- | ---: |')
  })

  it('replace what stands between the markers of a page, and nothing else', () => {
    const page = 'by hand\n<!-- bench: rows -->\nold\n<!-- /bench -->\nby hand too\n'
    const filled = fill(page, { rows: 'new' })
    expect(filled).toMatch(/^by hand\n/)
    expect(filled).toMatch(/new\n\n<!-- \/bench -->\nby hand too\n$/)
    expect(filled).not.toContain('old')
    expect(fill(filled, { rows: 'new' })).toBe(filled)
    expect(() => fill(page, { charts: '' })).toThrow(/charts/)
  })
})
