import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync, chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, Subject, take, takeUntil, toArray } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Writer, WriterOptions } from '../../src/index.ts'
import { frames, resolveFormat } from '../../src/index.ts'
import { fillPattern } from '../../src/sources/index.ts'
import { ffmpegSink, type FfmpegSinkOptions, type RecordedFrame } from '../../src/sinks/index.ts'
import { Peer } from '../support/peer.ts'
import { hasFfmpeg } from '../support/tools.ts'
import { failure, testWriter, until } from '../ring/fixtures.ts'
import { children, folder } from './fixtures.ts'

const COPY = { timing: 'count', args: ['-c:v', 'rawvideo', '-f', 'rawvideo'] } as const
const every = (replay: number) => ({ delivery: 'every', replay }) as const

/** Publishes numbered patterns; returns their bytes. */
function publish(writer: Writer, options: WriterOptions, count: number): Buffer {
  const format = resolveFormat(options)
  const all = Array.from({ length: count }, (_, i) => {
    const loan = writer.loan()
    fillPattern(loan.data, format, i + 1, 1)
    const bytes = loan.data.slice()
    expect(loan.publish()).toBe(i + 1)
    return bytes
  })
  return Buffer.concat(all)
}

/** A program in ffmpeg's place: a shell script. */
function program(script: string): string {
  const path = join(folder(), 'program')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

describe.skipIf(!hasFfmpeg)('ffmpegSink', () => {
  test.each(['RGB3', 'BGRA', 'GREY', 'Y16', '32FC1', 'YUYV', 'NV12', 'I420', 'UYVY'])(
    'every byte of %s frames reaches the output, odd sizes included',
    async (fourcc) => {
      for (const [width, height] of [
        [64, 48],
        [35, 17],
      ] as const) {
        const options = { format: { fourcc, width, height }, slots: 8 }
        const writer = testWriter(options)
        const output = join(folder(), 'film.raw')
        const done = lastValueFrom(
          frames(writer.name, every(5)).pipe(ffmpegSink({ ...COPY, output }), toArray()),
        )
        const bytes = publish(writer, options, 5)
        writer.close()
        expect(await done).toEqual(
          Array.from({ length: 5 }, (_, i) => ({ sequence: i + 1, written: i + 1, dropped: 0 })),
        )
        expect(readFileSync(output).equals(bytes), `${width}×${height}`).toBe(true)
        expect(children()).toEqual([])
      }
    },
  )

  test.each([
    ['uint8', [24, 32]],
    ['uint8', [24, 32, 3]],
    ['uint8', [24, 32, 4]],
    ['uint16', [24, 32]],
    ['float32', [24, 32]],
  ] as const)('takes plain arrays: %s %j', async (dtype, shape) => {
    const options = { dtype, shape, slots: 4 }
    const writer = testWriter(options)
    const output = join(folder(), 'film.raw')
    const done = lastValueFrom(
      frames(writer.name, every(2)).pipe(ffmpegSink({ ...COPY, output }), toArray()),
    )
    const bytes = publish(writer, options, 2)
    writer.close()
    await done
    expect(readFileSync(output).equals(bytes)).toBe(true)
  })

  test('records a film that plays: size, rate, number of frames', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 }, slots: 16 }
    const writer = testWriter(options)
    const output = join(folder(), 'film.mp4')
    const done = lastValueFrom(
      frames(writer.name, every(12)).pipe(ffmpegSink({ output, fps: 12.5, timing: 'count' })),
    )
    publish(writer, options, 12)
    writer.close()
    await done
    const entries = 'stream=width,height,r_frame_rate,nb_read_frames'
    const probe = ['-v', 'error', '-count_frames', '-show_entries', entries, '-of', 'csv=p=0']
    expect(
      execFileSync('ffprobe', [...probe, output])
        .toString()
        .trim(),
    ).toBe('64,48,25/2,12')
  })

  test('by the clock: ffmpeg keeps the rate, whenever frames come', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 }, slots: 16 }
    const writer = testWriter(options)
    const output = join(folder(), 'film.mkv')
    const done = lastValueFrom(frames(writer.name, every(8)).pipe(ffmpegSink({ output, fps: 10 })))
    publish(writer, options, 8)
    writer.close()
    expect(await done).toMatchObject({ written: 8, dropped: 0 })
    const probe = ['-v', 'error', '-show_entries', 'stream=r_frame_rate', '-of', 'csv=p=0']
    expect(
      execFileSync('ffprobe', [...probe, output])
        .toString()
        .trim(),
    ).toBe('10/1')
  })

  test('JPEG frames are recorded as they are', async () => {
    const writer = testWriter({ format: { fourcc: 'MJPG', width: 64, height: 48 }, slots: 8 })
    const args = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=64x48', '-frames:v', '4']
    const film = execFileSync('ffmpeg', [...args, '-c:v', 'mjpeg', '-f', 'mjpeg', '-'])
    const output = join(folder(), 'film.mjpeg')
    const done = lastValueFrom(
      frames(writer.name, every(4)).pipe(
        ffmpegSink({ output, timing: 'count', args: ['-c', 'copy'] }),
      ),
    )
    for (let at = 0; at < film.length;) {
      const next = film.indexOf(Buffer.from([0xff, 0xd8, 0xff]), at + 1)
      const jpeg = film.subarray(at, next < 0 ? film.length : next)
      using loan = writer.loan()
      loan.data.set(jpeg)
      loan.publish({ bytesUsed: jpeg.length })
      at += jpeg.length
    }
    writer.close()
    expect(await done).toMatchObject({ written: 4 })
    expect(readFileSync(output).equals(film)).toBe(true)
  })

  test('holds one lease while bytes are written, and drops and counts what comes meanwhile', async () => {
    // more than a pipe takes at once; of two slots one has the newest frame
    const options = { dtype: 'uint8', shape: [1000, 1000, 3], slots: 2 } as const
    const writer = testWriter(options)
    const output = join(folder(), 'taken')
    const go = join(output, '..', 'go')
    const ffmpegPath = program(`until [ -e '${go}' ]; do sleep 0.05; done; cat > '${output}'`)
    const seen: RecordedFrame[] = []
    const done = frames(writer.name)
      .pipe(ffmpegSink({ output, ffmpegPath }), take(2))
      .forEach((frame) => seen.push(frame))
    const frame = new Uint8Array(3_000_000)
    expect(writer.write(frame.fill(1))).toBe(1)
    await until(() => children().length === 1)
    // the first is on lease and must not be touched, so the slot of the newest cannot be left
    expect(writer.write(frame.fill(2))).toBe(2)
    for (let i = 3; i <= 20; i++) expect(writer.write(frame.fill(i))).toBe(0)
    writeFileSync(go, '')
    await done
    expect(seen).toEqual([
      { sequence: 1, written: 1, dropped: 0 },
      { sequence: 2, written: 2, dropped: 0 },
    ])
    await until(() => children().length === 0)
    const taken = readFileSync(output)
    expect(taken.length).toBe(6_000_000)
    expect([taken[0], taken[2_999_999], taken[3_000_000], taken[5_999_999]]).toEqual([1, 1, 2, 2])
    expect(writer.write(frame)).toBeGreaterThan(0)
    expect(writer.write(frame)).toBeGreaterThan(0)
  })

  test('frames that come while ffmpeg is busy are dropped and counted, not queued', async () => {
    const writer = testWriter({ dtype: 'uint8', shape: [1000, 1000, 3], slots: 8 })
    const output = join(folder(), 'taken')
    const go = join(output, '..', 'go')
    const ffmpegPath = program(`until [ -e '${go}' ]; do sleep 0.05; done; cat > '${output}'`)
    const done = lastValueFrom(
      frames(writer.name).pipe(ffmpegSink({ output, ffmpegPath }), toArray()),
    )
    const frame = new Uint8Array(3_000_000)
    writer.write(frame)
    await until(() => children().length === 1)
    for (let i = 2; i <= 20; i++) expect(writer.write(frame)).toBe(i)
    writeFileSync(go, '')
    writer.close()
    expect(await done).toEqual([
      { sequence: 1, written: 1, dropped: 0 },
      { sequence: 20, written: 2, dropped: 18 },
    ])
    expect(statSync(output).size).toBe(6_000_000)
  })

  test('a killed ffmpeg is an error at once, with what to do; nothing is held then', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 } }
    for (const when of ['between two frames', 'while it takes one']) {
      const writer = testWriter(options)
      const output = join(folder(), 'film.mkv')
      const busy =
        when === 'while it takes one' ? { ffmpegPath: program('exec sleep 1000') } : undefined
      let written = 0
      const done = frames(writer.name)
        .pipe(ffmpegSink({ output, ...busy }))
        .forEach(() => written++)
      publish(writer, options, 1)
      await until(() => children().length === 1 && (busy !== undefined || written === 1))
      for (const pid of children()) process.kill(pid, 'SIGKILL')
      await expect(done).rejects.toEqual(
        failure('SINK_FAILED', /signal SIGKILL after \d frames into .*film\.mkv.*subscribe again/s),
      )
      expect(writer.stats().readers).toBe(0)
      expect(children()).toEqual([])
    }
  })

  test('says what ffmpeg said, with its exit code', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 } }
    const path = folder()
    writeFileSync(join(path, 'there.mkv'), 'old')
    for (const [wrong, message] of [
      [{ output: join(path, 'x.mkv'), args: ['-c:v', 'nonsense'] }, /exit code 1.*nonsense/s],
      [{ output: join(path, 'there.mkv') }, /exit code 1.*already exists/s],
      [{ output: join(path, 'no', 'x.mkv') }, /exit code 1.*No such file/s],
    ] as [FfmpegSinkOptions, RegExp][]) {
      const writer = testWriter(options)
      const done = lastValueFrom(frames(writer.name).pipe(ffmpegSink(wrong)))
      publish(writer, options, 1)
      await expect(done).rejects.toEqual(failure('SINK_FAILED', message))
    }
    expect(readdirSync(path)).toEqual(['there.mkv'])
    expect(readFileSync(join(path, 'there.mkv'), 'utf8')).toBe('old')
    const writer = testWriter(options)
    const done = lastValueFrom(
      frames(writer.name).pipe(
        ffmpegSink({ output: join(path, 'there.mkv'), overwrite: true }),
        take(1),
      ),
    )
    publish(writer, options, 1)
    await done
    await until(() => children().length === 0)
    expect(statSync(join(path, 'there.mkv')).size).toBeGreaterThan(100)
  })

  test('without ffmpeg it says how to get it; what may not be run is SINK_FAILED', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 } }
    const path = join(folder(), 'plain')
    writeFileSync(path, 'no program')
    for (const [ffmpegPath, code] of [
      ['/nowhere/ffmpeg', 'PEER_MISSING'],
      [path, 'SINK_FAILED'],
    ] as const) {
      const writer = testWriter(options)
      const done = lastValueFrom(frames(writer.name).pipe(ffmpegSink({ output: 'x', ffmpegPath })))
      publish(writer, options, 1)
      await expect(done).rejects.toEqual(failure(code, /ffmpegPath|executed/))
      expect(writer.stats().readers).toBe(0)
    }
  })

  test('completes when ffmpeg has enough by itself', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 } }
    const writer = testWriter(options)
    const output = join(folder(), 'film.mkv')
    const picture = new Uint8Array(64 * 48 * 3)
    // as many as it wants
    const feed = setInterval(() => writer.write(picture), 1)
    await frames(writer.name)
      .pipe(ffmpegSink({ output, timing: 'count', args: ['-frames:v', '3'] }))
      .forEach(() => undefined)
      .finally(() => {
        clearInterval(feed)
      })
    expect(statSync(output).size).toBeGreaterThan(100)
    expect(writer.stats().readers).toBe(0)
  })

  test('sends by SRT, with the arguments that docs/sinks.md gives', async () => {
    const reserved = createSocket('udp4').bind(0, '127.0.0.1')
    await once(reserved, 'listening')
    const { port } = reserved.address()
    reserved.close()
    const address = `srt://127.0.0.1:${port}`
    const output = join(folder(), 'received.raw')
    const receiver = spawn(
      'ffmpeg',
      [
        ...['-v', 'error', '-nostdin', '-i', `${address}?mode=listener&listen_timeout=60000000`],
        ...['-frames:v', '3', '-f', 'rawvideo', '-pix_fmt', 'rgb24', output],
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    )
    onTestFinished(() => void receiver.kill('SIGKILL'))
    const received = once(receiver, 'exit')
    const writer = testWriter({ format: { fourcc: 'RGB3', width: 64, height: 48 } })
    const stop = new Subject<void>()
    const done = lastValueFrom(
      frames(writer.name).pipe(
        takeUntil(stop),
        ffmpegSink({
          // It may be there before the other end is: then it asks again.
          output: `${address}?mode=caller&pkt_size=1316&connect_timeout=60000`,
          args: ['-c:v', 'libx264', '-tune', 'zerolatency', '-f', 'mpegts', '-g', '5'],
        }),
      ),
    ).catch((error: unknown) => error)
    const feed = setInterval(() => writer.write(new Uint8Array(64 * 48 * 3).fill(100)), 20)
    expect(await received).toEqual([0, null])
    clearInterval(feed)
    stop.next()
    // Its end of the line is gone by then, which is for ffmpeg to like or not.
    await done
    const pixels = readFileSync(output)
    expect(pixels.length).toBe(3 * 64 * 48 * 3)
    expect(Math.abs(pixels[1000]! - 100)).toBeLessThan(6)
    expect(children()).toEqual([])
  }, 120_000)

  test('takeUntil ends the film, and is over when ffmpeg is; unsubscribing lets it finish', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 } }
    const output = join(folder(), 'film.mp4')
    const films = ['ended', 'left'].map((how) => `${output}.${how}.mp4`)
    for (const [i, film] of films.entries()) {
      const writer = testWriter(options)
      const stop = new Subject<void>()
      let written = 0
      let over = false
      const subscription = frames(writer.name)
        .pipe(takeUntil(stop), ffmpegSink({ output: film, timing: 'count' }))
        .subscribe({ next: () => written++, complete: () => (over = true) })
      publish(writer, options, 1)
      await until(() => written === 1)
      if (i === 0) {
        stop.next()
        await until(() => over)
        expect(children()).toEqual([])
      } else {
        subscription.unsubscribe()
        await until(() => children().length === 0)
      }
      const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames']
      expect(
        execFileSync('ffprobe', [...probe, '-of', 'csv=p=0', film])
          .toString()
          .trim(),
      ).toBe('1')
      expect(writer.stats().readers).toBe(0)
    }
  })

  test('one that does not end when its source has is ended once nobody waits for it', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 } }
    const writer = testWriter(options)
    const stop = new Subject<void>()
    const told: unknown[] = []
    const subscription = frames(writer.name)
      .pipe(
        takeUntil(stop),
        ffmpegSink({ output: 'x', ffmpegPath: program('cat >/dev/null\nexec sleep 1000') }),
      )
      .subscribe({
        next: ({ written }) => told.push(written),
        error: (error: unknown) => told.push(error),
        complete: () => told.push('complete'),
      })
    publish(writer, options, 1)
    await until(() => told.length === 1)
    stop.next()
    expect(children()).toHaveLength(1)
    subscription.unsubscribe()
    expect(writer.stats().readers).toBe(0)
    await until(() => children().length === 0)
    expect(told).toEqual([1])
  }, 60_000)

  test('an error of the source ends the film first and is told then', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 } }
    const writer = testWriter(options)
    const output = join(folder(), 'film.mp4')
    const controller = new AbortController()
    const done = frames(writer.name, { signal: controller.signal })
      .pipe(ffmpegSink({ output, timing: 'count' }))
      .forEach(() => {
        controller.abort()
      })
    publish(writer, options, 1)
    await expect(done).rejects.toEqual(failure('ABORTED'))
    expect(children()).toEqual([])
    const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames']
    expect(
      execFileSync('ffprobe', [...probe, '-of', 'csv=p=0', output])
        .toString()
        .trim(),
    ).toBe('1')
  })

  test('a change of format is an error, and the film up to there is whole', async () => {
    const options = { format: { fourcc: 'RGB3', width: 64, height: 48 }, slots: 4 }
    const writer = testWriter(options)
    const output = join(folder(), 'film.raw')
    let written = 0
    const done = frames(writer.name, every(4))
      .pipe(ffmpegSink({ ...COPY, output }))
      .forEach(() => written++)
    const bytes = publish(writer, options, 1)
    await until(() => written === 1)
    writer.setFormat({ format: { fourcc: 'RGB3', width: 32, height: 48 } })
    writer.loan().publish()
    await expect(done).rejects.toEqual(
      failure('FORMAT_INVALID', /RGB3 64 × 48 to RGB3 32 × 48.*subscribe again/),
    )
    expect(readFileSync(output).equals(bytes)).toBe(true)
  })

  test('without a frame no ffmpeg runs and no file is made', async () => {
    const writer = testWriter()
    const output = join(folder(), 'film.mp4')
    const done = lastValueFrom(frames(writer.name).pipe(ffmpegSink({ output }), toArray()))
    writer.close()
    expect(await done).toEqual([])
    expect(existsSync(output)).toBe(false)
  })

  test('refuses frames ffmpeg has no name for, and bad options at once', async () => {
    for (const shape of [[16], [2, 2, 2], [2, 2, 2, 2]]) {
      const writer = testWriter({ dtype: 'uint8', shape })
      const done = lastValueFrom(frames(writer.name).pipe(ffmpegSink({ output: 'x' })))
      writer.loan().publish()
      await expect(done).rejects.toEqual(failure('UNSUPPORTED', /docs\/formats\.md/))
    }
    for (const options of [
      {},
      null,
      { output: '' },
      { output: '-y' },
      { output: 'a\0b' },
      { output: 'x', args: '-c copy' },
      { output: 'x', args: ['-c', 5] },
      { output: 'x', fps: 0 },
      { output: 'x', fps: NaN },
      { output: 'x', timing: 'soon' },
      { output: 'x', overwrite: 1 },
      { output: 'x', input: 'y' },
    ]) {
      expect(() => ffmpegSink(options as never)).toThrow(failure('OPTION_INVALID'))
    }
  })

  test.each([
    [
      'is killed',
      (peer: Peer) => {
        peer.kill()
      },
    ],
    [
      'calls process.exit()',
      (peer: Peer) => {
        peer.say('exit')
      },
    ],
  ])('a recorder that %s leaves a film that plays to its last frame', async (_, end) => {
    const writer = testWriter({ format: { fourcc: 'RGB3', width: 64, height: 48 }, slots: 4 })
    const output = join(folder(), 'film.mp4')
    const script = new URL('../processes/recorder.mjs', import.meta.url)
    const peer = new Peer(script, { ring: writer.name, output })
    await peer.heard('ready')
    await until(() => writer.stats().readers === 1)
    let pid = 0
    for (let i = 1; i <= 3; i++) {
      expect(writer.write(new Uint8Array(64 * 48 * 3).fill(i))).toBe(i)
      const { sequence, pid: recorder } = await peer.heard('written')
      expect(sequence).toBe(i)
      pid = Number(recorder)
    }
    end(peer)
    await peer.ended()
    await until(() => isGone(pid))
    const probe = ['-v', 'error', '-count_frames', '-show_entries', 'stream=nb_read_frames']
    expect(
      execFileSync('ffprobe', [...probe, '-of', 'csv=p=0', output])
        .toString()
        .trim(),
    ).toBe('3')
  })
})

/** Ended, but its adoptive parent has not asked how. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}
