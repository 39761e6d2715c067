import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ReaderOptions, WriterOptions } from '../../src/index.ts'
import type { Actor } from '../support/actor.ts'
import { actor, crash, isRoot, NOBODY } from '../support/actor.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL, testWriter, until } from './fixtures.ts'

const MIB = 1 << 20

/** Sets a soft limit of a running process. */
function limit(who: Actor, resource: string, value: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(who.pid), `--${resource}=${value}:`])
}

/** What this process, and who it starts, may have of memory that is locked. */
function mostLocked(): number {
  const args = ['--memlock', '--output=HARD', '--noheadings', '--raw']
  const hard = execFileSync('prlimit', args, { encoding: 'utf8' }).trim()
  return hard === 'unlimited' ? Infinity : Number(hard)
}

/** The names of a process's threads. */
function threads(who: Actor): string[] {
  return readdirSync(`/proc/${who.pid}/task`).map((id) =>
    readFileSync(`/proc/${who.pid}/task/${id}/comm`, 'utf8').trim(),
  )
}

/** Does it with one descriptor more each time until it succeeds; returns what it failed with before. */
async function withDescriptors(who: Actor, attempt: () => Promise<unknown>): Promise<unknown[]> {
  const before = await who.does('descriptors')
  const failures: unknown[] = []
  for (let spare = 0; ; spare++) {
    limit(who, 'nofile', before.next + spare)
    try {
      await attempt()
      return failures
    } catch (error) {
      failures.push(error)
    } finally {
      limit(who, 'nofile', 1024)
    }
    expect(await who.does('descriptors')).toEqual(before)
  }
}

describe('a limit on descriptors is SYSTEM, and says what to raise', { timeout: 300_000 }, () => {
  const REACHED = failure('SYSTEM', /ulimit -n/)

  test('when a ring is created, however far it came: nothing is left', async () => {
    const name = ringName()
    const who = await actor()
    const failures = await withDescriptors(who, async () => {
      try {
        await who.does('create', { name, options: { ...SMALL, maxReaders: 4 } })
      } catch (error) {
        expect(remains(name)).toEqual([])
        throw error
      }
    })
    // Lock, two objects, each opened twice, five bells in their directory.
    expect(failures.length).toBeGreaterThanOrEqual(11)
    for (const error of failures) expect(error).toEqual(REACHED)
    expect(await who.does('write')).toEqual({ sequence: 1 })
    await who.does('closeWriter')
    expect(remains(name)).toEqual([])
  })

  test.each<[string, ReaderOptions, number]>([
    ['join', {}, 5],
    ['observe', { observe: true }, 1],
    ['wait for', { wait: true }, 5],
  ])('when a reader wants to %s a ring: it is no reader then', async (_, options, least) => {
    const writer = testWriter()
    writer.write(flat(1))
    const who = await actor()
    const failures = await withDescriptors(who, async () => {
      try {
        await who.does('open', { name: writer.name, options })
      } catch (error) {
        expect(writer.stats().readers).toBe(0)
        throw error
      }
    })
    expect(failures.length).toBeGreaterThanOrEqual(least)
    for (const error of failures) expect(error).toEqual(REACHED)
    expect(await who.does('next')).toMatchObject({ sequence: 1, whole: true })
  })

  test('when a ring grows: the old one goes on', async () => {
    const name = ringName()
    const who = await actor()
    const reader = await actor()
    await who.does('create', { name, options: { ...SMALL, maxReaders: 4 } })
    await reader.does('open', { name, options: { delivery: 'every' } })
    const before = remains(name)
    const failures = await withDescriptors(who, async () => {
      try {
        await who.does('grow', { bytes: 10_000 })
      } catch (error) {
        const { sequence } = await who.does('write')
        expect(await reader.does('next')).toMatchObject({ sequence, gap: 0, length: 16 })
        expect(remains(name)).toEqual(before)
        throw error
      }
    })
    expect(failures.length).toBeGreaterThanOrEqual(10)
    for (const error of failures) expect(error).toEqual(REACHED)
    await who.does('write')
    expect(await reader.does('next')).toMatchObject({ gap: 0, length: 10_000, whole: true })
    await who.does('closeWriter')
    expect(remains(name)).toEqual([])
  })

  test('when a reader follows into a larger ring: it does once there are some', async () => {
    const writer = testWriter()
    const reader = await actor()
    await reader.does('open', { name: writer.name, options: { delivery: 'every' } })
    writer.write(flat(1))
    expect(await reader.does('next')).toMatchObject({ sequence: 1, length: 16 })
    writer.setFormat({ dtype: 'uint8', shape: [10_000] })
    writer.write(flat(2, 10_000))
    // One descriptor is freed by leaving the smaller ring, once the frame of it is let go.
    limit(reader, 'nofile', 3)
    await expect(reader.does('next')).rejects.toEqual(REACHED)
    limit(reader, 'nofile', 1024)
    expect(await reader.does('next')).toMatchObject({ sequence: 2, gap: 0, length: 10_000 })
  })
})

