import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { nodeWebcam, type NodeWebcamOptions } from '../../src/sources/index.ts'
import { FakeWriter } from './fake-writer.ts'
import { hasFswebcam } from '../support/tools.ts'

// Not in os.tmpdir(), whose path may have what a FILE: must not.
const dir = mkdtempSync('/tmp/framering-test-')
const png = join(dir, 'scene.png')
const [width, height] = [160, 120]
const scene = new Uint8Array(width * height * 3)
const searchPath = process.env['PATH'] ?? ''

beforeAll(async () => {
  for (let i = 0; i < width * height; i++) {
    scene.set([i % width, Math.floor(i / width) * 2, 90], i * 3)
  }
  await sharp(scene, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(png)
})
afterEach(() => {
  process.env['PATH'] = searchPath
})
afterAll(() => {
  rmSync(dir, { recursive: true })
})

const folders = (): string[] =>
  readdirSync('/dev/shm').filter((name) => name.startsWith('framering-webcam-'))

/** Puts a script in fswebcam's place. */
function fakeCamera(name: string, script: string): void {
  const bin = mkdtempSync(join(dir, `${name}-`))
  writeFileSync(join(bin, 'fswebcam'), `#!/bin/sh\n${script}`)
  chmodSync(join(bin, 'fswebcam'), 0o755)
  process.env['PATH'] = `${bin}${delimiter}${searchPath}`
}

async function shoot(options: NodeWebcamOptions, shots = 3) {
  await using source = await nodeWebcam({ device: `FILE:${png}`, ...options })
  const seen: Uint8Array[] = []
  const stop = new AbortController()
  const writer = new FakeWriter(source.format, (data, meta, index) => {
    seen.push(data.slice())
    expect(meta.sourceSequence).toBe(index + 1)
    if (index + 1 === shots) stop.abort()
  })
  const result = await source.pump(writer, { signal: stop.signal })
  expect(result).toEqual({ published: shots, dropped: 0 })
  expect(writer.outstanding).toBe(0)
  return { seen, format: source.format }
}

const worst = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0)

