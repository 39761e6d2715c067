// A sweep dies half way, beside a live ring.
import { Failure } from './lane.mjs'
import { sweepMayDie } from './recovery-deaths.mjs'
import { leaveRemains } from './writer-deaths.mjs'

const STALE = ['left', 'left-behind']

export function sweeping(point, most = () => 1) {
  return async (lane) => {
    const writer = lane.hire()
    await lane.create(writer)
    await lane.watch()
    const { ring } = lane
    for (lane.ring of STALE) await leaveRemains(lane, lane.random.of(['frames', 'half']))
    lane.ring = ring
    const nth = lane.random.whole(1, most(lane))
    await lane.die(lane.hire(), point, nth, 'sweep')
    // Another one may die of it, or a writer be the first to come to the name.
    if (lane.random.chance(30)) await sweepMayDie(lane, 'clean_locked')
    if (lane.random.chance(50)) {
      const next = lane.hire()
      await lane.create(next, { ...lane.size, ring: lane.random.of(STALE) })
      await next.ask('close', {}, 'closed')
      lane.dismiss(next)
    }
    const sweeper = lane.hire()
    await sweeper.ask('sweep', {}, 'swept')
    lane.dismiss(sweeper)
    const left = lane.stage.files().filter((file) => STALE.includes(ringOf(file)))
    if (left.length > 0) throw new Failure(`the sweep left ${left.join(', ')}`)
    await lane.finish(writer)
  }
}

function ringOf(file) {
  return /^framering\.(.+?)(@|\.)/.exec(file)?.[1]
}
