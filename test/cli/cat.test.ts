import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Writer } from '../../src/index.ts'
import { decodeNpy, encodeNpy } from '../../src/ndarray/index.ts'
import { writerOf } from '../support/live-ring.ts'
import { ringName } from '../support/ring-name.ts'
import { hasNumpy, hasPython, PYTHON } from '../support/tools.ts'
import { built, CLI, framering, run, watching } from './framering.ts'
import { begun, folder, joined, mortalName, records, shell } from './piping.ts'
import { inTerminal } from './terminal.ts'

built()

const GREY = { format: { fourcc: 'GREY', width: 100, height: 50 } } as const
const BYTES = 5000

function write(writer: Writer, ...shades: number[]): void {
  for (const shade of shades) writer.write(Buffer.alloc(writer.format.bytes, shade))
}

/** `framering cat` whose output nobody reads before the test does. */
function unread(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'cat', ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'close').then(() => ({
    code: child.exitCode ?? child.signalCode,
    stderr: said,
  }))
  return { child, ended }
}

test('the bytes of each frame, in order, and nothing else, until the ring ends', async () => {
  const a = writerOf(GREY)
  const file = join(folder(), 'frames')
  const cat = shell('framering cat "$1" > "$2"', a.name, file)
  await joined(a)
  write(a, 1)
  // Joining is not over yet when the ring has its reader.
  await begun(file)
  write(a, 2, 3, 4)
  a.close()
  const said = await cat
  expect(said.code, said.stderr).toBe(0)
  expect(said).toMatchObject({
    stderr: expect.stringMatching(/: 4 frames in \d+\.\d s, none missed\n$/) as unknown,
  })
  expect(readFileSync(file)).toEqual(
    Buffer.concat([1, 2, 3, 4].map((shade) => Buffer.alloc(BYTES, shade))),
  )
})

test('a file that takes a part of a frame alone is a failure, and not a shorter frame', async () => {
  const a = writerOf(GREY)
  write(a, 1)
  const file = join(folder(), 'frames')
  // 4 KiB, as a disk that has so much room.
  const line = 'ulimit -f 4; framering cat "$1" --count 1 > "$2"'
  const { code, stderr } = await shell(line, a.name, file)
  expect(stderr).toMatch(/^SYSTEM: cannot write the output: EFBIG.*; make room there.*$/m)
  expect(code).toBe(1)
  expect(readFileSync(file)).toHaveLength(4096)
})

test('--count frames and no more, beginning with the newest there is', async () => {
  const a = writerOf(GREY)
  write(a, 7, 8)
  const file = join(folder(), 'frames')
  const { code, stderr } = await shell('framering cat "$1" --count 1 --json > "$2"', a.name, file)
  expect(code).toBe(0)
  expect(records(stderr)).toEqual([
    {
      ...{
        ring: a.name,
        frames: 1,
        bytes: BYTES,
        seconds: expect.any(Number) as unknown,
        missed: 0,
        waiting: 0,
      },
      lost: { source: 0, noSlot: 0, overrun: 0, skipped: 0, restart: 0 },
    },
  ])
  expect(readFileSync(file)).toEqual(Buffer.alloc(BYTES, 8))
})

