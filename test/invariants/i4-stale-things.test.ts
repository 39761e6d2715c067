import { chmodSync, chownSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Actor } from '../crash/stage.mjs'
import { Cast } from '../support/cast.ts'

const NOBODY = 65534
const root = process.getuid?.() === 0
const cast = new Cast()

/** A ring whose writer died after some frames, or before its names were in place. */
async function remains(ring: string, how: 'frames' | 'half' = 'frames'): Promise<void> {
  const writer = cast.actor()
  if (how === 'half') {
    writer.say('arm', { point: 'link_data_temporary' })
    writer.say('create', { ring, slots: 3, readers: 2 })
    expect(await writer.gone()).toBe('signal=9')
  } else {
    await cast.writer({ ring }, writer)
    await writer.ask('publish', { n: 3 }, 'published')
    await cast.killed(writer)
  }
}

interface Told {
  readonly ring: string | number
  readonly name: string | number
  readonly removed: string | number
  readonly kept: string | number
}

/** What a sweep says of every file it found, by name. */
async function sweep(dry = 0, sweeper: Actor = cast.actor()): Promise<Told[]> {
  const swept = await sweeper.ask('sweep', { dry, tell: 1 }, 'swept')
  const told: Told[] = []
  for (let left = Number(swept['found']); left > 0; left--) {
    const { ring, name, removed, kept } = await sweeper.heard('file')
    told.push({ ring: ring!, name: name!, removed: removed!, kept: kept! })
  }
  return told.sort((a, b) => String(a.name).localeCompare(String(b.name)))
}

/** Contents aside, what a directory is. */
function state(): string[] {
  return cast.stage
    .files()
    .sort()
    .map((file) => {
      const { ino, size, mtimeMs, ctimeMs, mode } = statSync(join(cast.stage.directory, file))
      return [file, ino, size, mtimeMs, ctimeMs, mode].join(' ')
    })
}

describe('I4 stale things', () => {
  test('a dry run tells of everything and changes nothing', async () => {
    await remains('dead')
    await remains('half-made', 'half')
    const writer = await cast.writer({ ring: 'alive' })
    const before = state()
    const told = await sweep(1)
    expect(state()).toEqual(before)
    expect(told.map(({ name }) => name).sort()).toEqual(cast.stage.files().sort())
    for (const { ring, removed, kept } of told) {
      expect(removed).toBe(0)
      expect(kept).toBe(ring === 'alive' ? 'NAME_IN_USE' : 'OK')
    }
    await writer.ask('close', {}, 'closed')
    await sweep()
    expect(cast.stage.files()).toEqual([])
  })

  test('a sweep removes what the dead left, and a live ring goes on without noticing', async () => {
    await remains('dead')
    await remains('half-made', 'half')
    const writer = await cast.writer()
    const followers = [await cast.follower('wait'), await cast.follower('poll')]
    const live = cast.files()
    const told = await sweep()
    expect(cast.stage.files().sort()).toEqual(live)
    for (const { ring, removed, kept } of told) {
      expect(removed).toBe(ring === 'front' ? 0 : 1)
      expect(kept).toBe(ring === 'front' ? 'NAME_IN_USE' : 'OK')
    }
    await writer.ask('publish', { n: 20, mark: 1 }, 'published')
    for (const follower of followers) await follower.heard('mark')
    await cast.reader()
    await writer.ask('close', {}, 'closed')
    expect(cast.stage.files()).toEqual([])
  })

  test('a reader of a dead writer’s ring keeps what it holds while a sweep takes the names', async () => {
    const writer = await cast.writer()
    const holder = await cast.reader({ leases: 3 })
    await writer.ask('publish', { n: 3 }, 'published')
    await holder.ask('hold', { n: 3 }, 'holding')
    await cast.killed(writer)
    await sweep()
    expect(cast.stage.files()).toEqual([])
    expect((await holder.ask('check', {}, 'checked'))['n']).toBe(3)
    await holder.ask('release', {}, 'released')
    await holder.ask('leave', {}, 'left')
    expect(cast.stage.files()).toEqual([])
  })

  test('the exits of readers never destroy a ring', async () => {
    const writer = await cast.writer()
    await writer.ask('publish', { n: 1 }, 'published')
    const files = cast.files()
    for (const how of ['leave', 'exit', 'kill']) {
      const reader = await cast.reader({ replay: 1 })
      await reader.ask('hold', { n: 1 }, 'holding')
      if (how === 'leave') await reader.ask('leave', {}, 'left')
      else reader.say(how)
      if (how !== 'leave') expect(await reader.gone()).toBe(how === 'exit' ? 'code=0' : 'signal=9')
      expect(cast.files()).toEqual(files)
      const next = await cast.reader({ replay: 1 })
      expect((await next.ask('hold', { n: 1 }, 'holding'))['n']).toBe(1)
      await next.ask('leave', {}, 'left')
    }
    await writer.ask('close', {}, 'closed')
    expect(cast.files()).toEqual([])
  })

  test('of two sweeps at one instant every file is removed once, and neither fails', async () => {
    const sweepers = [cast.actor(), cast.actor()]
    for (let round = 0; round < 30; round++) {
      await remains('dead')
      await remains('half-made', 'half')
      const files = cast.stage.files().filter((file) => !file.endsWith('.lock'))
      for (const sweeper of sweepers) await sweeper.ask('stop', {}, 'stopped')
      const both = sweepers.map((sweeper) => sweep(0, sweeper))
      cast.stage.release()
      const told = (await Promise.all(both)).flat()
      const removed = told.filter((t) => t.removed === 1 && !String(t.name).endsWith('.lock'))
      expect(removed.map(({ name }) => name).sort()).toEqual(files.sort())
      for (const { removed, kept } of told) {
        if (removed === 0) expect(kept).toBe('NAME_IN_USE')
      }
      expect(cast.stage.files()).toEqual([])
    }
  })

  test('a sweep beside writers that come, die and come again costs none of them its name', async () => {
    const sweepers = [cast.actor(), cast.actor()]
    for (const sweeper of sweepers) sweeper.say('sweeper-flow')
    for (let round = 0; round < 60; round++) {
      const writer = await cast.writer()
      // Names that were taken away from under a live writer would not be found.
      const reader = await cast.reader()
      await writer.ask('publish', { n: 3 }, 'published')
      expect((await reader.ask('hold', { n: 1 }, 'holding'))['n']).toBe(1)
      expect(cast.files().filter((file) => /front\.(data|ctl|lock)$/.test(file))).toHaveLength(3)
      if (round % 3 === 0) await writer.ask('close', {}, 'closed')
      else await cast.killed(writer)
      await cast.killed(reader)
    }
    for (const sweeper of sweepers) await sweeper.ask('halt', {}, 'flowed')
    await sweep()
    expect(cast.stage.files()).toEqual([])
  })
})

