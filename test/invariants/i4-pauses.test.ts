import { describe, expect, test } from 'vitest'
import type { Actor } from '../crash/stage.mjs'
import { Cast, EVERY, LATEST, RELIABLE } from '../support/cast.ts'

const cast = new Cast()

/** A writer that stands still with the lock of a dead reader's entry, which it is about to clean. */
async function stoppedCleaning({ readers }: { readers: number }): Promise<Actor> {
  const writer = await cast.writer({ slots: 3, readers })
  const dead = await cast.reader({ leases: 3 })
  await writer.ask('publish', { n: 3 }, 'published')
  await dead.ask('hold', { n: 3 }, 'holding')
  await cast.killed(dead)
  // It lacks a slot, and asks after those who hold them.
  writer.say('arm', { point: 'reclaim_lock', stop: 1 })
  await writer.ask('publish', { n: 1 }, 'stopped')
  return writer
}

describe('I2 a process that stands still is not dead', () => {
  test.each(['loan_probing', 'loan_owned', 'publish_state', 'publish_latest', 'bell_taken'])(
    'a writer stopped at %s keeps its ring, and goes on where it was',
    async (point) => {
      const writer = await cast.writer()
      const followers = [
        await cast.follower('wait', { delivery: RELIABLE }),
        await cast.follower('poll', { delivery: EVERY }),
      ]
      await writer.ask('publish', { n: 10, mark: 1 }, 'published')
      for (const follower of followers) await follower.heard('mark')
      // Armed for certain, or there is no bell to take.
      const sleeper = await cast.follower('wait', { delivery: LATEST })
      writer.say('arm', { point, stop: 1 })
      await writer.ask('publish', { n: 10, mark: 2 }, 'stopped')
      // Its name stays taken; who comes now gets the newest frame there is, and is not told of a death.
      expect(await cast.refusal()).toBe('NAME_IN_USE')
      const late = await cast.reader({ replay: 1 })
      expect((await late.ask('hold', { n: 1 }, 'holding'))['n']).toBe(1)
      await late.ask('leave', {}, 'left')
      writer.say('cont')
      expect((await writer.heard('published'))['dropped']).toBe(0)
      for (const follower of [...followers, sleeper]) {
        expect((await follower.heard('mark'))['n']).toBe(2)
        expect(follower.unheard('over')).toBe(0)
      }
      await writer.ask('close', {}, 'closed')
      expect(cast.files()).toEqual([])
    },
  )

  test('a reader stopped at any step costs others nothing and loses nothing it holds', async () => {
    for (const point of ['lease_pinned', 'lease_taken', 'deliver_cursor', 'release_pin']) {
      const writer = await cast.writer()
      const other = await cast.follower('poll')
      const reader = await cast.reader({ leases: 2 })
      await writer.ask('publish', { n: 1 }, 'published')
      await reader.ask('hold', { n: 1 }, 'holding')
      reader.say('arm', { point, stop: 1 })
      if (point === 'release_pin') await reader.ask('release', {}, 'stopped')
      else {
        await writer.ask('publish', { n: 1 }, 'published')
        await reader.ask('hold', { n: 2 }, 'stopped')
      }
      // Far more frames than there are slots.
      expect((await writer.ask('publish', { n: 2000, mark: 1 }, 'published'))['dropped']).toBe(0)
      await other.heard('mark')
      reader.say('cont')
      if (point === 'release_pin') await reader.heard('released')
      else {
        expect((await reader.heard('holding'))['n']).toBe(2)
        await reader.ask('check', {}, 'checked')
        await reader.ask('release', {}, 'released')
      }
      await writer.ask('close', {}, 'closed')
      for (const one of [writer, other, reader]) await cast.killed(one)
    }
  })

  test('a writer stopped while it cleans an entry keeps nobody from another one', async () => {
    const writer = await stoppedCleaning({ readers: 2 })
    const reader = await cast.reader({ replay: 1 })
    expect((await reader.ask('hold', { n: 1 }, 'holding'))['n']).toBe(1)
    writer.say('cont')
    await writer.heard('published')
  })

  test('one stopped for a moment while it cleans the last entry keeps nobody out', async () => {
    const writer = await stoppedCleaning({ readers: 1 })
    const late = cast.actor().say('arm', { point: 'join_waits', stop: 1 })
    await late.ask('open', { ring: 'front', delivery: LATEST }, 'stopped')
    writer.say('cont')
    await writer.heard('published')
    late.say('cont')
    expect((await late.heard('opened', 'refused')).line).toMatch(/^opened/)
    await writer.ask('publish', { n: 1 }, 'published')
    expect((await late.ask('hold', { n: 1 }, 'holding'))['n']).toBe(1)
  })

  test('one that does not go on makes a join fail, which says so; the next one can come', async () => {
    const writer = await stoppedCleaning({ readers: 1 })
    const open = { ring: 'front', delivery: LATEST }
    const late = cast.actor()
    const refusal = await late.ask('open', open, 'opened', 'refused')
    expect(refusal['status']).toBe('READERS_EXHAUSTED')
    expect(refusal.line).toMatch(/cleaning.*stopped/)
    writer.say('cont')
    await writer.heard('published')
    expect((await late.ask('open', open, 'opened', 'refused')).line).toMatch(/^opened/)
  })

  test('a reliable reader stopped beyond its patience keeps its frames; the writer goes on', async () => {
    const writer = await cast.writer()
    const other = await cast.follower('wait', { delivery: EVERY })
    const holder = await cast.reader({ delivery: RELIABLE, leases: 3, wait_ms: 30 })
    await writer.ask('publish', { n: 3, mark: 1 }, 'published')
    await other.heard('mark')
    expect((await holder.ask('hold', { n: 3 }, 'holding'))['n']).toBe(3)
    await holder.ask('stop', {}, 'stopped')
    expect((await writer.ask('publish', { n: 500, mark: 2 }, 'published'))['dropped']).toBe(0)
    expect((await other.heard('mark'))['n']).toBe(2)
    // Three slots are held and one has the newest frame: no more and no fewer.
    expect((await writer.ask('lend', {}, 'lent'))['n']).toBe(2)
    holder.say('cont')
    expect((await holder.ask('check', {}, 'checked'))['n']).toBe(3)
    await holder.ask('release', {}, 'released')
    expect((await writer.ask('lend', {}, 'lent'))['n']).toBe(5)
    await writer.ask('close', {}, 'closed')
    expect(cast.files()).toEqual([])
  })
})