describe('--npy', () => {
  test('makes of each frame a file with dtype and shape', async () => {
    const a = writerOf({ dtype: 'float32', shape: [2, 3] })
    const file = join(folder(), 'frames.npy')
    const cat = shell('framering cat "$1" --npy > "$2"', a.name, file)
    await joined(a)
    a.write(new Float32Array(6).fill(1))
    await begun(file)
    a.write(new Float32Array(6).fill(2))
    a.setFormat({ dtype: 'uint16', shape: [4] })
    a.write(new Uint16Array([9, 8, 7, 6]))
    a.close()
    expect((await cat).code).toBe(0)
    let rest = readFileSync(file)
    const arrays: unknown[] = []
    while (rest.length > 0) {
      const array = decodeNpy(rest)
      arrays.push(array.toNested())
      rest = rest.subarray(encodeNpy(array).length)
    }
    const twoByThree = (n: number) => [
      [n, n, n],
      [n, n, n],
    ]
    expect(arrays).toEqual([twoByThree(1), twoByThree(2), [9, 8, 7, 6]])
  })

  test.skipIf(!hasNumpy)('is what numpy.load reads, one after the other', async () => {
    const a = writerOf({ dtype: 'int32', shape: [2, 2] })
    const file = join(folder(), 'frames.npy')
    const cat = shell('framering cat "$1" --npy > "$2"', a.name, file)
    await joined(a)
    a.write(new Int32Array(4).fill(5))
    await begun(file)
    for (const n of [6, 7]) a.write(new Int32Array(4).fill(n))
    a.close()
    expect((await cat).code).toBe(0)
    const script =
      'import sys, numpy\nwith open(sys.argv[1], "rb") as f:\n' +
      '  for i in range(3):\n    a = numpy.load(f)\n    print(a.dtype, a.shape, a.sum())\n'
    expect((await run([PYTHON, '-c', script, file])).stdout).toBe(
      'int32 (2, 2) 20\nint32 (2, 2) 24\nint32 (2, 2) 28\n',
    )
  })
})

test('--convert gives pictures in another format', async () => {
  const a = writerOf({ format: { fourcc: 'RGB3', width: 16, height: 8 } })
  write(a, 200)
  const file = join(folder(), 'frame')
  const to = async (...args: string[]): Promise<Buffer> => {
    const line = `framering cat "$1" --count 1 ${args.join(' ')} > "$2"`
    expect((await shell(line, a.name, file)).code).toBe(0)
    return readFileSync(file)
  }
  expect(await to('--convert', 'GREY')).toEqual(Buffer.alloc(16 * 8, 200))
  const array = decodeNpy(await to('--convert', 'RGBA', '--npy'))
  expect(array.shape).toEqual([8, 16, 4])
  expect([0, 1, 2, 3].map((channel) => array.get(7, 15, channel))).toEqual([200, 200, 200, 255])
})

describe('a slow pipe', () => {
  test('makes this reader lose frames, every one of them counted, and nobody else', async () => {
    const a = writerOf({ dtype: 'uint8', shape: [1_000_000], slots: 8 })
    const { child, ended } = unread(a.name, '--json')
    await joined(a)
    for (let n = 1; n <= 200; n++) write(a, n)
    expect(a.stats().dropped).toBe(0)
    a.close()
    const parts: Buffer[] = []
    for await (const part of child.stdout) parts.push(part as Buffer)
    const all = Buffer.concat(parts)
    const { code, stderr } = await ended
    expect(code).toBe(0)
    const [{ frames, bytes, missed, lost } = {}] = records(stderr)
    expect(missed).toBeGreaterThan(0)
    expect((frames as number) + (missed as number)).toBe(200)
    expect(lost).toMatchObject({ overrun: missed })
    expect(bytes).toBe(all.length)
    let last = 0
    for (let at = 0; at < all.length; at += 1_000_000) {
      const shade = all[at]!
      expect(shade).toBeGreaterThan(last)
      expect(all.subarray(at, at + 1_000_000).every((byte) => byte === shade)).toBe(true)
      last = shade
    }
  })

  test('with --latest it gets the newest', async () => {
    const a = writerOf({ dtype: 'uint8', shape: [1_000_000], slots: 8 })
    const { child, ended } = unread(a.name, '--latest', '--json')
    await joined(a)
    for (let n = 1; n <= 50; n++) write(a, n)
    a.close()
    let length = 0
    let last = 0
    for await (const part of child.stdout) {
      length += (part as Buffer).length
      last = (part as Buffer).at(-1)!
    }
    expect((await ended).code).toBe(0)
    expect(last).toBe(50)
    expect(length).toBeLessThanOrEqual(3_000_000)
  })

  test('keeps nobody from ending it with Ctrl-C', async () => {
    const a = writerOf({ dtype: 'uint8', shape: [1_000_000] })
    write(a, 1)
    const { child, ended } = unread(a.name)
    // some of it has come, and nobody takes the rest
    await once(child.stdout, 'readable')
    child.kill('SIGINT')
    await once(child, 'exit')
    child.stdout.resume()
    expect((await ended).code).toBe(0)
    expect(a.stats().readers).toBe(0)
  })

  test('leaves nothing untold at Ctrl-C: what was overwritten is missed, the rest is waiting', async () => {
    const a = writerOf({ dtype: 'uint8', shape: [1_000_000], slots: 8 })
    const { child, ended } = unread(a.name, '--json')
    await joined(a)
    write(a, 1)
    // some of it has come, and nobody takes the rest
    await once(child.stdout, 'readable')
    for (let n = 2; n <= 200; n++) write(a, n)
    child.kill('SIGINT')
    await once(child, 'exit')
    child.stdout.resume()
    const { code, stderr } = await ended
    expect(code).toBe(0)
    const [said] = records(stderr) as Record<'missed' | 'waiting', number>[]
    const { missed, waiting } = said!
    expect(said).toMatchObject({ frames: 0, bytes: 0, lost: { overrun: missed, noSlot: 0 } })
    expect(missed + waiting).toBe(200)
    // The one in the pipe and those in the slots but for one, which the writer may need.
    expect(waiting).toBeGreaterThan(1)
    expect(waiting).toBeLessThanOrEqual(9)
  })

  test('that is closed ends it at once, without a complaint', async () => {
    const a = writerOf({ dtype: 'uint8', shape: [1_000_000] })
    const { child, ended } = unread(a.name)
    await joined(a)
    child.stdout.destroy()
    const over = new AbortController()
    const end = ended.finally(() => {
      over.abort()
    })
    for (let n = 1; !over.signal.aborted; n++) {
      write(a, n)
      await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 20))])
    }
    const { code, stderr } = await end
    expect(code).toBe(0)
    expect(stderr).toMatch(/^\S+: \d+ frames? in .*\n$/)
  })
})

