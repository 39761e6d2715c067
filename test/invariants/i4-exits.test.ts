import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createWriter, openReader } from '../../src/index.ts'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'

const QUITTER = new URL('processes/quitter.mjs', import.meta.url)
const SLOTS = 4
const READERS = 2

describe('I4 a reader that quits with frames in its hands', () => {
  test.each(['process.exit', 'an uncaught exception', 'worker.terminate'])(
    'gives entry and slots back at once: %s',
    async (how) => {
      const name = ringName()
      const options = { dtype: 'uint8', shape: [4096], slots: SLOTS, maxReaders: READERS } as const
      const writer = createWriter(name, options)
      const frame = new Uint8Array(4096)
      for (let i = 0; i < 2; i++) writer.write(frame.fill(i))
      const peer = new Peer(QUITTER, { name, how })
      expect((await peer.heard('held'))['sequences']).toEqual([1, 2])
      const files = remains(name)
      peer.say('quit')
      if (how === 'worker.terminate') await peer.heard('terminated')
      else expect(await peer.ended()).toMatchObject({ code: how === 'process.exit' ? 0 : 1 })

      // Every slot but the newest frame's can be lent.
      const loans = Array.from({ length: SLOTS - 1 }, () => writer.loan())
      expect(loans.map(({ slotless }) => slotless)).toEqual(loans.map(() => false))
      for (const loan of loans) loan.abandon()
      // And every entry be had; the newest frame is there for all of them.
      expect(remains(name)).toEqual(files)
      const readers = Array.from({ length: READERS }, () => openReader(name, { replay: 1 }))
      for (const reader of readers) {
        using newest = reader.tryNext()
        expect(newest?.sequence).toBe(2)
        expect(newest?.data.every((byte) => byte === 1)).toBe(true)
      }
      for (const reader of readers) reader.close()
      if (how === 'worker.terminate') peer.say('disconnect')
      await peer.ended()
      writer.close()
      expect(remains(name)).toEqual([])
    },
  )
})

describe('kill-points', () => {
  const root = new URL('../../', import.meta.url)
  const text = (path: string) => readFileSync(new URL(path, root), 'latin1')

  test('are in the builds for tests, and not in the one that is shipped', () => {
    for (const script of ['native/build.mjs', 'test/crash/program.mjs']) {
      execFileSync(process.execPath, [fileURLToPath(new URL(script, root))])
    }
    const points = [...text('native/core/src/kill_point.h').matchAll(/X\((\w+)\)/g)]
    const names = ['fr_test_kill_point', ...points.map(([, point]) => point!)]
    expect(names.length).toBeGreaterThan(70)
    const inside = (path: string) => {
      const bytes = text(path)
      return names.filter((name) => bytes.includes(name))
    }
    expect(inside('native/build/crash/actor')).toEqual(names)
    expect(inside('native/build/framering.node')).toEqual([])
  }, 300_000)
})
