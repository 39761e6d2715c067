import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ffmpeg, type FfmpegOptions, type LoanMeta } from '../../src/sources/index.ts'
import { FakeWriter } from './fake-writer.ts'
import { hasFfmpeg } from '../support/tools.ts'

const dir = mkdtempSync(join(tmpdir(), 'framering-test-'))
const film = join(dir, 'film.mp4')
const FRAMES = 25

beforeAll(() => {
  process.env['TMPDIR'] = dir
  const input = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=322x182:rate=25']
  execFileSync('ffmpeg', [...input, '-frames:v', `${FRAMES}`, '-pix_fmt', 'yuv420p', film])
})
afterAll(() => {
  rmSync(dir, { recursive: true })
})

const decoded = (pixFmt: string, more: string[] = []): Buffer =>
  execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', film, ...more, '-pix_fmt', pixFmt, '-f', 'rawvideo', '-'],
    {
      maxBuffer: 1e9,
    },
  )

/** Everything a source publishes, one after the other. */
async function collect(options: FfmpegOptions, signal?: AbortSignal) {
  await using source = await ffmpeg(options)
  const chunks: Uint8Array[] = []
  const metas: LoanMeta[] = []
  const writer = new FakeWriter(source.format, (data, meta) => {
    chunks.push(data.slice())
    metas.push(meta)
  })
  const result = await source.pump(writer, signal ? { signal } : {})
  return { bytes: Buffer.concat(chunks), metas, result, writer, format: source.format }
}

/** Children of this process that are alive or not reaped. */
function children(): string[] {
  const task = `/proc/${process.pid}/task`
  return readdirSync(task).flatMap((thread) =>
    readFileSync(join(task, thread, 'children'), 'utf8')
      .split(' ')
      .filter(Boolean),
  )
}

