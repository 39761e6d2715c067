// A reader dies: the writer and everybody else go on, and nothing it held is lost.
import { EVERY, Failure, LATEST, RELIABLE } from './lane.mjs'
import { hold } from './writer-deaths.mjs'

const anyDelivery = (lane) => lane.random.of([LATEST, EVERY, RELIABLE])

/** While it attaches; sometimes to an entry whose owner died before it. */
export function opening(point, most = () => 1) {
  return async (lane) => {
    const writer = await live(lane)
    for (let deaths = lane.random.whole(0, 2); deaths > 0; deaths--) {
      await lane.slay(await hold(lane, writer, 1, { delivery: anyDelivery(lane) }))
    }
    const words = { ring: lane.ring, delivery: anyDelivery(lane) }
    await lane.die(lane.hire(), point, lane.random.whole(1, most(lane)), 'open', words)
    // The next one to come may die of what it finds, too.
    if (lane.random.chance(40)) {
      const next = lane.random.of(['join_lock', 'join_pin', 'join_cleared', 'join_active'])
      await lane.die(lane.hire(), next, 1, 'open', words)
    }
    await lane.outlive(writer)
  }
}

/** While it takes frames, or sleeps for them. */
export function following(point, { most = 5, ways = ['wait', 'poll', 'ahead'], delivery } = {}) {
  return async (lane) => {
    const writer = await live(lane)
    const victim = lane.hire()
    await lane.open(victim, { delivery: delivery ?? anyDelivery(lane) })
    const way = lane.random.of(ways)
    victim.say('arm', { point, nth: lane.random.whole(1, most) }).say('follow', { in: way })
    while (victim.end === undefined) await lane.deliver(writer, lane.random.whole(1, 5))
    await lane.killed(victim, point)
    await lane.outlive(writer)
  }
}

/** As it leaves, with or without frames in its hands. */
export function leaving(point, most = () => 1) {
  return async (lane) => {
    const writer = await live(lane)
    const victim = await hold(lane, writer, lane.random.whole(1, 2), {
      delivery: anyDelivery(lane),
    })
    await lane.die(victim, point, lane.random.whole(1, most(lane)), 'leave')
    await lane.outlive(writer)
  }
}

/** A reliable reader lets go of the frame the writer waits for, and dies of telling it. */
export function waking(point) {
  return async (lane) => {
    const writer = await live(lane)
    const victim = await hold(lane, writer, lane.slots, { delivery: RELIABLE })
    writer.say('arm', { point: 'loan_waiting', stop: 1 })
    await writer.ask('publish', { n: 1, mark: 0 }, 'stopped')
    await lane.die(victim, point, 1, 'release')
    writer.say('cont')
    const { dropped } = await writer.heard('published')
    if (dropped !== 0) throw new Failure('the writer gave up on a reader that had died')
    await lane.outlive(writer)
  }
}

/** It pins a slot that the writer has marked, cannot have it, and dies before it lets go. */
export async function losing(lane) {
  const writer = await live(lane)
  const victim = lane.hire()
  await lane.open(victim, { delivery: EVERY })
  await lane.deliver(writer, lane.slots)
  const writerLives = lane.random.chance(50)
  if (writerLives) {
    writer.say('arm', { point: 'loan_probing', stop: 1 })
    await writer.ask('publish', { n: 1 }, 'stopped')
  } else {
    await lane.die(writer, 'loan_probing', 1, 'publish', { n: 1 })
  }
  await lane.die(victim, 'lease_lost', 1, 'hold', { n: 1 })
  if (writerLives) {
    writer.say('cont')
    await writer.heard('published')
    await lane.outlive(writer)
  } else {
    await lane.over('died')
    await lane.recover(1)
  }
}

/** The writer stands still while it cleans the last free entry: who wants that one waits, and dies. */
export async function awaitingAnEntry(lane) {
  const writer = await live(lane)
  const others = []
  while (others.length < lane.readers - lane.joined - 1) {
    const other = lane.hire()
    await lane.open(other, { delivery: EVERY })
    others.push(other)
  }
  await lane.slay(await hold(lane, writer, lane.slots, { delivery: EVERY }))
  writer.say('arm', { point: 'reclaim_lock', stop: 1 })
  await writer.ask('publish', { n: 1, mark: 0 }, 'stopped')
  await lane.die(lane.hire(), 'join_waits', 1, 'open', { ring: lane.ring, delivery: EVERY })
  writer.say('cont')
  await writer.heard('published')
  for (const other of others) await other.ask('leave', {}, 'left')
  lane.dismiss(...others)
  await lane.outlive(writer)
}

async function live(lane) {
  const writer = lane.hire()
  await lane.create(writer)
  await lane.watch()
  return writer
}
