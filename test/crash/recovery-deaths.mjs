// Recovery is killed too: the next writer dies over the remains of the one before, and the next,
// and a sweep in between.
const POINTS = [
  'name_lock_file',
  'name_lock_held',
  'remains_name',
  'remains_generation',
  'end_bell',
  'object_sized',
  'objects_locked',
  'bells_fifo',
  'bells_made',
  'link_ctl_temporary',
  'link_data_temporary',
  'link_ctl',
  'link_data',
]
const SWEEP_POINTS = ['clean_listed', 'clean_locked', 'clean_removed', 'end_bell', 'end_name_lock']

/** Up to three deaths in a row at whatever the remains make the next one do. */
export async function recoveryDies(lane) {
  for (let left = lane.random.of([0, 0, 1, 1, 2, 3]); left > 0; left--) {
    if (lane.random.chance(30)) await sweepMayDie(lane, lane.random.of(SWEEP_POINTS))
    else await writerMayDie(lane, lane.random.of(POINTS))
  }
}

/** Where nothing is left to remove, it does not come to the points of removal. */
export async function sweepMayDie(lane, point) {
  const sweeper = lane.hire()
  if (await mayDie(lane, sweeper, point, 'sweep', {}, 'swept')) return
  lane.dismiss(sweeper)
}

async function writerMayDie(lane, point) {
  const writer = lane.hire()
  if (await mayDie(lane, writer, point, 'create', lane.size, 'created')) return
  await lane.slay(writer)
}

async function mayDie(lane, victim, point, verb, words, answer) {
  victim.say('arm', { point })
  try {
    await victim.ask(verb, words, answer)
  } catch (error) {
    if (victim.end !== 'signal=9') throw error
    lane.count(point)
    return true
  }
  victim.say('arm', { point, nth: 0 })
  return false
}
