import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ringName } from '../support/ring-name.ts'

const CREATOR = fileURLToPath(new URL('../processes/creator.mjs', import.meta.url))

/** Whether this user may change limits and mount file systems. */
const isRoot = process.getuid?.() === 0

/** Creates a ring in a shell that has narrowed the process's means; what came of it. */
function createUnder(script: string, options: object): Record<string, unknown> {
  const { stdout, stderr } = spawnSync(
    'sh',
    ['-ec', script, 'sh', process.execPath, CREATOR, JSON.stringify(options)],
    { encoding: 'utf8' },
  )
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Record<string, unknown>
}

describe('what the machine does not give is an error at creation, and nothing is left', () => {
  test.runIf(isRoot)(
    'too little memory may be locked: MEMLOCK, with what it takes and the limit',
    () => {
      const name = ringName()
      const options = { name, dtype: 'uint8', shape: [1 << 20], slots: 4 }
      // An unprivileged user with 64 KiB; root may lock without a limit.
      const script =
        'ulimit -l 64; exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"'
      const refused = createUnder(script, { ...options, memoryLock: 'required' })
      expect(refused).toMatchObject({ code: 'MEMLOCK', available: 65536, left: [] })
      expect(refused['needed']).toBeGreaterThan(4 << 20)
      expect(refused['message']).toMatch(/ulimit -l/)
      // Best effort: it says how far it came.
      expect(createUnder(script, options)).toMatchObject({
        locked: expect.any(String) as string,
        left: [],
      })
    },
  )

  test.runIf(isRoot)(
    'a small /dev/shm: SHM_FULL, with bytes needed and free and the option to set',
    () => {
      const directory = mkdtempSync(join(tmpdir(), 'framering-small-'))
      try {
        const script = `mount -t tmpfs -o size=1m none ${directory}; exec "$@"`
        const unshared = `exec unshare -m sh -ec '${script}' "$0" "$@"`
        const options = { name: ringName(), directory, dtype: 'uint8', shape: [1 << 20], slots: 4 }
        const refused = createUnder(unshared, options)
        expect(refused).toMatchObject({ code: 'SHM_FULL', left: [] })
        expect(refused['needed']).toBeGreaterThan(4 << 20)
        expect(refused['available']).toBeLessThanOrEqual(1 << 20)
        expect(refused['message']).toMatch(/--shm-size/)
        // What fits, fits; a larger format then does not, and the ring goes on with the old one.
        const grown = createUnder(unshared, { ...options, shape: [4096], grow: [1 << 20] })
        expect(grown).toMatchObject({ grow: 'SHM_FULL', sequence: 2, left: [] })
      } finally {
        rmSync(directory, { recursive: true })
      }
    },
  )

  test('too few file descriptors: SYSTEM, with the limit to raise', () => {
    const options = { name: ringName(), dtype: 'uint8', shape: [64], maxReaders: 64 }
    const refused = createUnder('ulimit -n 60; exec "$@"', options)
    expect(refused).toMatchObject({ code: 'SYSTEM', left: [] })
    expect(refused['message']).toMatch(/ulimit -n/)
  })
})

test('this file leaves nothing in /dev/shm', () => {
  expect(readdirSync('/dev/shm').filter((f) => f.includes(`test-${process.pid}-`))).toEqual([])
})