test('--observe copies, and the writer knows of no reader', async () => {
  const a = writerOf({ ...GREY, maxReaders: 1 })
  write(a, 5)
  const joining = watching('cat', a.name, '--npy')
  await joined(a)
  const file = join(folder(), 'frame')
  const line = 'framering cat "$1" --observe --count 1 > "$2"'
  expect((await shell(line, a.name, file)).code).toBe(0)
  expect(readFileSync(file)).toEqual(Buffer.alloc(BYTES, 5))
  joining.process.kill('SIGINT')
  expect(await joining.ended()).toBe(0)
})

describe('a failure is one sentence', () => {
  test('no such ring: 3', async () => {
    const { code, stdout, stderr } = await framering('cat', ringName())
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^NOT_FOUND: .*\n$/)
  })

  test('a writer that dies: 3', async () => {
    const name = mortalName()
    const pub = watching('pub', name, '--fps', '100', '--size', '64x48', '--json')
    await pub.line()
    const { child, ended } = unread(name)
    await once(child.stdout.resume(), 'data')
    await pub.kill()
    const { code, stderr } = await ended
    expect(code).toBe(3)
    expect(stderr).toMatch(/\nWRITER_DIED: .*\n$/)
  })

  test('another format midway, which raw bytes cannot tell: 1', async () => {
    const a = writerOf(GREY)
    const { child, ended } = unread(a.name)
    child.stdout.resume()
    await joined(a)
    write(a, 1)
    a.setFormat({ format: { fourcc: 'GREY', width: 50, height: 100 } })
    write(a, 2)
    const { code, stderr } = await ended
    expect(code).toBe(1)
    expect(stderr).toContain('FORMAT_INVALID: the ring changed from GREY 100 × 50 to GREY 50 × 100')
  })

  test('a format that is none: 2, before the ring is looked for', async () => {
    const { code, stderr } = await framering('cat', ringName(), '--convert', 'NOPE')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^OPTION_INVALID: .*--convert.*NOPE.*GREY.*\n$/)
  })

  test.skipIf(!hasPython)('a terminal, which frames would only upset: 2', async () => {
    const { code, seen } = await inTerminal(['cat', writerOf(GREY).name])
    expect(code).toBe(2)
    expect(seen).toMatch(/^OPTION_INVALID: stdout is a terminal/)
  })
})
