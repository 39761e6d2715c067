import { describe, expect, test } from 'vitest'
import { ringBytes } from '../../src/index.ts'
import type { Actor } from '../support/actor.ts'
import { isRoot } from '../support/actor.ts'
import { canLimitMemory, memoryCgroup } from '../support/memory-cgroup.ts'
import { actorOnTmpfs } from '../support/small-tmpfs.ts'
import { failure } from './fixtures.ts'

const PAGE = 4096
const name = 'front'
const RING = { dtype: 'uint8', shape: [4 * PAGE], slots: 4, maxReaders: 3 } as const

/** What came of it: '' or the code of the error. Whatever came, nothing but the ring is there. */
async function tries(on: Actor, directory: string): Promise<string> {
  try {
    await on.does('create', { name, options: { ...RING, directory } })
    return ''
  } catch (error) {
    expect(await on.does('list', { path: directory })).toEqual([])
    return (error as { code: string }).code
  }
}

/** The ring and everything about it works: a frame comes to a reader that has just joined. */
async function works(on: Actor, directory: string): Promise<void> {
  await on.does('open', { name, options: { directory, delivery: 'every' } })
  const { sequence } = await on.does('write')
  expect(await on.does('next')).toMatchObject({ whole: true })
  await on.does('write', { frames: 20 })
  expect(await on.does('waitSync')).toMatchObject({ sequence: sequence + 18, whole: true })
  await on.does('release')
  await on.does('closeReader')
}

describe.runIf(isRoot)('a /dev/shm without room is SHM_FULL', { timeout: 300_000 }, () => {
  test('when the ring does not fit at all: with bytes needed and free and the option to set', async () => {
    const { on, directory } = await actorOnTmpfs('size=1m')
    const options = { ...RING, shape: [1 << 20], directory }
    const error: unknown = await on.does('create', { name, options }).catch((e: unknown) => e)
    expect(error).toEqual(failure('SHM_FULL', /--shm-size/))
    const { needed, available } = error as { needed: number; available: number }
    expect(needed).toBe(ringBytes(options))
    expect(available).toBeGreaterThan(0)
    expect(available).toBeLessThanOrEqual(1 << 20)
    expect(await on.does('list', { path: directory })).toEqual([])
  })

  test('when it fits but for a page or two, and what fits to the page works', async () => {
    const { on, directory } = await actorOnTmpfs('size=1m')
    const eater = `${directory}/eater`
    const total = 1 << 20
    const codes: string[] = []
    for (let spare = -2; spare <= 4; spare++) {
      await on.does('fill', { path: eater, bytes: total - ringBytes(RING) - spare * PAGE })
      let code = ''
      try {
        await on.does('create', { name, options: { ...RING, directory } })
        await works(on, directory)
        await on.does('closeWriter')
      } catch (error) {
        code = (error as { code: string }).code
      }
      codes.push(code)
      expect(await on.does('list', { path: directory })).toEqual(['eater'])
    }
    // A page for the lock's file is needed as well; with it everything is there.
    expect(codes).toEqual([...Array<string>(3).fill('SHM_FULL'), '', '', '', ''])
  })

  test('when there are bytes but no inode, however far it came', async () => {
    const codes: string[] = []
    for (let inodes = 1; codes.at(-1) !== ''; inodes++) {
      const { on, directory } = await actorOnTmpfs(`size=1m,nr_inodes=${inodes + 1}`)
      codes.push(await tries(on, directory))
      if (codes.at(-1) === '') await works(on, directory)
    }
    // Lock, data, control, directory and FIFOs of the bells: eight for three readers.
    expect(codes.length).toBeGreaterThanOrEqual(8)
    expect(new Set(codes.slice(0, -1))).toEqual(new Set(['SHM_FULL']))
  })

  test('told with what to do about the inodes', async () => {
    for (const inodes of [2, 3, 5, 7]) {
      const { on, directory } = await actorOnTmpfs(`size=1m,nr_inodes=${inodes}`)
      await expect(on.does('create', { name, options: { ...RING, directory } })).rejects.toEqual(
        failure('SHM_FULL', /nr_inodes/),
      )
    }
  })

  test('when it grows and another file has eaten the rest; the ring goes on and grows later', async () => {
    const { on, directory } = await actorOnTmpfs('size=1m')
    await on.does('create', { name, options: { ...RING, directory } })
    await works(on, directory)
    // More than there is: the rest of it.
    await expect(on.does('fill', { path: `${directory}/eater`, bytes: 1 << 21 })).rejects.toEqual(
      expect.objectContaining({ code: 'ENOSPC' }),
    )
    const names = await on.does('list', { path: directory })
    for (const bytes of [8 * PAGE, 1 << 22]) {
      await expect(on.does('grow', { bytes })).rejects.toEqual(failure('SHM_FULL', /bytes/))
      expect((await on.does('list', { path: directory })).sort()).toEqual(names.sort())
      await works(on, directory)
    }
    await on.does('unlink', { path: `${directory}/eater` })
    await on.does('grow', { bytes: 8 * PAGE })
    await works(on, directory)
    await on.does('closeWriter')
    expect(await on.does('list', { path: directory })).toEqual([])
  })

  test('when it grows and there are too few inodes; the ring goes on under its names', async () => {
    let grown = false
    for (let inodes = 9; !grown; inodes++) {
      const { on, directory } = await actorOnTmpfs(`size=1m,nr_inodes=${inodes}`)
      if ((await tries(on, directory)) !== '') continue
      const names = (await on.does('list', { path: directory })).sort()
      try {
        await on.does('grow', { bytes: 8 * PAGE })
        grown = true
      } catch (error) {
        expect(error).toEqual(failure('SHM_FULL', /nr_inodes/))
        expect((await on.does('list', { path: directory })).sort()).toEqual(names)
      }
      await works(on, directory)
      await on.does('closeWriter')
      expect(await on.does('list', { path: directory })).toEqual([])
    }
  })
})

describe.runIf(isRoot && canLimitMemory)(
  'a memory cgroup smaller than the ring',
  { timeout: 120_000 },
  () => {
    test('is SHM_FULL that names it, and not the end of the process; what fits works', async () => {
      const limit = 256 << 20
      const group = memoryCgroup(limit)
      const { on, directory } = await actorOnTmpfs('size=2g', `echo $$ >${group}/cgroup.procs`)
      const options = { ...RING, shape: [128 << 20], directory }
      const error: unknown = await on.does('create', { name, options }).catch((e: unknown) => e)
      expect(error).toEqual(failure('SHM_FULL', /memory cgroup/))
      const { needed, available } = error as { needed: number; available: number }
      expect(needed).toBe(ringBytes(options))
      expect(available).toBeGreaterThan(0)
      expect(available).toBeLessThan(limit)
      expect(await on.does('list', { path: directory })).toEqual([])

      await on.does('create', { name, options: { ...RING, directory } })
      await expect(on.does('grow', { bytes: 128 << 20 })).rejects.toEqual(
        failure('SHM_FULL', /memory cgroup/),
      )
      await works(on, directory)
    })
  },
)