describe('too little address space is SYSTEM, and says what to raise', { timeout: 120_000 }, () => {
  const RING: WriterOptions = { dtype: 'uint8', shape: [16 * MIB], slots: 2, memoryLock: 'none' }
  const REACHED = failure('SYSTEM', /cannot map \d+ bytes.*ulimit -v/)

  /** So much that a process can live, and not so much that the ring fits in. */
  function narrow(who: Actor): void {
    const status = readFileSync(`/proc/${who.pid}/status`, 'utf8')
    limit(who, 'as', Number(/VmSize:\s+(\d+)/.exec(status)![1]) * 1024 + 12 * MIB)
  }

  test('when a ring is created: nothing is left, and it can be created later', async () => {
    const name = ringName()
    const who = await actor()
    narrow(who)
    await expect(who.does('create', { name, options: RING })).rejects.toEqual(REACHED)
    expect(remains(name)).toEqual([])
    limit(who, 'as', 'unlimited')
    await who.does('create', { name, options: RING })
    expect(await who.does('write')).toEqual({ sequence: 1 })
    await who.does('closeWriter')
  })

  test('when a ring grows: the old one goes on', async () => {
    const name = ringName()
    const who = await actor()
    await who.does('create', { name, options: { ...RING, shape: [1000] } })
    const before = remains(name)
    narrow(who)
    await expect(who.does('grow', { bytes: 16 * MIB })).rejects.toEqual(REACHED)
    expect(remains(name)).toEqual(before)
    expect(await who.does('write')).toEqual({ sequence: 1 })
    await who.does('closeWriter')
    expect(remains(name)).toEqual([])
  })

  test.each([{}, { observe: true }])('when a ring is opened with %o', async (options) => {
    const writer = testWriter(RING)
    writer.write(flat(1, 16 * MIB))
    const who = await actor()
    narrow(who)
    await expect(who.does('open', { name: writer.name, options })).rejects.toEqual(REACHED)
    expect(writer.stats().readers).toBe(0)
    limit(who, 'as', 'unlimited')
    await who.does('open', { name: writer.name, options })
    expect(await who.does('next')).toMatchObject({ sequence: 1, whole: true })
  })
})

describe('a limit on file sizes is SYSTEM, and no SIGXFSZ', { timeout: 120_000 }, () => {
  const REACHED = failure('SYSTEM', /RLIMIT_FSIZE.*ulimit -f/)

  test.each([0, 1, 100_000])('when a ring is created with room for %d bytes', async (bytes) => {
    const name = ringName()
    const who = await actor()
    limit(who, 'fsize', bytes)
    const options = { dtype: 'uint8', shape: [50_000], slots: 2 } as const
    await expect(who.does('create', { name, options })).rejects.toEqual(REACHED)
    expect(remains(name)).toEqual([])
    limit(who, 'fsize', 'unlimited')
    await who.does('create', { name, options })
    await who.does('closeWriter')
  })

  test('when a ring grows: the old one goes on', async () => {
    const name = ringName()
    const who = await actor()
    await who.does('create', { name, options: SMALL })
    limit(who, 'fsize', MIB)
    await expect(who.does('grow', { bytes: MIB })).rejects.toEqual(REACHED)
    expect(await who.does('write')).toEqual({ sequence: 1 })
    await who.does('grow', { bytes: 10_000 })
    expect(await who.does('write')).toEqual({ sequence: 2 })
    await who.does('closeWriter')
    expect(remains(name)).toEqual([])
  })
})

describe.runIf(isRoot)('a limit on locked memory', { timeout: 120_000 }, () => {
  // Root may lock without a limit.
  const options = { dtype: 'uint8', shape: [MIB], slots: 4 } as const

  test('is MEMLOCK where locking is required, with what it takes and the limit', async () => {
    const name = ringName()
    const who = await actor()
    limit(who, 'memlock', 64 << 10)
    await who.does('become', NOBODY)
    const error: unknown = await who
      .does('create', { name, options: { ...options, memoryLock: 'required' } })
      .catch((e: unknown) => e)
    expect(error).toEqual(failure('MEMLOCK', /ulimit -l/))
    expect(error).toMatchObject({ available: 65536 })
    expect((error as { needed: number }).needed).toBeGreaterThan(4 * MIB)
    expect(remains(name)).toEqual([])
  })

  // Containers allow 64 KiB or 8 MiB, as a rule, and no root of theirs to raise it.
  const limits: [number, RegExp][] = [
    [0, /ulimit -l/],
    [64 << 10, /partial/],
    [2 * MIB, /partial/],
  ]
  test.each(limits.filter(([bytes]) => bytes <= mostLocked()))(
    'of %d bytes is told by `locked` where it is not',
    async (bytes, told) => {
      const name = ringName()
      const who = await actor()
      limit(who, 'memlock', bytes)
      await who.does('become', NOBODY)
      const { locked } = await who.does('create', { name, options })
      expect(locked).toMatch(told)
      expect(await who.does('write')).toEqual({ sequence: 1 })
      const { lockedBytes } = await who.does('stats')
      expect(lockedBytes).toBeLessThanOrEqual(bytes)
      await who.does('closeWriter')
      expect(remains(name)).toEqual([])
    },
  )
})

describe('a reader that may start no thread', { timeout: 120_000 }, () => {
  test('the thread that watches the writer’s life is there where it may be', async () => {
    const { name } = testWriter()
    const reader = await actor()
    await reader.does('open', { name })
    await reader.does('waitSync', { timeout: 1 })
    expect(threads(reader)).toContain('framering')
  })

  // Root may start as many as it likes.
  test.runIf(isRoot)('wakes in waitSync for a frame and for its writer’s death', async () => {
    const name = ringName()
    const user = { uid: 54322, gid: 54322 }
    const dying = await actor({ user })
    await dying.does('create', { name, options: SMALL })
    const reader = await actor()
    limit(reader, 'nproc', 1)
    await reader.does('become', user)
    await reader.does('open', { name })
    const waiting = reader.does('waitSync')
    await dying.does('write')
    expect(await waiting).toMatchObject({ sequence: 1, whole: true })
    const died = reader.does('waitSync')
    died.catch(() => undefined)
    await until(() => /futex|hrtimer/.test(readFileSync(`/proc/${reader.pid}/wchan`, 'utf8')))
    await crash(dying)
    await expect(died).rejects.toEqual(failure('WRITER_DIED'))
    expect(threads(reader)).not.toContain('framering')
    testWriter(SMALL, name)
  })
})
