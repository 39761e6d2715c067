import { describe, expect, test } from 'vitest'
import { now } from '../../src/index.ts'
import { flat, testReader, testWriter } from '../ring/fixtures.ts'
import { hasPython } from '../support/tools.ts'
import { built, framering, watching } from './framering.ts'
import { inTestTerminal } from './terminal.ts'

built()

interface Spread {
  readonly count: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly max: number | null
}

interface Delays {
  readonly captureToPublish: Spread
  readonly publishToNow: Spread
  readonly captureToNow: Spread
  readonly readers: readonly {
    readonly pid: number
    readonly command: string
    readonly publishToLease: Spread & { readonly since: number | null }
  }[]
}

const ALL = ['--window', '600000', '--json'] as const
const NOTHING = { count: 0, p50: null, p90: null, p99: null, max: null }

async function delays(name: string): Promise<Delays> {
  const { code, stdout, stderr } = await framering('delay', name, '-n', '1', ...ALL)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Delays
}

test('capture → publish has the percentiles of the times the frames were given', async () => {
  const writer = testWriter()
  // 1 to 100 ms before they are written, and a little more by the time they are.
  let most = 0
  for (let age = 1; age <= 100; age++) {
    const captureTime = now() - age
    writer.write(flat(1), { captureTime })
    most = Math.max(most, now() - captureTime - age)
  }
  const { captureToPublish } = await delays(writer.name)
  expect(captureToPublish.count).toBe(100)
  for (const [key, age] of [
    ['p50', 50],
    ['p90', 90],
    ['p99', 99],
    ['max', 100],
  ] as const) {
    expect(captureToPublish[key], key).toBeGreaterThanOrEqual(age - 1e-3)
    expect(captureToPublish[key], key).toBeLessThanOrEqual(age + most)
  }
})

test('it needs no capture time: then there is none, but the age of the newest frame', async () => {
  const writer = testWriter()
  const before = now()
  writer.write(flat(1))
  const { captureToPublish, publishToNow, captureToNow, readers } = await delays(writer.name)
  const longest = now() - before
  expect(captureToPublish).toEqual(NOTHING)
  expect(captureToNow).toEqual(NOTHING)
  expect(publishToNow.count).toBe(1)
  expect(publishToNow.max).toBeGreaterThan(0)
  expect(publishToNow.max).toBeLessThan(longest)
  expect(readers).toEqual([])
})

test("a reader's publish → lease is what it has recorded", async () => {
  const writer = testWriter()
  const reader = testReader(writer, { delivery: 'every' })
  for (let i = 0; i < 5; i++) {
    writer.write(flat(i))
    reader.tryNext()?.release()
  }
  const { readers } = await delays(writer.name)
  const { latency } = reader.stats()
  expect(readers).toHaveLength(1)
  expect(readers[0]).toMatchObject({ pid: process.pid })
  expect(readers[0]?.publishToLease).toMatchObject({
    count: 5,
    max: latency.longest,
    since: null,
  })
})

test('of a longer stay only the last leases count, those of the window', async () => {
  const writer = testWriter()
  const reader = testReader(writer)
  writer.write(flat(1))
  reader.tryNext()?.release()
  const delay = watching('delay', writer.name, '--json', '--window', '50', '--every', '20')
  const next = async (): Promise<Delays['readers'][number]['publishToLease'] | undefined> =>
    (JSON.parse(await delay.line()) as Delays).readers[0]?.publishToLease
  expect(await next()).toMatchObject({ count: 1, since: null })
  let later = await next()
  while (later?.since === null) later = await next()
  expect(later).toMatchObject({ ...NOTHING, since: expect.any(Number) as unknown })
})

describe.skipIf(!hasPython)('in a terminal', () => {
  test('that is too low for all readers it says how many lines are missing', async () => {
    const writer = testWriter()
    for (let i = 0; i < 9; i++) testReader(writer)
    writer.write(flat(1))
    const terminal = inTestTerminal(['delay', writer.name, '-n', '1'], { lines: 8 })
    expect(await terminal.ended()).toMatchObject({ code: 0 })
    // Seven lines above the cursor's: the head, the three ways and two readers of nine.
    expect(terminal.lines[5]).toContain('publish → lease')
    expect(terminal.lines[6]).toBe('… 7 more lines')
  })
})

test('the table has a row for each way, and one for each reader', async () => {
  const writer = testWriter()
  testReader(writer)
  writer.write(flat(1), { captureTime: now() - 5 })
  const { stdout } = await framering('delay', writer.name, '-n', '1')
  const [head, ...rows] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/^RING +DELAY +P50 +P90 +P99 +MAX +COUNT$/)
  expect(rows).toHaveLength(4)
  expect(rows[0]).toMatch(/ capture → publish +\d.* ms +1$/)
  expect(rows[1]).toContain(' publish → now ')
  expect(rows[2]).toContain(' capture → now ')
  expect(rows[3]).toMatch(new RegExp(` publish → lease by ${process.pid} \\(.*\\) +- +- +- +- +0$`))
})
