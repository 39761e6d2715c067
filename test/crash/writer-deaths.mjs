// A writer dies: while it makes its ring, in the middle of a frame, while it grows, as it ends.
import { EVERY, Failure, LATEST, RELIABLE } from './lane.mjs'
import { recoveryDies } from './recovery-deaths.mjs'

/** In the making of a ring, over nothing or over what another left. */
export function creating(point, most, prior = ['nothing', 'frames', 'half']) {
  return async (lane) => {
    const before = lane.random.of(prior)
    if (before !== 'nothing') await leaveRemains(lane, before)
    await lane.die(lane.hire(), point, nth(lane, most), 'create', lane.size)
    await recoveryDies(lane)
    await lane.refused()
    await lane.recover(0)
  }
}

/** What a writer left that had frames in its ring, or one that had not yet put its names in place. */
export async function leaveRemains(lane, how) {
  const writer = lane.hire()
  if (how === 'half') {
    await lane.die(writer, 'link_data_temporary', 1, 'create', lane.size)
  } else {
    await lane.create(writer)
    await lane.die(writer, 'publish_done', 3, 'publish', { n: 3 })
  }
}

/**
 * With bystanders asleep, and sometimes one reader holding a frame through it all.
 * `rings`: somebody has to be rung, so all must have armed their bells and nobody be awake from a
 * frame before. `moves`: readers look for a larger ring, so that nobody may be quicker than they.
 */
export function publishing(point, act, { most, how = 'died', rings, moves } = {}) {
  return async (lane) => {
    if (rings) lane.atLeastOneWatching()
    const writer = lane.hire()
    await lane.create(writer)
    await lane.watch()
    const holder = !rings && lane.random.chance(30) ? await hold(lane, writer, 1) : undefined
    const next = !moves && lane.random.chance(30) ? await standBy(lane) : undefined
    const { verb, words } = act(lane)
    await lane.die(writer, point, nth(lane, most), verb, words)
    await lane.over(how)
    if (next === undefined) {
      await recoveryDies(lane)
      if (how === 'died' && lane.random.chance(30)) await lane.refused()
    } else {
      await takenOver(next, how)
    }
    if (holder !== undefined) {
      await holder.ask('check', {}, 'checked')
      await holder.ask('release', {}, 'released')
      await holder.ask('leave', {}, 'left')
      lane.dismiss(holder)
    }
    await lane.recover(1, next)
  }
}

/** A reader that makes the ring anew the moment it learns that the stream is over. */
async function standBy(lane) {
  const reader = lane.hire()
  await lane.open(reader, { delivery: EVERY })
  await reader.ask('follow', { in: lane.random.of(['wait', 'poll', 'ahead']) }, 'asleep')
  // It comes to this when it has done with following.
  return reader.say('create', lane.size)
}

async function takenOver(next, how) {
  const over = await next.heard('over')
  if (over.how !== how) throw new Failure(`the stand-by was told '${over.how}', not '${how}'`)
  const answer = await next.heard('created', 'refused')
  if (answer.verb !== 'created') throw new Failure(`it could not take over: ${answer.line}`)
}

/** A reader with leases on that many frames that it has verified; the last is the newest. */
export async function hold(lane, writer, count, words = { delivery: EVERY }) {
  const holder = lane.hire()
  await lane.open(holder, { leases: count, replay: 0, ...words })
  await lane.deliver(writer, count)
  const { n } = await holder.ask('hold', { n: count }, 'holding')
  const all = words.delivery === LATEST ? 1 : count
  if (n !== all) throw new Failure(`a reader could hold ${n} of ${all} frames`)
  return holder
}

/** Between the mark on a slot and the look at its pins a reader pins it. */
export async function probingInVain(lane) {
  const writer = lane.hire()
  await lane.create(writer)
  await lane.watch()
  const reader = lane.hire()
  await lane.open(reader, { delivery: EVERY })
  // All slots hold frames, and the reader wants the oldest.
  await lane.deliver(writer, lane.slots)
  writer.say('arm', { point: 'loan_probing', stop: 1 }).say('arm', { point: 'loan_probed_in_vain' })
  await writer.ask('publish', { n: 5 }, 'stopped')
  reader.say('arm', { point: 'lease_pinned', stop: 1 })
  await reader.ask('hold', { n: 1 }, 'stopped')
  writer.say('cont')
  await lane.killed(writer, 'loan_probed_in_vain')
  reader.say('cont')
  // The mark was taken back before the death: the frame is still the reader's to have.
  const { first } = await reader.heard('holding')
  if (first !== 1) throw new Failure('a frame was lost to a mark that was taken back')
  await reader.ask('check', {}, 'checked')
  await reader.ask('leave', {}, 'left')
  lane.dismiss(reader)
  await lane.over('died')
  await recoveryDies(lane)
  await lane.recover(1)
}

/** Every slot is held by a reliable reader, so the writer waits, and dies of it. */
export async function waiting(lane) {
  const writer = lane.hire()
  await lane.create(writer)
  await lane.watch()
  const holder = await hold(lane, writer, lane.slots, { delivery: RELIABLE })
  await lane.die(writer, 'loan_waiting', 1, 'publish', { n: 1 })
  await lane.over('died')
  await recoveryDies(lane)
  await holder.ask('check', {}, 'checked')
  await holder.ask('leave', {}, 'left')
  lane.dismiss(holder)
  await lane.recover(1)
}

/** A reader died with every slot pinned; the writer that takes them back dies of that. */
export function reclaiming(point, most) {
  return async (lane) => {
    const writer = lane.hire()
    await lane.create(writer)
    await lane.watch()
    const holder = await hold(lane, writer, lane.slots)
    await lane.slay(holder)
    await lane.die(writer, point, nth(lane, most), 'publish', { n: 1 })
    await lane.over('died')
    await recoveryDies(lane)
    await lane.recover(1)
  }
}

function nth(lane, most = () => 1) {
  return lane.random.whole(1, most(lane))
}
