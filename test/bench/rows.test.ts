import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildBench } from '../../bench/lib/native.mjs'

const run = promisify(execFile)
const MINUTES = 60_000
const short = ['--samples', '100', '--warmup', '50']

async function line(script: string, args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run(process.execPath, [`bench/${script}.mjs`, ...args])
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as Record<string, unknown>
}

const leftovers = () =>
  readdirSync('/dev/shm').filter((name) => name.startsWith('framering-bench-'))

beforeAll(async () => {
  await buildBench()
}, 5 * MINUTES)

describe('each row prints one whole line, and leaves nothing', () => {
  it.each([
    ['floors/two-processes', ['--floor', 'spin']],
    ['floors/two-processes', ['--floor', 'semaphores']],
    ['floors/fd-wake', []],
    ['floors/copy', ['--way', 'memcpy', '--bytes', '921600']],
    ['floors/copy', ['--way', 'non-temporal', '--bytes', '921600']],
    ['rings/ping-pong', ['--views', 'cached', '--in-place']],
    ['rings/ping-pong', ['--views', 'revoke', '--bytes', '921600']],
    ['rings/ping-pong', ['--from', 'c']],
    ['rings/one-way', ['--in-place', '--settle', '5']],
    ['rings/one-way', ['--copy-in', '--readers', '2', '--bytes', '921600']],
    ['rings/one-way', ['--rate', '0', '--bytes', '921600']],
    ['rings/copy-in', ['--bytes', '921600']],
    ['rings/lease', ['--views', 'cached', '--samples', '1000']],
    ['rings/lease', ['--samples', '1000']],
    ['rings/fan-out', ['--readers', '3']],
    ['rings/fan-out', ['--readers', '3', '--awake']],
    ['rings/attach', ['--bytes', '921600', '--samples', '5', '--warmup', '1']],
  ])(
    '%s %j',
    async (script, args) => {
      const before = leftovers()
      const found = await line(script, [...short, ...args])
      expect(found).toMatchObject({
        name: expect.any(String) as string,
        workload: expect.any(String) as string,
        bytes: expect.any(Number) as number,
        in_place: expect.any(Boolean) as boolean,
        blocking: expect.any(Boolean) as boolean,
        cpu: expect.any(Object) as object,
        faults: expect.any(Object) as object,
      })
      const { count, min, p50, p99, max, curve } = found['ns'] as Record<string, number> & {
        curve: unknown[]
      }
      expect(count).toBeGreaterThan(0)
      expect(min).toBeGreaterThan(0)
      expect([min, p50, p99, max]).toEqual([min, p50, p99, max].sort((a, b) => a! - b!))
      expect(curve.length).toBeGreaterThan(50)
      expect(leftovers()).toEqual(before)
    },
    MINUTES,
  )

  it.each([
    ['rings/idle', ['--observe', '0.2', '--settle', '0.2'], ['wakeups', 'cpu_percent']],
    ['rings/memory', ['--samples', '1', '--bytes', '4096'], ['rss_beyond', 'ring_mapped']],
  ])(
    '%s %j',
    async (script, args, names) => {
      const { figures } = await line(script, args)
      for (const name of names) {
        expect(Number.isFinite((figures as Record<string, number>)[name])).toBe(true)
      }
    },
    MINUTES,
  )
})

describe('a row that cannot be run', () => {
  it('fails with one sentence and no line', async () => {
    const args = ['bench/floors/copy.mjs', '--way', 'teleport']
    const failed = run(process.execPath, args)
    await expect(failed).rejects.toMatchObject({ code: 1, stdout: '' })
    await expect(failed).rejects.toThrow(/memcpy or non-temporal/)
  })
})