describe.skipIf(!hasFfmpeg)('ffmpeg', () => {
  it.each([
    ['RGB3', 'rgb24'],
    ['BGRA', 'bgra'],
    ['I420', 'yuv420p'],
    ['NV12', 'nv12'],
    ['YUYV', 'yuyv422'],
    ['Y16', 'gray16le'],
    ['32FC1', 'grayf32le'],
  ])(
    'delivers an encoded film as %s byte for byte as ffmpeg decodes it',
    async (fourcc, pixFmt) => {
      const { bytes, result, format, writer } = await collect({ input: film, fourcc })
      expect(format).toMatchObject({ width: 322, height: 182 })
      expect(result).toEqual({ published: FRAMES, dropped: 0 })
      expect(Buffer.compare(bytes, decoded(pixFmt))).toBe(0)
      expect(writer.outstanding).toBe(0)
    },
  )

  it('scales to the size asked for', async () => {
    const { bytes } = await collect({ input: film, width: 97, height: 51 })
    expect(Buffer.compare(bytes, decoded('rgb24', ['-s', '97x51']))).toBe(0)
  })

  it('takes an input that needs options, and frames of a few bytes', async () => {
    const options = { inputOptions: ['-f', 'lavfi'], fourcc: 'GREY' }
    const graph = 'color=gray:size=3x5:rate=25:duration=4,format=gray,geq=lum=N'
    const { bytes, result } = await collect({ input: graph, ...options })
    expect(result.published).toBe(100)
    const frames = Array.from({ length: 100 }, (_, n) => Array<number>(15).fill(n))
    expect([...bytes]).toEqual(frames.flat())
  })

  it('numbers frames and, at a given rate, tells their exact presentation time', async () => {
    const { metas } = await collect({ input: film, fps: [30000, 1001], fourcc: 'GREY' })
    expect(metas.length).toBeGreaterThanOrEqual(29)
    metas.forEach((meta, i) => {
      const timeBase = [1001, 30000]
      expect(meta).toMatchObject({ sourceSequence: i + 1, pts: i, duration: 1, timeBase })
      expect(meta).toMatchObject({ captureMoment: 'received' })
      const before = metas[i - 1]?.captureTime ?? 0
      expect(meta.captureTime).toBeGreaterThan(before)
    })
    const free = await collect({ input: film, fourcc: 'GREY' })
    expect(free.metas[3]).toMatchObject({ sourceSequence: 4 })
    expect(free.metas[3]).not.toHaveProperty('pts')
  })

  it('delivers each frame of a film with uneven times once', async () => {
    const uneven = join(dir, 'uneven.mkv')
    const drop = "select='not(between(n,5,14))'"
    execFileSync('ffmpeg', ['-v', 'error', '-i', film, '-vf', drop, '-fps_mode', 'vfr', uneven])
    const { result } = await collect({ input: uneven })
    expect(result.published).toBe(FRAMES - 10)
  })

  it('counts the rotation of a phone film when it looks for the size', async () => {
    const turned = join(dir, 'turned.mp4')
    const rotate = ['-metadata:s:v', 'rotate=90', '-c', 'copy', turned]
    execFileSync('ffmpeg', ['-v', 'error', '-i', film, ...rotate])
    const { format, result } = await collect({ input: turned })
    expect(format).toMatchObject({ width: 182, height: 322 })
    expect(result.published).toBe(FRAMES)
  })

  it('begins again at the end of a film when told to loop', async () => {
    const stop = new AbortController()
    await using source = await ffmpeg({ input: film, loop: true })
    const writer = new FakeWriter(source.format, (_, __, index) => {
      if (index === 3 * FRAMES) stop.abort()
    })
    const { published } = await source.pump(writer, { signal: stop.signal })
    expect(published).toBeGreaterThan(3 * FRAMES)
  })

  it('abandons a frame that the end cuts off', async () => {
    // stands in for an ffmpeg that is killed halfway through its second frame
    const half = join(dir, 'half')
    writeFileSync(half, '#!/bin/sh\nhead -c 22000 /dev/zero\n')
    chmodSync(half, 0o755)
    const size = { width: 80, height: 60 }
    const { result, writer, bytes } = await collect({ input: 'x', ...size, ffmpegPath: half })
    expect(result.published).toBe(1)
    expect(bytes).toHaveLength(80 * 60 * 3)
    expect(writer).toMatchObject({ loans: 2, abandoned: 1 })
  })

  it('leaves no child, no descriptor and no file when stopped in the middle', async () => {
    const names = readdirSync(dir)
    const before = children()
    const fds = readdirSync('/proc/self/fd').length
    for (let round = 0; round < 5; round++) {
      const stop = new AbortController()
      await using source = await ffmpeg({
        input: 'testsrc=size=640x480',
        inputOptions: ['-f', 'lavfi'],
      })
      let during: string[] = []
      const writer = new FakeWriter(source.format, (_, __, index) => {
        if (index !== 4) return
        during = children()
        stop.abort()
      })
      const { published } = await source.pump(writer, { signal: stop.signal })
      expect(published).toBeGreaterThanOrEqual(5)
      expect(during.length).toBeGreaterThan(before.length)
      expect(children()).toEqual(before)
      expect(writer.outstanding).toBe(0)
    }
    expect(readdirSync(dir)).toEqual(names)
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(fds + 5)
  })

  it('stops a child that delivers nothing and ignores the polite request', async () => {
    const deaf = join(dir, 'deaf')
    writeFileSync(
      deaf,
      "#!/bin/sh\ntrap '' TERM\necho up >&2\nwhile :; do read x < /dev/zero; done\n",
    )
    chmodSync(deaf, 0o755)
    const before = children()
    const source = await ffmpeg({ input: 'x', width: 8, height: 8, ffmpegPath: deaf })
    const writer = new FakeWriter(source.format)
    const pump = source.pump(writer)
    while (children().length === before.length) await new Promise(setImmediate)
    await source[Symbol.asyncDispose]()
    expect(await pump).toEqual({ published: 0, dropped: 0 })
    expect(children()).toEqual(before)
    expect(writer.loans).toBe(0)
  })

  it('gives up the search for the size when told', async () => {
    const before = children()
    const live = { input: 'testsrc', inputOptions: ['-re', '-f', 'lavfi', '-ss', '100'] }
    const search = ffmpeg({ ...live, signal: AbortSignal.timeout(100) })
    await expect(search).rejects.toMatchObject({ code: 'ABORTED' })
    const never = ffmpeg({ ...live, signal: AbortSignal.abort() })
    await expect(never).rejects.toMatchObject({ code: 'ABORTED' })
    expect(children()).toEqual(before)
  })

  it('does not run over when the writer is closed underneath it', async () => {
    const before = children()
    await using source = await ffmpeg({ input: film })
    const writer = new FakeWriter(source.format)
    const loan = writer.loan.bind(writer)
    writer.loan = () => ({ ...loan(), data: new Uint8Array(0) })
    await expect(source.pump(writer)).rejects.toMatchObject({ code: 'CLOSED' })
    expect(children()).toEqual(before)
  })

  it('says what ffmpeg said when an input cannot be opened', async () => {
    const failure = {
      code: 'SOURCE_FAILED',
      message: expect.stringMatching(/exit code 1 .*No such file or directory/s) as string,
    }
    await expect(ffmpeg({ input: join(dir, 'none.mp4') })).rejects.toMatchObject(failure)
    const size = { width: 8, height: 8 }
    await using source = await ffmpeg({ input: join(dir, 'none.mp4'), ...size })
    const pump = source.pump(new FakeWriter(source.format))
    await expect(pump).rejects.toMatchObject(failure)
  })

  it('says how to install ffmpeg when it is missing', async () => {
    const missing = { input: film, ffmpegPath: '/nowhere/ffmpeg' }
    const failure = {
      code: 'PEER_MISSING',
      message: expect.stringContaining('apt install ffmpeg') as string,
    }
    await expect(ffmpeg(missing)).rejects.toMatchObject(failure)
    await using source = await ffmpeg({ ...missing, width: 8, height: 8 })
    const writer = new FakeWriter(source.format)
    await expect(source.pump(writer)).rejects.toMatchObject(failure)
    expect(writer.outstanding).toBe(0)
  })

  it('hands no option to a shell', async () => {
    const trap = join(dir, 'trap')
    const input = `x'; touch ${trap}; $(touch ${trap})`
    await expect(ffmpeg({ input })).rejects.toMatchObject({ code: 'SOURCE_FAILED' })
    expect(readdirSync(dir)).not.toContain('trap')
  })

  it.each([
    [{}, 'input'],
    [{ input: '' }, 'input'],
    [{ input: 'a\0b' }, 'input'],
    [{ input: 'a', inputOptions: '-f lavfi' }, 'inputOptions'],
    [{ input: 'a', inputOptions: [1] }, 'inputOptions[0]'],
    [{ input: 'a', width: 10 }, 'width and height'],
    [{ input: 'a', fps: -1 }, 'fps'],
    [{ input: 'a', fps: [30, 0] }, 'fps'],
    [{ input: 'a', fourcc: 'MJPG' }, 'fourcc'],
    [{ input: 'a', fourcc: 'RGGB' }, 'fourcc'],
    [{ input: 'a', realtime: 'yes' }, 'realtime'],
    [{ input: 'a', vf: 'scale' }, 'vf'],
  ])('refuses %j', async (options, named) => {
    await expect(ffmpeg(options as unknown as FfmpegOptions)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(named) as string,
    })
  })
})
