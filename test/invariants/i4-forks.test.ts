import { describe, expect, test } from 'vitest'
import { Cast } from '../support/cast.ts'

const cast = new Cast()

/**
 * A process that writes, reads and holds a frame of its own ring, and its forked child, which does
 * not exec: commands go to the child from here on, `kill` to the parent.
 */
async function family() {
  const parent = await cast.writer()
  await cast.reader({ leases: 2 }, parent)
  await parent.ask('publish', { n: 2 }, 'published')
  expect((await parent.ask('hold', { n: 2 }, 'holding'))['n']).toBe(2)
  return parent
}

describe('I4 a child forked without exec', () => {
  test.each(['wait', 'poll'] as const)(
    'does not keep its parent’s ring alive: readers in %s() learn of the death, the name is free',
    async (way) => {
      const parent = await family()
      const follower = await cast.follower(way)
      await parent.ask('fork', {}, 'forked')
      await cast.killed(parent)
      expect((await follower.heard('over'))['how']).toBe('died')
      const next = await cast.writer()
      await next.ask('close', {}, 'closed')
      expect(cast.files()).toEqual([])
      // The child was there all the time.
      await parent.ask('points', {}, 'points')
      parent.say('exit')
    },
  )

  test('is refused its parent’s handles, and what it does with them harms nobody', async () => {
    const parent = await family()
    const follower = await cast.follower('wait')
    const files = cast.files()
    const child = parent
    await parent.ask('fork', {}, 'forked')
    expect((await child.ask('try-loan', {}, 'loan'))['status']).toBe('CLOSED')
    expect((await child.ask('try-next', {}, 'next'))['status']).toBe('CLOSED')
    // Zeros where the frames were, and no fault.
    expect(await child.ask('touch', {}, 'touched')).toMatchObject({ frames: 2, sum: 0 })
    await child.ask('leave', {}, 'left')
    await child.ask('close', {}, 'closed')
    expect(cast.files()).toEqual(files)
    expect(await cast.refusal()).toBe('NAME_IN_USE')
    // The parent's reader still has its entry: one of four, and the follower another.
    expect((await cast.actor().ask('fill', { ring: 'front' }, 'filled'))['n']).toBe(2)
    expect(follower.unheard('over')).toBe(0)
    await cast.killed(parent)
    expect((await follower.heard('over'))['how']).toBe('died')
    child.say('exit')
  })

  test('may open rings of its own, and sleeps in them as anybody does', async () => {
    const parent = await family()
    // The parent slept before: its thread that watches lives is not in the child.
    const before = await cast.follower('wait')
    await parent.ask('fork', {}, 'forked')
    const child = parent
    await child.ask('leave', {}, 'left')
    const writer = await cast.writer({ ring: 'other' })
    await cast.reader({ ring: 'other' }, child)
    await child.ask('follow', { in: 'wait' }, 'asleep')
    await writer.ask('publish', { n: 5, mark: 1 }, 'published')
    await child.heard('mark')
    await cast.killed(writer)
    expect((await child.heard('over'))['how']).toBe('died')
    // And may write some.
    await child.ask('close', {}, 'closed')
    await cast.writer({ ring: 'other' }, child)
    await child.ask('close', {}, 'closed')
    await cast.killed(parent)
    expect((await before.heard('over'))['how']).toBe('died')
    child.say('exit')
    await (await cast.writer()).ask('close', {}, 'closed')
    expect(cast.stage.files()).toEqual([])
  })

  test('of a reader that slept is woken by a death in its own sleep', async () => {
    const writer = await cast.writer()
    const parent = await cast.follower('wait')
    await writer.ask('close', {}, 'closed')
    await parent.heard('over')
    await parent.ask('fork', {}, 'forked')
    const child = parent
    const next = await cast.writer()
    await child.ask('leave', {}, 'left')
    await cast.reader({}, child)
    await child.ask('follow', { in: 'wait' }, 'asleep')
    await cast.killed(next)
    expect((await child.heard('over'))['how']).toBe('died')
    child.say('exit')
    await (await cast.writer()).ask('close', {}, 'closed')
  })

  test('of a reader keeps neither its entry nor its slots', async () => {
    const writer = await cast.writer()
    const parent = await cast.reader({ leases: 5 })
    await writer.ask('publish', { n: 6 }, 'published')
    expect((await parent.ask('hold', { n: 5 }, 'holding'))['n']).toBe(5)
    await parent.ask('fork', {}, 'forked')
    await cast.killed(parent)
    expect((await writer.ask('lend', {}, 'lent'))['n']).toBe(5)
    expect((await cast.actor().ask('fill', { ring: 'front' }, 'filled'))['n']).toBe(4)
    await parent.ask('touch', {}, 'touched')
    parent.say('exit')
    await writer.ask('close', {}, 'closed')
    expect(cast.files()).toEqual([])
  })
})
