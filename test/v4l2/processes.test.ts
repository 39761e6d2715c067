import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { specOf } from '../../src/format/index.ts'
import { createWriter } from '../../src/ring/index.ts'
import { v4l2 } from '../../src/sources/index.ts'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { buildFake } from './build-fake.mjs'
import { DAMAGED, FakeDevices, MONOTONIC, paddedPattern, simpleCamera, SOE } from './fake.ts'

const READER = new URL('reader.mjs', import.meta.url)
const WORKERS = new URL('terminated-workers.mjs', import.meta.url)
const ROOT = new URL('../../', import.meta.url)

describe('a V4L2 camera and a reader in another process', () => {
  it('deliver every byte, with the driver’s count, clock and moment, across an unplugging', async () => {
    using fake = await FakeDevices.create()
    const numbers = Array.from({ length: 40 }, (_, i) => i + 1)
    const record = (first: number, flags: (n: number) => number) => ({
      lines: [
        ...simpleCamera('YUYV', 320, 240, 24),
        ...numbers.map((n, i) => `frame ${first + n} 50 ${n} ${flags(n)} ${i}`),
      ],
      payloads: numbers.map((n) => paddedPattern('YUYV', 320, 240, n, 24)),
    })
    // number 20 is damaged
    const flags = (n: number) => MONOTONIC | SOE | (n === 20 ? DAMAGED : 0)
    const path = fake.plug('video0', record(0, flags))
    const source = await v4l2({ reconnect: true })
    const name = ringName()
    const writer = createWriter(name, { ...specOf(source.format), slots: 100 })
    const reader = new Peer(READER, { name })
    await reader.heard('ready')

    const stop = new AbortController()
    let told = 0
    let onTold: (() => void) | undefined
    const publishing = new Promise<void>((resolve, reject) => {
      const subscription = source.into(writer).subscribe({
        next: ({ sourceSequence }) => {
          expect(sourceSequence).toBeGreaterThan(told)
          told = sourceSequence!
          if (told === 40) onTold?.()
          if (told === 80) {
            subscription.unsubscribe()
            resolve()
          }
        },
        error: reject,
      })
      stop.signal.addEventListener('abort', () => {
        subscription.unsubscribe()
      })
    })
    const half = new Promise<void>((resolve) => {
      onTold = resolve
    })
    fake.play(path)
    await half
    fake.unplug(path)
    fake.play(
      fake.plug(
        'video1',
        record(7, () => MONOTONIC),
      ),
    )
    await publishing
    await source[Symbol.asyncDispose]()
    expect(source.stats).toEqual({ damaged: 1, lost: 1, reconnects: 1 })
    writer.close()

    const { seen } = (await reader.heard('seen')) as unknown as { seen: Record<string, unknown>[] }
    await reader.ended()
    const good = numbers.filter((n) => n !== 20)
    expect(seen).toEqual(
      [...good, ...numbers.map((n) => n + 40)].map((sourceSequence) => {
        const n = sourceSequence > 40 ? sourceSequence - 40 : sourceSequence
        return {
          ok: true,
          sequence: n,
          sourceSequence,
          captureTime: 50_000 + n / 1000,
          captureClock: 'monotonic',
          captureMoment: sourceSequence > 40 ? 'received' : 'exposure-start',
          discontinuity: sourceSequence === 41,
          lost: sourceSequence === 21 ? 1 : 0,
          fourcc: 'YUYV',
        }
      }),
    )
    expect(fake.held).toEqual({ handles: 0, mappings: 0 })
    expect(remains(name)).toEqual([])
  }, 120_000)

  it('may be in a worker thread that is terminated while it streams', async () => {
    const addon = await buildFake()
    const mode = ['format MJPG 1 x', 'mode MJPG 16 8 1 0 0 0 0 0 128']
    const frames = Array.from({ length: 1000 }, (_, i) => `frame ${i} 1 0 0 0`)
    const recording = ['driver d', 'caps 0x04000001', ...mode, ...frames].join('\n')
    const host = new Peer(WORKERS, { addon, recording, rounds: 20 })
    expect(await host.heard('left')).toEqual({ kind: 'left', handles: 0, mappings: 0 })
    expect(await host.ended()).toEqual({ code: 0, signal: null })
  }, 120_000)
})

describe('the addon that users get', () => {
  it('has no recorded cameras in it', () => {
    const path = fileURLToPath(new URL('native/build/framering.node', ROOT))
    const addon = createRequire(import.meta.url)(path) as Record<string, unknown>
    expect(addon).toHaveProperty('openV4l2')
    for (const name of ['plug', 'unplug', 'play', 'state']) expect(addon).not.toHaveProperty(name)
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const files = (JSON.parse(packed) as [{ files: { path: string }[] }])[0].files
    const native = files.map((file) => file.path).filter((file) => file.startsWith('native/'))
    expect(native).toContain('native/v4l2/src/linux_system.cc')
    expect(native.filter((file) => /fake|test/.test(file))).toEqual([])
  })
})
