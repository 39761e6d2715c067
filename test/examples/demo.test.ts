import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { remains } from '../support/ring-name.ts'
import { compileExamples, endAll, Program } from './program.ts'
import { hasFfmpeg } from '../support/tools.ts'

interface DemoResult {
  published: number
  readers: {
    name: string
    delivery: string
    received: number
    gaps: number
    torn: number
    p50_us: number
    p99_us: number
  }[]
}

const SMALL = ['--width', '160', '--height', '120', '--fps', '60', '--port', '0']

function demo(...args: string[]): Program {
  return new Program('scripts/demo.mjs', ...args)
}

function pids(program: Program): Promise<Map<string, number>> {
  return program.line((line) => {
    if (!line.startsWith('processes: ')) return undefined
    const found = line.matchAll(/(\w+) (\d+)/g)
    return new Map(Array.from(found, ([, name, pid]) => [name ?? '', Number(pid)]))
  })
}

/**
 * That each frame was received or is a gap, of `frames` that the writer offered. What the writer had to
 * drop at the end shows as a gap to nobody, and a reader counts from its first frame: one that is slow to
 * begin, above all with `latest`, has fewer.
 */
function expectAccounted({ published, readers }: DemoResult, frames: number): void {
  for (const { received, gaps, torn } of readers) {
    expect(torn).toBe(0)
    expect(received).toBeGreaterThan(0)
    expect(received).toBeLessThanOrEqual(published)
    expect(received + gaps).toBeLessThanOrEqual(frames)
  }
  const most = Math.max(...readers.map(({ received, gaps }) => received + gaps))
  expect(most).toBeGreaterThanOrEqual(published)
}

beforeAll(compileExamples)
afterEach(endAll)

describe('the demo', () => {
  test('ends by itself with one line of JSON, all frames whole and accounted for', async () => {
    const program = demo('--source', 'pattern', '--frames', '90', ...SMALL)
    const result = (await program.result()) as DemoResult
    expect(program.stderr).toEqual([])
    expect(await program.ended).toBe(0)
    expect(result.readers.map(({ delivery }) => delivery)).toEqual(['latest', 'every', 'reliable'])
    expectAccounted(result, 90)
    for (const reader of result.readers) {
      expect(reader.p50_us).toBeGreaterThan(0)
      expect(reader.p99_us).toBeGreaterThanOrEqual(reader.p50_us)
    }
    expect(program.stdout.filter((line) => line.startsWith('{'))).toHaveLength(1)
    expect(remains(`demo-${program.pid}`)).toEqual([])
  })

  test.skipIf(!hasFfmpeg)('checks every byte of a film too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'framering-demo-'))
    try {
      const film = join(folder, 'film.mkv')
      const graph = ['-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=60', '-t', '0.5']
      execFileSync('ffmpeg', ['-loglevel', 'error', ...graph, '-c:v', 'mpeg4', film])
      // More frames than the film has: it begins again.
      const program = demo('--source', 'ffmpeg', '--input', film, '--frames', '45', '--no-page')
      const result = (await program.result()) as DemoResult
      expect(program.stderr).toEqual([])
      expect(await program.ended).toBe(0)
      expectAccounted(result, 45)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('ends cleanly at Ctrl-C and leaves nothing behind', async () => {
    const program = demo('--source', 'pattern', ...SMALL)
    const processes = await pids(program)
    await program.line((line) => line.includes('published') || undefined)
    program.kill('SIGINT')
    const { published, readers } = (await program.result()) as DemoResult
    expect(await program.ended).toBe(0)
    expect(published).toBeGreaterThan(0)
    expect(readers.every(({ received }) => received > 0)).toBe(true)
    expect(remains(`demo-${program.pid}`)).toEqual([])
    expect([...processes.values()].filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  })

  test('a reader that is killed disturbs no other, and shows in the exit code', async () => {
    const program = demo('--source', 'pattern', '--frames', '150', ...SMALL)
    const processes = await pids(program)
    await program.line((line) => line.includes('published') || undefined)
    process.kill(processes.get('recorder')!, 'SIGKILL')
    const { published, readers } = (await program.result()) as DemoResult
    expect(await program.ended).toBe(1)
    expect(program.stderr).toContain('recorder ended with SIGKILL')
    const [killed, others] = [readers[1]!, [readers[0]!, readers[2]!]]
    expect(killed).toMatchObject({ name: 'recorder' })
    expect(killed.received).toBeLessThan(150)
    expectAccounted({ published, readers: others }, 150)
    expect(remains(`demo-${program.pid}`)).toEqual([])
  })

  test('killed itself, it takes its processes along', async () => {
    const program = demo('--source', 'pattern', ...SMALL)
    const processes = [...(await pids(program)).values()]
    await program.line((line) => line.includes('published') || undefined)
    program.kill('SIGKILL')
    await program.ended
    while (processes.some(isRunning)) await setTimeout(20)
    expect(remains(`demo-${program.pid}`)).toEqual([])
  })

  test('says what is wrong with an option, and ends', async () => {
    const program = demo('--source', 'pattern', '--width', '16x', '--height', '16')
    const { published } = (await program.result()) as DemoResult
    expect([await program.ended, published]).toEqual([1, 0])
    expect(program.stderr.join()).toContain("--width takes a whole number from 1, not '16x'")
    expect(remains(`demo-${program.pid}`)).toEqual([])
  })
})

/** Whether a process runs; one that ended and that nobody has waited for has no command line. */
function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0
  } catch {
    return false
  }
}