describe.runIf(root)('I4 stale things of another user', () => {
  async function nobody(): Promise<Actor> {
    const actor = cast.actor()
    await actor.ask('become', { uid: NOBODY }, 'became')
    return actor
  }

  test('root sweeps them, and its owner can take the name again at once', async () => {
    chmodSync(cast.stage.directory, 0o1777)
    await cast.killed(await cast.writer({}, await nobody()))
    expect((await sweep()).map(({ removed }) => removed)).toEqual([1, 1, 1, 1])
    expect(cast.stage.files()).toEqual([])
    // Nor does a sweep that died half way keep him out.
    await cast.killed(await cast.writer({}, await nobody()))
    const sweeper = cast.actor().say('arm', { point: 'clean_removed' }).say('sweep')
    expect(await sweeper.gone()).toBe('signal=9')
    const writer = await cast.writer({}, await nobody())
    await writer.ask('close', {}, 'closed')
    expect(cast.stage.files()).toEqual([])
  })

  test('in a sticky directory nobody else can remove them, and is told so', async () => {
    chmodSync(cast.stage.directory, 0o1777)
    await remains('front')
    const files = cast.files()
    for (const dry of [1, 0]) {
      const told = await sweep(dry, await nobody())
      expect(told.map(({ name }) => name).sort()).toEqual(files)
      for (const { removed, kept } of told) {
        expect(removed).toBe(0)
        expect(kept).toBe('PERMISSION')
      }
      expect(cast.files()).toEqual(files)
    }
    // Without a lock file to refuse him, it is the directory that does.
    await sweep()
    await remains('front')
    chownSync(join(cast.stage.directory, 'framering.front.lock'), NOBODY, NOBODY)
    for (const { removed, kept, name } of await sweep(0, await nobody())) {
      if (String(name).endsWith('.lock')) continue
      expect(removed).toBe(0)
      expect(kept).toBe('PERMISSION')
    }
    const writer = await cast.writer()
    await writer.ask('close', {}, 'closed')
    expect(cast.stage.files()).toEqual([])
  })
})
