import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { openSource } from '../../src/cli/pub/open-source.ts'
import { openReader } from '../../src/index.ts'
import { encodeNpy, fromBytes } from '../../src/ndarray/index.ts'
import { verifyPattern } from '../../src/sources/index.ts'
import { writerOf } from '../support/live-ring.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { hasFfmpeg, hasPython } from '../support/tools.ts'
import { FakeDevices, simpleCamera } from '../v4l2/fake.ts'
import { built, CLI, framering, run, watching } from './framering.ts'
import { folder, records, shell } from './piping.ts'
import { inTerminal } from './terminal.ts'

built()

const SMALL = ['--size', '64x48'] as const

describe('a test pattern', () => {
  test('is what readers get, until Ctrl-C; then the ring is gone', async () => {
    const name = ringName()
    const pub = watching('pub', name, ...SMALL, '--fps', '200', '--json')
    expect(JSON.parse(await pub.line())).toMatchObject({
      ...{ type: 'ring', ring: name, fourcc: 'RGB3', width: 64, height: 48, slots: 8 },
      ...{ dtype: 'uint8', shape: [48, 64, 3], frameBytes: 64 * 48 * 3 },
    })
    const reader = openReader(name)
    for (let i = 0; i < 10; i++) {
      using frame = await reader.next()
      expect(verifyPattern(frame!.data, frame!.format)).toMatchObject({
        ok: true,
        sequence: frame!.sourceSequence,
      })
    }
    const status = JSON.parse(await pub.line()) as Record<string, number>
    expect(status).toMatchObject({ type: 'status', ring: name, dropped: 0, readers: 1 })
    expect(status['published']).toBeGreaterThan(9)
    expect(status['bytesPerSecond']).toBeCloseTo(status['rate']! * 64 * 48 * 3, 3)
    reader.close()
    pub.process.kill('SIGINT')
    let last: Record<string, unknown>
    do last = JSON.parse(await pub.line()) as typeof last
    while (last['type'] === 'status')
    expect(last).toMatchObject({ type: 'summary', ring: name, dropped: 0 })
    expect(await pub.ended()).toBe(0)
    expect(remains(name)).toEqual([])
  })

  test('ends after --count frames, all of which are counted', async () => {
    const name = ringName()
    const args = ['--fps', '500', '--count', '40', '--json', '--slots', '3', '--readers', '2']
    const { code, stdout, stderr } = await framering('pub', name, ...SMALL, ...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [first, ...more] = records(stdout)
    expect(first).toMatchObject({ type: 'ring', slots: 3 })
    expect(more.at(-1)).toMatchObject({ type: 'summary', ring: name, published: 40, dropped: 0 })
    expect(remains(name)).toEqual([])
  })

  test('ends after --duration, and says in words how it went', async () => {
    const name = ringName()
    const args = ['--dtype', 'float32', '--shape', '10x20', '--duration', '0.3']
    const { code, stdout, stderr } = await framering('pub', name, ...args)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(`ring ${name}: float32 [10, 20], 8 slots, `)
    expect(stderr).toMatch(/\n\S+: \d+ frames in \d\.\d s, [\d.]+ fps, 0 dropped, 0 readers\n$/)
  })

  test.skipIf(!hasPython)('tells in a terminal how it goes, in one line', async () => {
    const name = ringName()
    const { code, seen } = await inTerminal(['pub', name, ...SMALL], {
      until: 'fps, ',
      keys: '\x03',
    })
    expect(code).toBe(0)
    expect(seen).toContain(`\x1b[1G\x1b[2K${name}: `)
    expect(seen).toMatch(/0 dropped, 0 readers\r\n$/)
    expect(remains(name)).toEqual([])
  })
})

describe('what comes through a pipe', () => {
  test('raw frames become a ring, and its end the end of the ring', async () => {
    const name = ringName()
    const format = ['--format', 'GREY', ...SMALL]
    const pub = watching('pub', name, '--from', 'stdin', ...format, '--json')
    expect(JSON.parse(await pub.line())).toMatchObject({ type: 'ring', fourcc: 'GREY' })
    const reader = openReader(name, { delivery: 'every' })
    for (let n = 1; n <= 20; n++) {
      pub.process.stdin.write(Buffer.alloc(64 * 48, n))
      using frame = await reader.next()
      expect([frame!.sequence, ...new Set(frame!.data)]).toEqual([n, n])
    }
    expect(await pub.finish()).toBe(0)
    expect(await reader.next()).toBeNull()
  })

  test('.npy files say themselves what they are', async () => {
    const name = ringName()
    const pub = watching('pub', name, '--from', 'stdin', '--json')
    const array = (n: number) =>
      fromBytes('float64', [3, 5], new Uint8Array(new Float64Array(15).fill(n).buffer))
    pub.process.stdin.write(encodeNpy(array(1)))
    expect(JSON.parse(await pub.line())).toMatchObject({ dtype: 'float64', shape: [3, 5] })
    const reader = openReader(name, { delivery: 'every' })
    for (let n = 1; n <= 5; n++) {
      if (n > 1) pub.process.stdin.write(encodeNpy(array(n)))
      using frame = await reader.next()
      expect(frame!.array.get(2, 4)).toBe(n)
    }
    pub.process.stdin.write(encodeNpy(array(6)).subarray(0, 200))
    expect(await pub.finish()).toBe(1)
    const [failure] = records(pub.stderr)
    expect(failure).toEqual({
      error: {
        code: 'SOURCE_FAILED',
        message: expect.stringMatching(/^the stream ended \d+ bytes into frame 6/) as unknown,
      },
    })
  })

  test.each([
    ['raw', '', '--format NV12 --size 64x48'],
    ['.npy', '--npy', ''],
  ])('`cat a | pub b` is the same ring again, %s', async (_, cat, pub) => {
    const format = { fourcc: 'NV12', width: 64, height: 48 }
    const a = writerOf({ format })
    const b = ringName()
    const reader = openReader(b, { delivery: 'every', wait: true })
    a.write(Buffer.alloc(a.format.bytes, 1))
    const piped = shell(
      `framering cat "$1" ${cat} | framering pub "$2" --from stdin ${pub}`,
      a.name,
      b,
    )
    for (let n = 1; n <= 30; n++) {
      if (n > 1) a.write(Buffer.alloc(a.format.bytes, n))
      using frame = await reader.next()
      expect([frame!.sequence, ...new Set(frame!.data)]).toEqual([n, n])
      expect(frame!.format.shape).toEqual(a.format.shape)
    }
    a.close()
    const { code, stderr } = await piped
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`${a.name}: 30 frames in `)
    expect(stderr).toContain(`${b}: 30 frames in `)
    expect(await reader.next()).toBeNull()
  })
})

