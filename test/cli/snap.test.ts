import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { openReader } from '../../src/index.ts'
import { decodeNpy } from '../../src/ndarray/index.ts'
import { writerOf } from '../support/live-ring.ts'
import { ringName } from '../support/ring-name.ts'
import { hasPython } from '../support/tools.ts'
import { built, CLI, framering, run, watching } from './framering.ts'
import { folder, mapped, records, shell } from './piping.ts'
import { inTerminal } from './terminal.ts'

built()

const RGB = { format: { fourcc: 'RGB3', width: 20, height: 10 } } as const

/** A ring whose newest frame has this pixel everywhere. */
function painted(...pixel: number[]) {
  const writer = writerOf({ ...RGB, maxReaders: 1 })
  writer.write(Buffer.alloc(600))
  writer.write(Buffer.from(Array.from({ length: 200 }, () => pixel).flat()), {
    captureTime: 1234.5,
    sourceSequence: 77,
  })
  return writer
}

test('the newest frame becomes a picture, and --json tells which it was', async () => {
  const { name, format } = painted(200, 100, 50)
  const file = join(folder(), 'front.png')
  const { code, stdout, stderr } = await framering('snap', name, file, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(records(stdout)).toEqual([
    {
      ...{ file, bytes: statSync(file).size, ring: name, sequence: 2, sourceSequence: 77 },
      ...{ fourcc: 'RGB3', width: 20, height: 10, dtype: 'uint8', shape: [10, 20, 3] },
      ...{ frameBytes: format.bytes, captureTime: 1234.5, captureClock: 'monotonic' },
      ...{ captureMoment: 'unknown', pts: null, timeBase: null, info: null },
      user: [0, 0, 0, 0, 0, 0, 0, 0],
      session: expect.any(Number) as unknown,
      publishTime: expect.any(Number) as unknown,
      captured: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      published: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    },
  ])
  expect(await sharp(file).raw().toBuffer()).toEqual(
    Buffer.from(Array.from({ length: 200 }, () => [200, 100, 50]).flat()),
  )
})

test('without a file it is named after the ring, in the folder one is in', async () => {
  const { name } = painted(1, 2, 3)
  const cwd = folder()
  const { code, stdout } = await run([process.execPath, CLI, 'snap', name], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(`${name}.png: RGB3 20 × 10, frame 2, `)
  expect(existsSync(join(cwd, `${name}.png`))).toBe(true)
})

test('.npy has all values, and .npy.json where and when they were taken', async () => {
  const depth = writerOf({ dtype: 'float32', shape: [2, 2] })
  depth.write(new Float32Array([1.5, 2.5, Infinity, -0.25]))
  const file = join(folder(), 'depth.npy')
  expect((await framering('snap', depth.name, file)).code).toBe(0)
  expect(decodeNpy(readFileSync(file)).toNested()).toEqual([
    [1.5, 2.5],
    [Infinity, -0.25],
  ])
  expect(JSON.parse(readFileSync(`${file}.json`, 'utf8'))).toMatchObject({ ring: depth.name })
})

test('- is stdout, --as says what', async () => {
  const { name } = painted(9, 9, 9)
  const file = join(folder(), 'picture')
  for (const [args, format] of [
    ['', 'png'],
    ['--as webp', 'webp'],
    ['--as jpeg --quality 50', 'jpeg'],
  ] as const) {
    const { code, stderr } = await shell(`framering snap "$1" - ${args} > "$2"`, name, file)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect((await sharp(readFileSync(file)).metadata()).format).toBe(format)
  }
})

test('it takes no place among the readers', async () => {
  const { name } = painted(1, 1, 1)
  using only = openReader(name)
  using frame = await only.next()
  expect(frame!.sequence).toBe(2)
  expect((await framering('snap', name, join(folder(), 'x.png'))).code).toBe(0)
})

describe('a failure is one sentence', () => {
  test('no frame in time: 4', async () => {
    const { name } = writerOf(RGB)
    const { code, stderr } = await framering('snap', name, '/nowhere/x.png', '--timeout', '0.1')
    expect(code).toBe(4)
    expect(stderr).toBe(
      `TIMED_OUT: ring '${name}' had no frame in 0.1 s; is its source running? --timeout waits longer\n`,
    )
  })

  test('a ring that ends before its first frame: 3', async () => {
    const writer = writerOf(RGB)
    const snap = watching('snap', writer.name, '/nowhere/x.png', '--timeout', '600')
    // It maps the ring when it has begun to wait: from then on the end is seen.
    await mapped(snap.pid, writer.name)
    writer.close()
    expect(await snap.ended()).toBe(3)
    expect(snap.stderr).toMatch(/^NOT_FOUND: ring '\S+' ended before it had a frame.*\n$/)
  })

  test('waiting ends at Ctrl-C: 0', async () => {
    const { name } = writerOf(RGB)
    const snap = watching('snap', name, '/nowhere/x.png', '--timeout', '600')
    await mapped(snap.pid, name)
    snap.process.kill('SIGINT')
    expect(await snap.ended()).toBe(0)
    expect(snap.stderr).toBe('')
  })

  test.each([
    [3, 'NOT_FOUND: ', [ringName(), 'x.png']],
    [2, 'OPTION_INVALID: ', ['x', '--quality', '101']],
    [2, '--as goes with -', ['x', 'y.png', '--as', 'png']],
    [2, '--json and the picture', ['x', '-', '--json']],
    [2, 'Allowed choices are png, jpeg, webp, npy', ['x', '-', '--as', 'gif']],
  ])('%i: %s', async (expected, message, args) => {
    const { code, stdout, stderr } = await framering('snap', ...args)
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('a file that cannot be: 2 for its ending, 1 for its folder', async () => {
    const { name } = painted(1, 1, 1)
    const ending = await framering('snap', name, 'x.gif')
    expect(ending.code).toBe(2)
    expect(ending.stderr).toMatch(
      /^OPTION_INVALID: the path is "x.gif"; give one that ends in .*\n$/,
    )
    const nowhere = await framering('snap', name, '/nowhere/x.png')
    expect(nowhere.code).toBe(1)
    expect(nowhere.stderr).toBe(
      'SINK_FAILED: /nowhere/x.png was not written: there is no folder /nowhere; make it first\n',
    )
  })

  test.skipIf(!hasPython)('a terminal that would get the bytes: 2', async () => {
    const { code, seen } = await inTerminal(['snap', painted(1, 1, 1).name, '-'])
    expect(code).toBe(2)
    expect(seen).toMatch(/^OPTION_INVALID: stdout is a terminal/)
  })
})
