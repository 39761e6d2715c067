import { readFileSync, readdirSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createWriter, ringBytes } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'

const ROUNDS = new URL('processes/rounds.mjs', import.meta.url)
const FLOW = new URL('processes/flow.mjs', import.meta.url)

async function figures(script: URL, options: object, execArgv: string[] = []) {
  const peer = new Peer(script, options, execArgv)
  const { result } = await peer.heard('result')
  expect(await peer.ended()).toEqual({ code: 0, signal: null })
  return result as Record<string, Record<string, number>>
}

describe('I10 memory is bounded and known', () => {
  test('ringBytes is what the two objects take, to the byte', () => {
    const options = { dtype: 'uint8', shape: [1080, 1920, 3], slots: 5, maxReaders: 7 } as const
    const name = ringName()
    const writer = createWriter(name, options)
    const sizes = ['data', 'ctl'].map((part) => statSync(`/dev/shm/framering.${name}.${part}`))
    expect(sizes[0]!.size + sizes[1]!.size).toBe(ringBytes(options))
    expect(writer.stats().bytes).toBe(ringBytes(options))
    // Allocated, not only sized: no page is missing that could be missing later.
    expect(sizes[0]!.blocks * 512).toBeGreaterThanOrEqual(sizes[0]!.size)
    writer.close()
  })

  test('locking pins the pages and says how much of them', () => {
    const name = ringName()
    const writer = createWriter(name, { dtype: 'uint8', shape: [4096], slots: 4 })
    const locked = /^VmLck:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))!
    expect(writer.locked).toBe(true)
    expect(writer.stats().lockedBytes).toBe(writer.stats().bytes)
    expect(Number(locked[1]) * 1024).toBeGreaterThanOrEqual(writer.stats().lockedBytes)
    writer.close()
  })

  test('memory stays flat over a million frames', { timeout: 120_000 }, async () => {
    const { warm, end } = await figures(FLOW, { name: ringName(), frames: 1_000_000 }, [
      '--expose-gc',
    ])
    // A leak of eight bytes a frame would show.
    expect(end!['rss']! - warm!['rss']!).toBeLessThan(8e6)
    expect(end!['external']! - warm!['external']!).toBeLessThan(1e6)
    expect(end!['heap']! - warm!['heap']!).toBeLessThan(4e6)
  })

  test(
    'memory stays bounded in a worker that never returns to its event loop',
    { timeout: 120_000 },
    async () => {
      const { warm, end } = await figures(FLOW, { name: ringName(), frames: 400_000, sync: true }, [
        '--expose-gc',
      ])
      // What Node 20 leaves of each frame until the loop turns would be some 96 MB.
      expect(end!['rss']! - warm!['rss']!).toBeLessThan(32e6)
    },
  )

  test(
    'two hundred rounds of subscribing leave no descriptor, mapping, thread or object',
    { timeout: 120_000 },
    async () => {
      const name = ringName()
      const { warm, end } = await figures(ROUNDS, { name, rounds: 200 }, ['--expose-gc'])
      expect(end).toEqual(warm)
      expect(remains(name)).toEqual([])
      expect(readdirSync('/dev/shm').filter((entry) => entry.includes(name))).toEqual([])
    },
  )
})