describe('other sources', () => {
  test.skipIf(!hasFfmpeg)('ffmpeg reads what it is told to', async () => {
    const name = ringName()
    const pub = watching(
      ...['pub', name, '--from', 'ffmpeg', 'color=gray:size=64x48:rate=50', '--json'],
      ...['--input-args', '-f "lavfi"', '--realtime', '--format', 'GREY'],
    )
    expect(JSON.parse(await pub.line())).toMatchObject({ fourcc: 'GREY', width: 64, height: 48 })
    using reader = openReader(name)
    using frame = await reader.next()
    expect([...new Set(frame!.data)].every((grey) => Math.abs(grey - 128) < 4)).toBe(true)
    pub.process.kill('SIGTERM')
    expect(await pub.ended()).toBe(0)
    expect(remains(name)).toEqual([])
  })

  test('pictures of a folder come in order, and again with --loop', async () => {
    const path = folder()
    for (const shade of [1, 2, 10]) {
      const create = { width: 8, height: 6, channels: 3, background: `rgb(${shade},0,0)` } as const
      await sharp({ create })
        .png()
        .toFile(join(path, `shot-${shade}.png`))
    }
    const name = ringName()
    const reader = openReader(name, { delivery: 'every', replay: 99, wait: true })
    const pub = watching(
      ...['pub', name, path, '--from', 'pictures', '--loop', '--fps', '20', '--slots', '99'],
    )
    const seen: number[] = []
    let gaps = 0
    for (let i = 0; i < 7; i++) {
      using frame = await reader.next()
      seen.push(frame!.data[0]!)
      gaps += frame!.gap
    }
    pub.process.kill('SIGHUP')
    expect(await pub.ended()).toBe(0)
    expect({ seen, gaps }).toEqual({ seen: [1, 2, 10, 1, 2, 10, 1], gaps: 0 })
  })

  test('what cannot be read as a picture is named', async () => {
    const file = join(folder(), 'no.png')
    writeFileSync(file, 'no picture')
    const { code, stderr } = await framering('pub', ringName(), file, '--from', 'pictures')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^SOURCE_FAILED: .*no\.png cannot be read as a picture.*\n$/)
  })

  test('a camera gives what it is asked for', async () => {
    using fake = await FakeDevices.create()
    const device = fake.plug('video0', { lines: simpleCamera('YUYV', 320, 240) })
    const flags = { from: 'camera', format: 'YUYV', size: { width: 320, height: 240 }, fps: 30 }
    const { signal } = new AbortController()
    for (const inputs of [[device], []]) {
      await using camera = await openSource(inputs, flags, signal)
      expect(camera.format).toMatchObject({ fourcc: 'YUYV', width: 320, height: 240 })
    }
    const larger = { ...flags, size: { width: 640, height: 480 } }
    await expect(openSource([device], larger, signal)).rejects.toMatchObject({
      code: 'FORMAT_INVALID',
    })
  })

  test('a camera that is not there is said in one sentence', async () => {
    const { code, stderr } = await framering('pub', 'x', '/dev/video999', '--from', 'camera')
    expect(code).toBe(3)
    expect(stderr).toMatch(/^NOT_FOUND: .*\/dev\/video999.*\n$/)
  })

  test('without ffmpeg it says what to install', async () => {
    const args = ['pub', 'x', '--from', 'ffmpeg', 'film.mp4']
    const { code, stderr } = await run([process.execPath, CLI, ...args], {
      env: { ...process.env, PATH: '/nowhere' },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^PEER_MISSING: there is no program ffmpeg; install it.*\n$/)
  })
})

