import { describe, expect, onTestFinished, test } from 'vitest'
import { now } from '../../src/index.ts'
import { actor, crash } from '../support/actor.ts'
import { Peer } from '../support/peer.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { SMALL } from './fixtures.ts'

const CONTENDER = new URL('../processes/contender.mjs', import.meta.url)
const ROUNDS = 30

async function contenders(count: number): Promise<Peer[]> {
  const peers = Array.from({ length: count }, () => new Peer(CONTENDER, {}))
  onTestFinished(async () => {
    for (const peer of peers) peer.kill()
    for (const peer of peers) await peer.ended()
  })
  for (const peer of peers) await peer.heard('ready')
  return peers
}

/** Has all of them create the ring in the same instant, and returns the one that could. */
async function race(peers: Peer[], name: string): Promise<Peer> {
  const at = now() + 20
  for (const peer of peers) peer.say('start', { name, at })
  const came: [Peer, unknown, unknown][] = []
  for (const peer of peers) {
    const { code, message } = await peer.heard('did')
    came.push([peer, code, message])
  }
  const winners = came.filter(([, code]) => code === '')
  expect(winners).toHaveLength(1)
  for (const [, code, message] of came) {
    if (code === '') continue
    expect(code).toBe('NAME_IN_USE')
    expect(message).toMatch(/live writer/)
  }
  const [winner] = winners[0]!
  winner.say('look', { name })
  expect(await winner.heard('did')).toMatchObject({ whole: true })
  return winner
}

describe(
  'of writers that start in the same instant one gets the name',
  { timeout: 300_000 },
  () => {
    test('and the others are told so', async () => {
      const peers = await contenders(2)
      const name = ringName()
      for (let round = 0; round < ROUNDS; round++) {
        const winner = await race(peers, name)
        expect(remains(name)).toHaveLength(4)
        winner.say('close')
        await winner.heard('did')
        expect(remains(name)).toEqual([])
      }
    })

    test('over the remains of a dead one', async () => {
      const peers = await contenders(2)
      for (let round = 0; round < 3; round++) {
        const name = ringName()
        const dying = await actor()
        await dying.does('create', { name, options: SMALL })
        await crash(dying)
        const winner = await race(peers, name)
        expect(remains(name)).toHaveLength(4)
        winner.say('close')
        await winner.heard('did')
        expect(remains(name)).toEqual([])
      }
    })
  },
)
