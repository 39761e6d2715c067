import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildPayload } from '../../bench/peers/lib/build.mjs'

const run = promisify(execFile)
const MINUTES = 60_000

interface Payload {
  write: (bytes: Uint8Array, sequence: number) => void
  read: (bytes: Uint8Array, sequence: number) => boolean
  stamp: (bytes: Uint8Array) => void
  age: (bytes: Uint8Array) => number
}

let payload: Payload

beforeAll(async () => {
  payload = createRequire(import.meta.url)(await buildPayload()) as Payload
}, 5 * MINUTES)

/** What rows of this process's children have in shared memory, sockets and configuration. */
const leftovers = () =>
  ['/dev/shm', tmpdir()].flatMap((place) =>
    readdirSync(place).filter((name) => /^(framering-peer-|shmpipe\.)/.test(name)),
  )

interface Line {
  readonly missing?: string
  readonly notes?: string
}

async function line(script: string, args: string[]): Promise<Line> {
  const { stdout, stderr } = await run(process.execPath, [`bench/peers/${script}.mjs`, ...args])
  expect(stderr).toBe('')
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as Line
}

describe('a frame', () => {
  it.each([16, 64, 136, 4096 + 8])('of %i bytes is read as it was written', (bytes) => {
    const frame = new Uint8Array(bytes)
    payload.write(frame, 513)
    payload.stamp(frame)
    expect(payload.read(frame, 513)).toBe(true)
    expect(payload.age(frame)).toBeGreaterThanOrEqual(0)
    expect(payload.read(frame, 512)).toBe(false)
  })

  it('is not taken for whole when any one byte of it differs', () => {
    const frame = new Uint8Array(200)
    payload.write(frame, 7)
    for (let at = 8; at < frame.length; at++) {
      frame[at]! ^= 1
      expect(payload.read(frame, 7), `byte ${at}`).toBe(false)
      frame[at]! ^= 1
    }
    expect(payload.read(frame, 7)).toBe(true)
  })

  it('is refused when it cannot hold its header', () => {
    expect(() => payload.read(new Uint8Array(8), 1)).toThrow(RangeError)
    expect(() => payload.read(new Uint8Array(20), 1)).toThrow(RangeError)
  })
})

/** Those that need nothing but Node must run; the others may be missing, and say how to get them. */
const NODE = ['unix-socket', 'child-process', 'worker-threads']
const OTHERS = [
  'zeromq',
  'shared-memory-disruptor',
  'shm-typed-array',
  'python',
  'gstreamer',
  'iceoryx',
]
const short = ['--samples', '50', '--warmup', '5', '--seconds', '60']

describe('each peer prints one whole line, or what it lacks, and leaves nothing', () => {
  const rows = [...NODE, ...OTHERS].flatMap((peer): [string, string[]][] => [
    [peer, ['--workload', 'ping-pong']],
    [peer, ['--workload', 'ping-pong', '--in-place', '--bytes', '921600']],
    [peer, ['--workload', 'one-way', '--bytes', '921600', '--pin']],
    [peer, ['--workload', 'throughput', '--readers', '2']],
  ])
  it.each([
    ...rows,
    ['iceoryx', ['--workload', 'ping-pong', '--wait', 'waitset']],
    ['shared-memory-disruptor', ['--workload', 'one-way', '--wait', 'async']],
  ])(
    '%s %j',
    async (peer, args) => {
      const before = leftovers()
      const found = await line(peer, [...short, ...args])
      expect(leftovers()).toEqual(before)
      const several = args.includes('--readers') && peer === 'worker-threads'
      if (found.missing !== undefined) {
        expect(several || !NODE.includes(peer), found.missing).toBe(true)
        expect(found.missing).toMatch(several ? /several readers/ : /install/i)
        return
      }
      expect(found).toMatchObject({
        workload: args[1],
        in_place: args.includes('--in-place'),
        ns: { count: args.includes('--readers') ? 100 : 50 },
        cpu: { writer: expect.any(Number) as number, reader: expect.any(Number) as number },
        faults: { writer: { major: expect.any(Number) as number } },
        versions: { node: process.versions.node },
      })
      expect(found.notes).not.toBe('')
    },
    2 * MINUTES,
  )

  it('refuses what it does not know, on standard error', async () => {
    for (const args of [
      ['--workload', 'two-way'],
      ['--bytes', '20'],
      ['--workload', 'ping-pong', '--readers', '2'],
    ]) {
      await expect(line('unix-socket', args)).rejects.toMatchObject({ code: 1 })
    }
  })
})
