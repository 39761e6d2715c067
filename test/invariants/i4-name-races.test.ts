import { describe, expect, test } from 'vitest'
import type { Actor } from '../crash/stage.mjs'
import { Cast } from '../support/cast.ts'

const WRITERS = 6
const ROUNDS = 100
const SIZE = { ring: 'front', slots: 3, readers: 1 }
const cast = new Cast()

/** Where they all stand when one signal lets them go. */
const starts = {
  async 'before they have begun'(writers: Actor[]) {
    for (const writer of writers) writer.say('stop')
    for (const writer of writers) await writer.heard('stopped')
    for (const writer of writers) writer.say('create', SIZE)
  },
  async 'with the lock file open and not yet locked'(writers: Actor[]) {
    for (const writer of writers) {
      writer.say('arm', { point: 'name_lock_file', stop: 1 }).say('create', SIZE)
    }
    for (const writer of writers) await writer.heard('stopped')
  },
  async 'with the lock file open of a writer that has just removed it'(writers: Actor[]) {
    const last = await cast.writer(SIZE)
    await starts['with the lock file open and not yet locked'](writers)
    await last.ask('close', {}, 'closed')
    await cast.killed(last)
  },
}

describe('I4 one writer per name', () => {
  test.each(Object.entries(starts))(
    'of many that create a name at one instant one wins, and the others are told: %s',
    async (_, start) => {
      const writers = Array.from({ length: WRITERS }, () => cast.actor())
      for (let round = 0; round < ROUNDS; round++) {
        await start(writers)
        cast.stage.release()
        const answers = await Promise.all(writers.map((w) => w.heard('created', 'refused')))
        const winners = writers.filter((_, i) => answers[i]!.verb === 'created')
        expect(winners).toHaveLength(1)
        for (const { verb, status } of answers) {
          if (verb === 'refused') expect(status).toBe('NAME_IN_USE')
        }
        const winner = winners[0]!
        // Nor does one that comes later find another lock to take.
        const late = writers.find((writer) => writer !== winner)!
        expect((await late.ask('create', SIZE, 'created', 'refused'))['status']).toBe('NAME_IN_USE')
        const reader = await cast.follower(round % 2 === 0 ? 'wait' : 'poll')
        await winner.ask('publish', { n: 5, mark: 1 }, 'published')
        await reader.heard('mark')
        // Over remains in every other round.
        if (round % 2 === 0) {
          await winner.ask('close', {}, 'closed')
          expect(cast.files()).toEqual([])
        } else {
          await cast.killed(winner)
          writers[writers.indexOf(winner)] = cast.actor()
        }
        expect((await reader.heard('over'))['how']).toBe(round % 2 === 0 ? 'ended' : 'died')
        await cast.killed(reader)
      }
    },
    120_000,
  )
})