describe('a ring that cannot be made is said in one sentence', () => {
  test('a name in use', async () => {
    const { name } = writerOf({ dtype: 'uint8', shape: [4] })
    const { code, stderr } = await framering('pub', name)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^NAME_IN_USE: .*\n$/)
  })

  test('too little shared memory', async () => {
    const args = ['--size', '60000x60000', '--slots', '1000', '--json']
    const { code, stderr } = await framering('pub', ringName(), ...args)
    expect(code).toBe(1)
    expect(records(stderr)).toEqual([
      { error: { code: 'SHM_FULL', message: expect.any(String) as unknown } },
    ])
  })

  test.each([
    [['--size', '640'], '--size takes width and height in pixels'],
    [['--size', '0x0'], 'width'],
    [['--size', '999999999x999999999'], 'a RGB3 picture of 999'],
    [['--from', 'ffmpeg', 'x', '--size', '0x9'], 'width'],
    [['--dtype', 'float32', '--shape', '1'], '32 bytes'],
    [['--format', 'MJPG'], 'uncompressed'],
    [['--shape', '4;5'], '--shape takes a length for each axis'],
    [['--dtype', 'uint8'], '--dtype needs --shape'],
    [['--dtype', 'uint8', '--shape', '4', '--size', '4x4'], 'for a picture, or --dtype'],
    [['--mode', '888'], '--mode takes three octal digits'],
    [['--lock', 'maybe'], 'Allowed choices are try, required, none'],
    [['--fps', '0'], '--fps takes frames a second'],
    [['--duration', '1e9'], '--duration takes at most'],
    [['--loop'], '--loop goes with --from ffmpeg or pictures, not with pattern'],
    [['film.mp4'], '--from pattern takes no input; got 1'],
    [['--from', 'ffmpeg'], '--from ffmpeg takes one input'],
    [['--from', 'pictures'], '--from pictures takes a folder, or picture files; got none'],
    [['--from', 'screen'], 'Allowed choices are pattern, ffmpeg, camera, pictures, stdin'],
    [['--from', 'stdin', '--format', 'GREY'], '--format needs --size'],
  ])('a command line that makes no sense: %j', async (args, message) => {
    const { code, stdout, stderr } = await framering('pub', 'test', ...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^OPTION_INVALID: .*\n$/)
    expect(stderr).toContain(message)
  })
})

test('--mode is that of the ring, for others to read', async () => {
  const name = ringName()
  const pub = watching('pub', name, ...SMALL, '--mode', '644', '--json')
  await pub.line()
  const { stdout } = await run(['stat', '-c', '%a', `/dev/shm/framering.${name}.data`])
  pub.process.kill('SIGINT')
  expect(await pub.ended()).toBe(0)
  expect(stdout).toBe('644\n')
})
