import { describe, expect, test } from 'vitest'
import { now, type Writer } from '../../src/index.ts'
import { flat, SMALL, testReader, testWriter } from '../ring/fixtures.ts'
import { writerOf } from '../support/live-ring.ts'
import { hasPython } from '../support/tools.ts'
import { built, framering, watching } from './framering.ts'
import { folder } from './piping.ts'
import { inTestTerminal } from './terminal.ts'

built()

/** A window that holds all a test does. */
const ALL = ['--window', '600000', '--json'] as const

interface Figures {
  readonly ring: string
  readonly time: number
  readonly rate: number | null
  readonly mean: number | null
  readonly min: number | null
  readonly max: number | null
  readonly stddev: number | null
  readonly jitter: number | null
  readonly frames: number
  readonly dropped: number
  readonly unseen: number
}

/** The one line of JSON that a command prints. */
async function answer<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await framering(...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

/** Writes at these distances in ms, and gives when each frame was published at the earliest and the latest. */
async function writeAt(
  writer: Writer,
  distances: readonly number[],
): Promise<readonly (readonly [number, number])[]> {
  const times: [number, number][] = []
  for (const distance of distances) {
    const due = now() + distance
    while (now() < due) await new Promise((resolve) => setImmediate(resolve))
    const before = now()
    writer.write(flat(1))
    times.push([before, now()])
  }
  return times
}

describe('hz', () => {
  test('gives the rate and the periods of the frames as they were written', async () => {
    const writer = testWriter()
    const times = await writeAt(writer, [0, 20, 20, 60, 20, 20, 20, 20, 20, 20])
    const periods = times.slice(1).map(([before, after], i) => {
      const [earliest, latest] = times[i]!
      return { least: before - latest, most: after - earliest }
    })
    const figures = await answer<Figures>('hz', writer.name, '--count', '1', ...ALL)
    expect(figures).toMatchObject({ ring: writer.name, frames: 10, dropped: 0, unseen: 0 })
    expect(figures.min).toBeGreaterThanOrEqual(Math.min(...periods.map(({ least }) => least)))
    expect(figures.min).toBeLessThanOrEqual(Math.min(...periods.map(({ most }) => most)))
    expect(figures.max).toBeGreaterThanOrEqual(Math.max(...periods.map(({ least }) => least)))
    expect(figures.max).toBeLessThanOrEqual(Math.max(...periods.map(({ most }) => most)))
    const [first, last] = [times[0]!, times.at(-1)!]
    expect(figures.mean).toBeGreaterThanOrEqual((last[0] - first[1]) / 9)
    expect(figures.mean).toBeLessThanOrEqual((last[1] - first[0]) / 9)
    expect(figures.stddev).toBeGreaterThan(0)
    expect(figures.jitter).toBeGreaterThan(0)
  })

  test('counts what was dropped, and not as frames', async () => {
    const writer = testWriter({ ...SMALL, slots: 2 })
    const reader = testReader(writer)
    writer.write(flat(1))
    const held = reader.tryNext()
    for (let i = 0; i < 4; i++) writer.write(flat(2))
    held?.release()
    const figures = await answer<Figures>('hz', writer.name, '-n', '1', ...ALL)
    expect(figures).toMatchObject({ frames: 2, dropped: 3, unseen: 0 })
    expect(writer.stats()).toMatchObject({ published: 2, dropped: 3 })
  })

  test('follows a live ring: every frame counts once, however often it looks', async () => {
    const writer = testWriter()
    writer.write(flat(1))
    const hz = watching('hz', writer.name, '--every', '20', ...ALL)
    for (let written = 1; written <= 40;) {
      const { frames, unseen } = JSON.parse(await hz.line()) as Figures
      expect(frames).toBeLessThanOrEqual(written)
      expect(unseen).toBe(0)
      if (frames === written && ++written <= 40) writer.write(flat(1))
    }
  })

  test('says how many came and went between two looks, and has the rate of all', async () => {
    const writer = testWriter()
    const begin = now()
    writer.write(flat(1))
    const first = now()
    const hz = watching('hz', writer.name, '--every', '1000', ...ALL)
    await hz.line()
    // Stopped, so that all of it falls between two looks.
    hz.process.kill('SIGSTOP')
    for (let i = 1; i < 3000; i++) writer.write(flat(1))
    const last = now()
    writer.write(flat(1))
    const end = now()
    hz.process.kill('SIGCONT')
    let figures: Figures
    do figures = JSON.parse(await hz.line()) as Figures
    while (figures.frames + figures.unseen < 3001)
    expect(figures.frames + figures.unseen).toBe(3001)
    // A ring remembers about a thousand, and it may have looked once before it stopped.
    expect(figures.unseen).toBeGreaterThan(900)
    expect(figures.dropped).toBe(0)
    // Of those behind the hole, about a thousand periods.
    expect(figures.mean).toBeLessThan((end - begin) / 1000)
    // The silence since then counts or does not.
    expect(figures.rate).toBeLessThanOrEqual((1000 * 3000) / (last - first))
    expect(figures.rate).toBeGreaterThanOrEqual((1000 * 3000) / (figures.time - begin))
  })

  test('is 0 for a ring without a frame, and unknown for one alone', async () => {
    const writer = testWriter()
    const none = { rate: 0, mean: null, min: null, max: null, frames: 0 }
    expect(await answer('hz', writer.name, '-n', '1', ...ALL)).toMatchObject(none)
    writer.write(flat(1))
    const one = { rate: null, mean: null, stddev: null, jitter: null, frames: 1 }
    expect(await answer('hz', writer.name, '-n', '1', ...ALL)).toMatchObject(one)
  })

  test('tells of several rings in a table', async () => {
    const [a, b] = [testWriter(), testWriter()]
    await writeAt(a, [0, 10, 10])
    const { stdout } = await framering('hz', a.name, b.name, a.name, '-n', '1')
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^RING +HZ +MEAN +MIN +MAX +STDDEV +JITTER +FRAMES +DROPS +UNSEEN$/)
    expect(rows.map((row) => row.split(/ +/)[0])).toEqual([a.name, b.name])
    expect(rows[0]).toMatch(/ [\d.]+ms .* 3 +0 +0$/)
    expect(rows[1]).toMatch(/ 0\.00 +- +- +- +- +- +0 +0 +0$/)
  })
})