describe.skipIf(!hasFswebcam)('nodeWebcam', () => {
  it('publishes what the camera sees, pixel for pixel through png', async () => {
    const { seen, format } = await shoot({ output: 'png' })
    expect(format).toMatchObject({ fourcc: 'RGB3', width, height })
    for (const data of seen) expect(Buffer.compare(data, scene)).toBe(0)
  })

  it('publishes what the camera sees within the tolerance of jpeg', async () => {
    const { seen } = await shoot({}, 2)
    for (const data of seen) expect(worst(data, scene)).toBeLessThanOrEqual(8)
  })

  it('delivers RGBA and GREY', async () => {
    const rgba = await shoot({ output: 'png', fourcc: 'RGBA' }, 1)
    expect([...(rgba.seen[0] as Uint8Array).subarray(20, 24)]).toEqual([5, 0, 90, 255])
    const grey = await shoot({ output: 'png', fourcc: 'GREY' }, 1)
    expect(grey.seen[0]).toHaveLength(width * height)
  })

  it('takes the size of the picture, not the size asked for', async () => {
    const { format } = await shoot({ width: 1280, height: 720, rotation: 90 }, 1)
    expect(format).toMatchObject({ width: height, height: width })
  })

  it('shows each new scene, not a picture kept from before', async () => {
    const changing = join(dir, 'changing.png')
    const shade = (value: number): Promise<Buffer> =>
      sharp(new Uint8Array(3 * 64).fill(value), { raw: { width: 8, height: 8, channels: 3 } })
        .png()
        .toBuffer()
    const [before, after] = await Promise.all([shade(10), shade(220)])
    writeFileSync(changing, before)
    await using source = await nodeWebcam({ device: `FILE:${changing}`, output: 'png' })
    const shades: (number | undefined)[] = []
    const stop = new AbortController()
    const writer = new FakeWriter(source.format, (data, _, index) => {
      shades.push(data[0])
      writeFileSync(changing, after)
      if (index === 1) stop.abort()
    })
    await source.pump(writer, { signal: stop.signal })
    expect(shades).toEqual([10, 220])
  })

  it('keeps its pictures in a private folder in memory and removes it', async () => {
    const before = folders()
    const source = await nodeWebcam({ device: `FILE:${png}` })
    const mine = folders().filter((name) => !before.includes(name))
    expect(mine).toHaveLength(1)
    expect(statSync(join('/dev/shm', mine[0] as string)).mode & 0o777).toBe(0o700)
    await source[Symbol.asyncDispose]()
    expect(folders()).toEqual(before)
  })

  it('kills a camera program that hangs, and leaves nothing', async () => {
    const before = folders()
    const pid = join(dir, 'pid')
    // the first picture comes, every later run hangs
    const last = '"$(eval echo \\${$#})"'
    fakeCamera(
      'hangs',
      `[ -e ${pid} ] || { : > ${pid}; cp ${png} ${last}; exit; }\necho $$ > ${pid}\nexec sleep 600\n`,
    )
    const source = await nodeWebcam({ output: 'png' })
    const pump = source.pump(new FakeWriter(source.format))
    while (readFileSync(pid, 'utf8') === '') await new Promise(setImmediate)
    const child = Number(readFileSync(pid, 'utf8'))
    expect(() => process.kill(child, 0)).not.toThrow()
    await source[Symbol.asyncDispose]()
    expect(await pump).toEqual({ published: 0, dropped: 0 })
    expect(() => process.kill(child, 0)).toThrow('ESRCH')
    expect(folders()).toEqual(before)
  })

  it('says what to do when there is no such camera, and leaves nothing', async () => {
    const before = folders()
    for (const device of ['/dev/video77', `FILE:${dir}/none.png`]) {
      await expect(nodeWebcam({ device })).rejects.toMatchObject({
        code: 'SOURCE_FAILED',
        message: expect.stringContaining(device) as string,
      })
    }
    expect(folders()).toEqual(before)
  })

  it('says so when the camera delivers rubbish', async () => {
    fakeCamera('rubbish', 'echo rubbish > "$(eval echo \\${$#})"\n')
    await expect(nodeWebcam()).rejects.toMatchObject({
      code: 'SOURCE_FAILED',
      message: expect.stringContaining('cannot be decoded') as string,
    })
  })

  it('says how to install fswebcam when it is missing', async () => {
    process.env['PATH'] = dir
    await expect(nodeWebcam()).rejects.toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringContaining('apt install fswebcam') as string,
    })
  })

  const trap = join(dir, 'trap')
  it.each([
    [{ device: `/dev/video0; touch ${trap}` }, 'device'],
    [{ device: `FILE:/tmp/$(touch ${trap})` }, 'device'],
    [{ device: '/dev/video0\n' }, 'device'],
    [{ device: '-h' }, 'device'],
    [{ device: 'FILE:relative.png' }, 'device'],
    [{ device: '/dev/v4l/by-id/../../sda' }, 'device'],
    [{ width: `1; touch ${trap}` }, 'width'],
    [{ quality: 101 }, 'quality'],
    [{ output: `png; touch ${trap}` }, 'output'],
    [{ delay: -1 }, 'delay'],
    [{ frames: '1' }, 'frames'],
    [{ skip: 0.5 }, 'skip'],
    [{ rotation: 45 }, 'rotation'],
    [{ greyscale: 'yes' }, 'greyscale'],
    [{ setValues: { [`a; touch ${trap}`]: 1 } }, 'setValues'],
    [{ setValues: { Brightness: `1; touch ${trap}` } }, 'Brightness'],
    [{ setValues: { Brightness: { toString: () => `1; touch ${trap}` } } }, 'Brightness'],
    [{ setValues: 5 }, 'setValues'],
    [{ fps: 0 }, 'fps'],
    [{ fourcc: 'NV12' }, 'fourcc'],
    [{ title: `x; touch ${trap}` }, 'title'],
    [{ verbose: true }, 'verbose'],
    [{ saveShots: true }, 'saveShots'],
  ])('refuses %j: nothing of it reaches the shell', async (options, named) => {
    await expect(nodeWebcam(options as unknown as NodeWebcamOptions)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(named) as string,
    })
    expect(readdirSync(dir)).not.toContain('trap')
  })
})
