import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { FrameReader, type DemoFrame } from '../../examples/python-demo/frame-reader.ts'
import { FrameWriter } from '../../examples/python-demo/frame-writer.ts'
import { openSemaphore } from '../../src/semaphore/index.ts'
import { python } from '../support/line-peer.ts'
import { ringName } from '../support/ring-name.ts'
import { hasPython } from '../support/tools.ts'
import { compileExamples, endAll, Program } from './program.ts'

beforeAll(compileExamples)
afterEach(endAll)

/** What is left of a name in shared memory. */
function left(name: string): string[] {
  return readdirSync('/dev/shm').filter((entry) => entry.includes(name))
}

function solid(rows: number, columns: number, value: number): Uint8Array {
  return new Uint8Array(rows * columns * 3).fill(value)
}

function writerOf(name: string): FrameWriter {
  const writer = new FrameWriter(name)
  onTestFinished(() => {
    writer[Symbol.dispose]()
  })
  return writer
}

/** Undefined, in the next turn of the event loop. */
function nextTurn(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(resolve, undefined))
}

async function next(reader: FrameReader): Promise<DemoFrame> {
  for (;;) {
    const frame = await reader.read()
    if (frame !== undefined) return frame
    await nextTurn()
  }
}

describe.skipIf(!hasPython)('a reader of the Python demo’s protocol', () => {
  test('gets whole frames of our writer', async () => {
    const name = ringName()
    const writer = writerOf(name)
    const reader = python('demo_reader.py', name, '20')
    let line = reader.line()
    const seen: number[] = []
    for (let read = 0; read < 20;) {
      const number = writer.count + 1
      expect(writer.add(solid(48, 64, number % 256), [48, 64, 3])).toBe(true)
      const said = await Promise.race([line, nextTurn()])
      if (said === undefined) continue
      const { count, shape, values } = JSON.parse(said) as Record<string, unknown>
      expect([shape, values]).toEqual([[48, 64, 3], [(count as number) % 256]])
      seen.push(count as number)
      if (++read < 20) line = reader.line()
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
    expect(await reader.ended()).toBe(0)
    writer[Symbol.dispose]()
    expect(left(name)).toEqual([])
  })

  test('gets a larger frame than those before, and nobody is locked out', async () => {
    const name = ringName()
    const writer = writerOf(name)
    using ours = new FrameReader(name)
    writer.add(solid(2, 2, 1), [2, 2, 3])
    expect((await next(ours)).array.shape).toEqual([2, 2, 3])
    writer.add(solid(480, 640, 2), [480, 640, 3])
    expect((await next(ours)).array.get(479, 639, 2)).toBe(2)
    const line = await python('demo_reader.py', name, '1').line()
    expect(JSON.parse(line)).toEqual({ count: 2, shape: [480, 640, 3], values: [2] })
    writer.add(solid(3, 3, 3), [3, 3, 3])
    expect((await next(ours)).array.toNested()).toEqual(
      Array(3).fill(Array(3).fill(Array(3).fill(3))),
    )
  })
})

describe.skipIf(!hasPython)('a writer of the Python demo’s protocol', () => {
  test('is read whole, frame by frame', async () => {
    const name = ringName()
    using reader = new FrameReader(name)
    expect(await reader.read()).toBeUndefined()
    const writer = python('demo_writer.py', name, '120', '160')
    await writer.line()
    let last = 0
    for (let i = 0; i < 200; i++) {
      const { array, count } = await next(reader)
      expect(count).toBeGreaterThan(last)
      last = count
      expect(array.shape).toEqual([120, 160, 3])
      const value = count % 256
      expect(array.data.every((byte) => byte === value)).toBe(true)
    }
    writer.process.stdin.end()
    expect(Number(await writer.line())).toBeGreaterThanOrEqual(last)
    expect(await writer.ended()).toBe(0)
    expect(left(name)).toEqual([])
  })

  test('may be killed and started again', async () => {
    const name = ringName()
    using reader = new FrameReader(name)
    const first = python('demo_writer.py', name, '8', '8', '3')
    await first.line()
    // The last: by the protocol, a first frame after the first one would be no other.
    while ((await next(reader)).count < 3);
    await first.kill()
    const second = python('demo_writer.py', name, '8', '8', '1')
    await second.line()
    for (;;) {
      const { count } = await next(reader)
      if (count === 1) break
    }
    await second.finish()
    expect(left(name)).toEqual([])
  })
})

test.skipIf(!hasPython)('what a killed writer left is replaced by ours', async () => {
  const name = ringName()
  const dead = python('demo_writer.py', name, '8', '8', '3')
  await dead.line()
  await dead.kill()
  expect(left(name).sort()).toEqual([`sem.${name}`, name, `${name}-meta`])
  const writer = writerOf(name)
  expect(writer.add(solid(4, 4, 9), [4, 4, 3])).toBe(true)
  const line = await python('demo_reader.py', name, '1').line()
  expect(JSON.parse(line)).toEqual({ count: 1, shape: [4, 4, 3], values: [9] })
})

test('a writer that restarts while a reader waits for the lock of the former one gives it no frame of both', async () => {
  const name = ringName()
  const former = new FrameWriter(name)
  former.add(solid(1, 1, 1), [1, 1, 3])
  using lock = openSemaphore(name)
  lock.tryWait()
  using reader = new FrameReader(name)
  const read = reader.read()
  const writer = writerOf(name)
  writer.add(solid(1, 1, 2), [1, 1, 3])
  lock.post()
  expect(await read).toBeUndefined()
  expect((await reader.read())?.array.get(0, 0, 0)).toBe(2)
})

test('the two programs work together', async () => {
  const name = ringName()
  const folder = mkdtempSync(join(tmpdir(), 'framering-demo-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  const png = join(folder, 'last.png')
  const run = (script: string) => `build/examples/python-demo/${script}.js`
  const writer = new Program(run('write'), '--name', name, '--source', 'pattern', '--fps', '60')
  await writer.line((line) => (line.includes('test pattern') ? line : undefined))
  const reader = new Program(
    run('read'),
    '--name',
    name,
    '--frames',
    '20',
    '--json',
    '--snapshot',
    png,
  )
  expect(await reader.ended).toBe(0)
  const frames = reader.stdout.map((line) => JSON.parse(line) as { count: number; shape: number[] })
  expect(frames).toHaveLength(20)
  expect(frames.every(({ shape }) => shape.join() === '480,640,3')).toBe(true)
  expect(readFileSync(png).subarray(1, 4).toString()).toBe('PNG')
  writer.kill('SIGINT')
  expect(await writer.ended).toBe(0)
  expect(left(name)).toEqual([])
  expect(execFileSync(process.execPath, [run('write'), '--help'], { encoding: 'utf8' })).toContain(
    'read.py',
  )
})
