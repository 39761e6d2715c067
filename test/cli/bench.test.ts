import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { openReader } from '../../src/index.ts'
import { built, framering, watching } from './framering.ts'
import { records } from './piping.ts'

built()

const ROWS = ['copyIn', 'publish', 'lease', 'eventLatency', 'pollingLatency'].filter(
  (name) => name !== 'pollingLatency' || availableParallelism() > 1,
)
const MS = expect.any(Number) as unknown
const TIMES = { samples: MS, min: MS, median: MS, p99: MS, max: MS }

function ringsOf(pid: number): string[] {
  return readdirSync('/dev/shm').filter((file) => file.includes(`bench-${pid}`))
}

test('--json has each figure with its floor, and nothing is left behind', async () => {
  const bench = watching('bench', '--quick', '--json', '--size', '320x240')
  const [result] = records(await bench.line())
  expect(await bench.ended()).toBe(0)
  expect(result).toMatchObject({ frameBytes: 320 * 240 * 3, node: process.version })
  const rows = result!['rows'] as Record<string, unknown>[]
  expect(rows.map(({ name }) => name)).toEqual(ROWS)
  for (const row of rows) {
    const { name, what, ratio, floor, ...times } = row as {
      name: string
      what: string
      ratio: number
      floor: Record<string, number>
    } & Record<string, number>
    expect(times, name).toEqual(TIMES)
    expect(floor, name).toEqual({ what: expect.stringMatching(/./) as unknown, ...TIMES })
    expect(what).not.toBe('')
    for (const { samples, min, median, p99, max } of [times, floor] as (typeof floor)[]) {
      expect(samples, name).toBeGreaterThan(0)
      expect([min, median, p99, max], name).toEqual([min, median, p99, max].sort(ascending))
      expect(min, name).toBeGreaterThan(0)
    }
    expect(ratio, name).toBeCloseTo(times['median']! / floor['median']!, 6)
  }
  expect(ringsOf(bench.pid)).toEqual([])
})

test('in words it is a table, a line for each figure', async () => {
  const { code, stdout, stderr } = await framering('bench', '--quick', '--size', '64x48')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^WHAT +MEDIAN +P99 +FLOOR +RATIO +THE FLOOR IS$/)
  for (let i = 1; i <= ROWS.length; i++) {
    expect(lines[i]).toMatch(/( +[\d.]+ (ns|µs|ms)){3} +[\d.]+ +\S/)
  }
  expect(lines.at(availableParallelism() > 1 ? -1 : -2)).toContain('64 × 48 RGB3')
})

describe('it ends at once', () => {
  test('at Ctrl-C, with its other process, and nothing is left behind', async () => {
    const bench = watching('bench', '--size', '64x48')
    const reader = openReader(`bench-${bench.pid}`, { wait: true })
    using frame = await reader.next()
    expect(frame).not.toBeNull()
    bench.process.kill('SIGINT')
    expect(await bench.ended()).toBe(0)
    expect(bench.stderr).toBe('')
    expect(ringsOf(bench.pid)).toEqual([])
    reader.close()
  })

  test('where there is no room for its frames, with a sentence', async () => {
    const { code, stderr } = await framering('bench', '--quick', '--size', '60000x60000')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^SHM_FULL: .*\n$/)
  })

  test.each([
    [['--size', '0x0'], 'width must be a whole number'],
    [['--size', 'big'], '--size takes width and height'],
    [['front'], 'too many arguments'],
  ])('for a command line that makes no sense: %j', async (args, message) => {
    const { code, stderr } = await framering('bench', ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})

function ascending(a: number | undefined, b: number | undefined): number {
  return a! - b!
}
