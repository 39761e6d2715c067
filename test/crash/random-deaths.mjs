// Everybody in full flow, and some are killed at no chosen place: the kernel's timer does it.
import { EVERY, LATEST, RELIABLE } from './lane.mjs'

// Long enough for a ring to be made, to grow and to end, and to come to anything in between.
const LONGEST = 4_000_000

export async function anywhere(lane) {
  const { random } = lane
  const looking = random.whole(1, 3)
  // Enough for readers with two leases each, or not: then frames are dropped.
  lane.slots += random.whole(0, 6)
  lane.readers += looking
  const writer = lane.hire()
  await lane.create(writer)
  const readers = Array.from({ length: looking }, () => lane.hire())
  const sweepers = random.chance(40) ? [lane.hire()] : []
  const cast = [writer, ...readers, ...sweepers]
  const victims = cast.filter(() => random.chance(40))
  if (victims.length === 0) victims.push(random.of(cast))
  for (const victim of victims) victim.say('doom', { ns: random.whole(1, LONGEST) })

  const seed = () => random.whole(1, 1 << 30)
  writer.say('writer-flow', { ...lane.size, seed: seed() })
  for (const reader of readers) {
    const delivery = random.of([LATEST, EVERY, RELIABLE])
    const leases = random.whole(1, 2)
    reader.say('reader-flow', { ring: lane.ring, delivery, leases, seed: seed() })
  }
  for (const sweeper of sweepers) sweeper.say('sweeper-flow')
  for (const victim of victims) await lane.killed(victim, 'random')

  const alive = cast.filter((actor) => actor.end === undefined)
  for (const actor of alive) await actor.ask('halt', {}, 'flowed')
  const left = alive.filter((actor) => actor !== writer)
  for (const actor of left) await actor.ask('leave', {}, 'left')
  lane.dismiss(...left)
  if (writer.end !== undefined) return lane.recover(0)
  await lane.watch()
  await lane.finish(writer)
}
