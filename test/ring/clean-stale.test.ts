import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { chmodSync, chownSync, closeSync, fstatSync, openSync } from 'node:fs'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { StaleReport } from '../../src/index.ts'
import { cleanStale, createWriter, openReader } from '../../src/index.ts'
import { actor, crash, isRoot, NOBODY } from '../support/actor.ts'
import { deadRing } from '../support/dead-ring.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { failure, flat, SMALL } from './fixtures.ts'

/** One of its own for each test: a sweep of /dev/shm would clear up after the tests beside this one. */
let directory = ''
beforeEach(() => {
  directory = mkdtempSync('/dev/shm/sweep-test-')
  onTestFinished(() => {
    rmSync(directory, { recursive: true })
  })
})

/** Everything of a directory that a sweep could change. */
function snapshot(): unknown[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((entry) => {
      const { ino, mode, uid, size } = statSync(join(directory, entry))
      return [entry, ino, mode, uid, size]
    })
}

const files = (list: StaleReport['removed']): string[] => list.map(({ path }) => path)

describe('cleanStale', { timeout: 120_000 }, () => {
  test('lists what a killed writer left, changing nothing, and then removes just that', async () => {
    const dead = await deadRing(directory)
    const left = remains(dead, directory)
    const bells = left.find((file) => file.endsWith('.bells'))!
    const size = (file: string): number => statSync(join(directory, file)).blocks * 512
    const report = {
      removed: [
        `framering.${dead}.data`,
        `framering.${dead}.ctl`,
        `framering.${dead}.lock`,
        bells,
      ].map((file) => ({ ring: dead, path: join(directory, file), bytes: size(file) })),
      kept: [],
    }
    expect(report.removed[0]!.bytes).toBeGreaterThan(8 * 4096)
    const before = snapshot()
    expect(cleanStale({ directory, dryRun: true })).toEqual(report)
    expect(snapshot()).toEqual(before)
    expect(cleanStale({ directory })).toEqual(report)
    expect(readdirSync(directory)).toEqual([])
    expect(cleanStale({ directory })).toEqual({ removed: [], kept: [] })
  })

  test('sweeps one ring alone when it is named', async () => {
    const [one, other] = [await deadRing(directory), await deadRing(directory)]
    using writer = createWriter(`${one}.live`, { ...SMALL, directory })
    expect(cleanStale({ directory, ring: writer.name }).removed).toEqual([])
    expect(cleanStale({ directory, ring: `${one}x` })).toEqual({ removed: [], kept: [] })
    const { removed, kept } = cleanStale({ directory, ring: one })
    expect(removed).toHaveLength(4)
    expect(kept).toEqual([])
    expect(remains(one, directory)).toEqual(remains(writer.name, directory))
    expect(remains(other, directory)).toHaveLength(4)
    expect(remains(writer.name, directory)).toHaveLength(4)
  })

  test('keeps the ring of a live writer whose lock file was removed', () => {
    using writer = createWriter(ringName(), { ...SMALL, directory })
    rmSync(join(directory, `framering.${writer.name}.lock`))
    const before = snapshot()
    for (const dryRun of [true, false]) {
      const { removed, kept } = cleanStale({ directory, dryRun })
      expect(removed).toEqual([])
      expect(kept.map(({ code }) => code)).toEqual(['NAME_IN_USE', 'NAME_IN_USE', 'NAME_IN_USE'])
      expect(snapshot()).toEqual(before)
    }
  })

  test.skipIf(!isRoot)('gives nobody a lock file that was there before', () => {
    const lock = join(directory, 'framering.a.lock')
    writeFileSync(lock, '')
    writeFileSync(join(directory, 'framering.a.data'), '')
    chownSync(join(directory, 'framering.a.data'), NOBODY.uid, NOBODY.gid)
    const held = openSync(lock, 'r')
    onTestFinished(() => {
      closeSync(held)
    })
    expect(cleanStale({ directory }).removed).toHaveLength(2)
    expect(fstatSync(held).uid).toBe(0)
  })

  test('keeps what a live writer holds, beside what a dead one left', async () => {
    const dead = await deadRing(directory)
    const writer = createWriter(ringName(), { ...SMALL, directory })
    const reader = openReader(writer.name, { directory })
    for (const dryRun of [true, false]) {
      const { removed, kept } = cleanStale({ directory, dryRun })
      expect(removed.map(({ ring }) => ring)).toEqual([dead, dead, dead, dead])
      expect(kept).toHaveLength(4)
      for (const file of kept) {
        expect(file).toMatchObject({ ring: writer.name, code: 'NAME_IN_USE' })
        expect(file.reason).toMatch(/live writer/)
        expect(file.path).toContain(writer.name)
      }
    }
    expect(remains(dead, directory)).toEqual([])
    writer.write(flat(1))
    using frame = reader.tryNext()
    expect(frame?.data).toEqual(flat(1))
    reader.close()
    writer.close()
    expect(readdirSync(directory)).toEqual([])
  })

  test('leaves alone what only looks like a ring', async () => {
    const dead = await deadRing(directory)
    const strangers = [
      'framering.x.txt',
      'framering..data',
      'framering.data',
      'framering.x@0123456789abcde.data',
      'framering.x@0123456789ABCDEF.data',
      'framering.x.bells',
      'framering.x y.data',
      'other.x.data',
    ]
    for (const file of strangers) writeFileSync(join(directory, file), file)
    const { removed, kept } = cleanStale({ directory })
    expect(new Set(removed.map(({ ring }) => ring))).toEqual(new Set([dead]))
    expect(kept).toEqual([])
    expect(readdirSync(directory).sort()).toEqual([...strangers].sort())
  })

  test('refuses directories and links under a ring’s names, and goes on', async () => {
    const target = join(directory, 'precious')
    writeFileSync(target, 'mine')
    mkdirSync(join(directory, 'framering.a.data'))
    symlinkSync(target, join(directory, 'framering.b.ctl'))
    symlinkSync(directory, join(directory, 'framering.c@0123456789abcdef.bells'))
    symlinkSync(target, join(directory, 'framering.d.lock'))
    writeFileSync(join(directory, 'framering.e@0123456789abcdef.bells'), '')
    const strangers = readdirSync(directory).sort()
    const dead = await deadRing(directory)
    for (const dryRun of [true, false]) {
      const { removed, kept } = cleanStale({ directory, dryRun })
      expect(removed.map(({ ring }) => ring)).toEqual([dead, dead, dead, dead])
      expect(kept.map(({ ring, code }) => `${ring} ${code}`)).toEqual(
        ['a', 'b', 'c', 'd', 'e'].map((ring) => `${ring} PERMISSION`),
      )
      for (const { reason, path } of kept) expect(reason).toContain(path)
    }
    expect(readdirSync(directory).sort()).toEqual(strangers)
    expect(readFileSync(target, 'utf8')).toBe('mine')
  })

  test('readers of a dead ring keep the frames they have', async () => {
    const name = ringName()
    const writer = await actor()
    await writer.does('create', { name, options: { ...SMALL, directory } })
    const reader = openReader(name, { directory, delivery: 'every' })
    await writer.does('write', { frames: 3 })
    using held = reader.tryNext()!
    await crash(writer)
    expect(cleanStale({ directory }).removed).toHaveLength(4)
    expect(readdirSync(directory)).toEqual([])
    expect(held.data).toEqual(flat(1))
    {
      // And those they have not come to yet.
      using second = await reader.next()
      expect(second?.data).toEqual(flat(2))
    }
    ;(await reader.next())?.release()
    await expect(reader.next()).rejects.toEqual(failure('WRITER_DIED'))
    // The name is as free as if nothing had been there.
    createWriter(name, { ...SMALL, directory }).close()
  })

  test.runIf(isRoot)('keeps what another user left, where only he may remove it', async () => {
    chmodSync(directory, 0o1777)
    const dead = await deadRing(directory)
    const before = readdirSync(directory).sort()
    const nobody = await actor({ user: NOBODY })
    for (const dryRun of [true, false]) {
      const { removed, kept } = await nobody.does('sweep', { directory, dryRun })
      expect(removed).toEqual([])
      expect(kept).toHaveLength(4)
      for (const file of kept) {
        expect(file).toMatchObject({ ring: dead, code: 'PERMISSION' })
        expect(file.reason).toMatch(/uid 65534/)
      }
    }
    expect(readdirSync(directory).sort()).toEqual(before)
    // Without the lock's file too, which anybody may make.
    rmSync(join(directory, `framering.${dead}.lock`))
    const { removed, kept } = await nobody.does('sweep', { directory })
    expect(removed).toEqual([])
    expect(new Set(kept.map(({ code }) => code))).toEqual(new Set(['PERMISSION']))
    expect(readdirSync(directory).sort()).toEqual(before.filter((file) => !file.endsWith('.lock')))
  })

  test.runIf(isRoot)('knows a live ring of another user by what it may read of it', async () => {
    chmodSync(directory, 0o1777)
    const nobody = await actor({ user: NOBODY })
    const [open, closed] = [0o644, 0o600].map((mode) =>
      createWriter(ringName(), { ...SMALL, directory, mode }),
    )
    const { removed, kept } = await nobody.does('sweep', { directory })
    const codeOf = (ring: string): unknown =>
      new Set(kept.filter((file) => file.ring === ring).map(({ code }) => code))
    expect(removed).toEqual([])
    expect(codeOf(open!.name)).toEqual(new Set(['NAME_IN_USE']))
    expect(codeOf(closed!.name)).toEqual(new Set(['PERMISSION']))
    for (const writer of [open, closed]) writer!.close()
  })

  test.runIf(isRoot)('removes what is its own beside what is not', async () => {
    chmodSync(directory, 0o1777)
    const theirs = await deadRing(directory)
    const own = await deadRing(directory, NOBODY)
    const nobody = await actor({ user: NOBODY })
    const { removed, kept } = await nobody.does('sweep', { directory })
    expect(new Set(removed.map(({ ring }) => ring))).toEqual(new Set([own]))
    expect(new Set(kept.map(({ ring }) => ring))).toEqual(new Set([theirs]))
    expect(remains(own, directory)).toEqual([])
    expect(remains(theirs, directory)).toHaveLength(4)
    // Root's sweep takes the rest, and a ring of somebody else's that lost its lock as well.
    const other = await deadRing(directory, NOBODY)
    rmSync(join(directory, `framering.${other}.lock`))
    expect(cleanStale({ directory }).kept).toEqual([])
    expect(readdirSync(directory)).toEqual([])
  })

  test.runIf(isRoot)('by root does not take a live ring of somebody else for dead', async () => {
    chmodSync(directory, 0o1777)
    const name = ringName()
    const writer = await actor({ user: NOBODY })
    await writer.does('create', { name, options: { ...SMALL, directory } })
    const before = snapshot()
    const { removed, kept } = cleanStale({ directory })
    expect(removed).toEqual([])
    expect(new Set(kept.map(({ code }) => code))).toEqual(new Set(['NAME_IN_USE']))
    expect(snapshot()).toEqual(before)
    await writer.does('closeWriter')
    expect(readdirSync(directory)).toEqual([])
  })

  test.each([
    [{ directory: '/dev/shm/there/is/none' }, /cannot read the directory/],
    [{ directory: '/dev/null' }, /cannot read the directory/],
    [{ directory: 'shm' }, /directory/],
    [{ dryRun: 1 }, /dryRun/],
    [{ dryrun: true }, /'dryRun'/],
    [{ name: 'front' }, /name/],
    [null, /object/],
    ['/dev/shm', /object/],
  ])('refuses %o', (options, message) => {
    expect(() => cleanStale(options as never)).toThrow(failure('OPTION_INVALID', message))
  })

  test.runIf(isRoot)('refuses a directory that it may not read', async () => {
    chmodSync(directory, 0o700)
    const nobody = await actor({ user: NOBODY })
    await expect(nobody.does('sweep', { directory })).rejects.toEqual(
      failure('OPTION_INVALID', /cannot read the directory/),
    )
    chownSync(directory, NOBODY.uid, NOBODY.gid)
    expect(await nobody.does('sweep', { directory })).toEqual({ removed: [], kept: [] })
  })

  test('looks at /dev/shm unless told otherwise', () => {
    const name = ringName()
    using writer = createWriter(name, SMALL)
    const { kept } = cleanStale({ dryRun: true })
    expect(files(kept)).toEqual(
      expect.arrayContaining(remains(writer.name).map((file) => `/dev/shm/${file}`)),
    )
  })
})

describe('a reader that goes removes nothing of a live ring', { timeout: 120_000 }, () => {
  test.each(['close', 'natural end', 'process.exit', 'uncaught exception', 'kill'])(
    'by %s',
    async (how) => {
      const name = ringName()
      const writer = createWriter(name, { ...SMALL, directory })
      const before = snapshot()
      const reader = await actor()
      await reader.does('open', { name, options: { directory } })
      const observer = await actor()
      await observer.does('open', { name, options: { directory, observe: true } })
      writer.write(flat(1))
      for (const one of [reader, observer]) {
        expect(await one.does('take')).toMatchObject({ sequence: 1, whole: true })
        if (how === 'kill') await crash(one)
        else one.say('leave', { how })
        await one.ended()
      }
      expect(snapshot()).toEqual(before)
      expect(writer.write(flat(2))).toBe(2)
      using frame = openReader(name, { directory }).tryNext()
      expect(frame?.data).toEqual(flat(2))
      writer.close()
      expect(readdirSync(directory)).toEqual([])
    },
  )
})