describe.skipIf(!hasPython)('in a terminal', () => {
  test('80 columns hold all of it, whatever the ring is called', async () => {
    const directory = folder()
    const front = writerOf({ ...SMALL, directory }, 'front')
    const other = writerOf({ ...SMALL, directory }, 'a-camera-with-a-long-name')
    for (const writer of [front, other]) await writeAt(writer, [0, 10, 20])
    const args = ['hz', front.name, other.name, '-n', '1', '--directory', directory] as const
    const terminal = inTestTerminal(args, { columns: 80 })
    expect(await terminal.ended()).toMatchObject({ code: 0 })
    const [head, first, second] = terminal.lines
    expect(head).toMatch(/^RING +HZ +MEAN +MIN +MAX +STDDEV +JITTER +FRAMES +DROPS +UNSEEN$/)
    expect(first).toMatch(/^front +[\d.]+( +[\d.]+[mµ]?s){5} +3 +0 +0$/)
    expect(second).toMatch(/^a-camer\S*…? +[\d.]+( +[\d.]+[mµ]?s){5} +3 +0 +0$/)
  })

  test('that does not know its size all is told, as in one of 80 columns', async () => {
    const writer = testWriter()
    writer.write(flat(1))
    const terminal = inTestTerminal(['hz', writer.name, writer.name, '-n', '1'], {
      ...{ lines: 0, columns: 0 },
    })
    expect(await terminal.ended()).toMatchObject({ code: 0 })
    expect(terminal.lines[0]).toMatch(/ UNSEEN$/)
    expect(terminal.lines[1]).toMatch(/ 1 +0 +0$/)
  })
})

describe('bw', () => {
  test('gives the sizes of compressed frames as they were written', async () => {
    const format = { fourcc: 'MJPG', width: 64, height: 48 } as const
    const writer = testWriter({ format, capacity: 10_000, slots: 8 })
    const { name } = writer
    for (const bytes of [1000, 3000, 2000, 6000]) writer.write(new Uint8Array(bytes))
    const figures = await answer<{ bytesPerSecond: number; mean: number }>(
      ...['bw', name, '-n', '1', ...ALL],
    )
    expect(figures).toMatchObject({ mean: 3000, min: 1000, max: 6000, frames: 4, sized: 4 })
    const hz = await answer<Figures>('hz', name, '-n', '1', '--window', '600000', '--json')
    expect(hz.frames).toBe(4)
    expect(figures.bytesPerSecond).toBeGreaterThan(0)
  })

  test('samples the sizes of frames that are gone already, and says so', async () => {
    const writer = testWriter({ ...SMALL, slots: 4 })
    for (let i = 0; i < 50; i++) writer.write(flat(1))
    const figures = await answer('bw', writer.name, '-n', '1', ...ALL)
    expect(figures).toMatchObject({ mean: 16, min: 16, max: 16, frames: 50, sized: 4 })
  })

  test('takes each look for as many frames as came, and those of another writer for none', async () => {
    const format = { fourcc: 'MJPG', width: 64, height: 48 } as const
    const options = { format, capacity: 10_000, slots: 8 }
    const first = testWriter(options)
    const { name } = first
    for (let i = 0; i < 50; i++) first.write(new Uint8Array(1000))
    const bw = watching('bw', name, '--every', '20', ...ALL)
    const reported = async (frames: number): Promise<Figures> => {
      let figures: Figures
      do figures = JSON.parse(await bw.line()) as Figures
      while (figures.frames !== frames)
      return figures
    }
    await reported(50)
    for (let i = 0; i < 4; i++) first.write(new Uint8Array(5000))
    const { mean } = await reported(54)
    expect(mean).toBeCloseTo((50 * 1000 + 4 * 5000) / 54, 6)
    first.close()
    const second = writerOf(options, name)
    for (let i = 0; i < 2; i++) second.write(new Uint8Array(7000))
    expect(await reported(2)).toMatchObject({ mean: 7000, min: 7000, max: 7000, sized: 2 })
  })

  test('is 0 for a ring without a frame', async () => {
    const writer = testWriter()
    const none = { bytesPerSecond: 0, mean: null, min: null, max: null, frames: 0, sized: 0 }
    expect(await answer('bw', writer.name, '-n', '1', ...ALL)).toMatchObject(none)
    const { stdout } = await framering('bw', writer.name, '-n', '1')
    expect(stdout).toMatch(
      /^RING +BYTES\/S +MEAN +MIN +MAX +FRAMES +SIZED\n\S+ +0 B\/s +- +- +- +0 +0\n$/,
    )
  })
})
