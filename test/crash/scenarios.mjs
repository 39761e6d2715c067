// For every kill-point of the core (native/core/src/kill_point.h) the ways that lead there.
import { LATEST } from './lane.mjs'
import * as reader from './reader-deaths.mjs'
import { sweeping } from './sweeper-deaths.mjs'
import * as writer from './writer-deaths.mjs'

const { creating, publishing, reclaiming } = writer
const { opening, following, leaving, waking } = reader

const publish = () => ({ verb: 'publish', words: { n: 40 } })
const drop = () => ({ verb: 'drop', words: { n: 20 } })
const abandon = () => ({ verb: 'abandon', words: { n: 20 } })
const format = () => ({ verb: 'format' })
const grow = () => ({ verb: 'grow' })
const close = () => ({ verb: 'close' })

const some = (count) => () => count
const perSlot = (lane) => lane.slots
const perEntry = (lane) => lane.readers
const perWatcher = (lane) => lane.joined

const inFlow = (point) => [publishing(point, publish, { most: some(20) })]
const making = (point, most) => [creating(point, most), publishing(point, grow, { most })]
const ending = (point, how, most) => [
  publishing(point, close, { how, most }),
  // The old ring ends, and the new one's writer with it.
  publishing(point, grow, { most, moves: true }),
]

export const scenarios = {
  name_lock_file: [creating('name_lock_file'), sweeping('name_lock_file', some(2))],
  name_lock_held: [creating('name_lock_held')],

  remains_name: [creating('remains_name', some(2))],
  remains_generation: [
    creating('remains_generation', some(1), ['frames']),
    creating('remains_generation', some(3), ['half']),
  ],

  object_nameless: making('object_nameless', some(2)),
  object_sized: making('object_sized', some(2)),
  object_given: making('object_given', some(2)),
  objects_locked: making('objects_locked'),
  objects_mapped: making('objects_mapped'),
  objects_filled: making('objects_filled'),
  bells_directory: making('bells_directory'),
  bells_fifo: making('bells_fifo', perEntry),
  bells_made: making('bells_made'),
  epoch_cleared: [...making('epoch_cleared'), publishing('epoch_cleared', format)],
  epoch_set: [...making('epoch_set'), publishing('epoch_set', format)],
  link_ctl_temporary: making('link_ctl_temporary'),
  link_data_temporary: making('link_data_temporary'),
  link_ctl: making('link_ctl'),
  link_data: making('link_data'),

  loan_probing: inFlow('loan_probing'),
  loan_probed_in_vain: [writer.probingInVain],
  loan_owned: inFlow('loan_owned'),
  loan_waiting: [writer.waiting],
  reclaim_lock: [reclaiming('reclaim_lock')],
  reclaim_pin: [reclaiming('reclaim_pin', perSlot)],
  reclaim_pins: [reclaiming('reclaim_pins')],
  reclaim_masks: [reclaiming('reclaim_masks')],
  reclaim_entry: [reclaiming('reclaim_entry')],

  publish_header: inFlow('publish_header'),
  publish_state: inFlow('publish_state'),
  publish_index: inFlow('publish_index'),
  publish_head: inFlow('publish_head'),
  publish_latest: inFlow('publish_latest'),
  bell_taken: [publishing('bell_taken', publish, { most: perWatcher, rings: true })],
  bell_rung: [publishing('bell_rung', publish, { most: perWatcher, rings: true })],
  publish_done: inFlow('publish_done'),
  drop_head: [publishing('drop_head', drop, { most: some(20) })],
  abandon_state: [publishing('abandon_state', abandon, { most: some(20) })],

  grow_made: [publishing('grow_made', grow)],
  grow_ctl_kept: [publishing('grow_ctl_kept', grow)],
  grow_linked: [publishing('grow_linked', grow)],
  grow_ctl_gone: [publishing('grow_ctl_gone', grow)],

  end_data_name: ending('end_data_name', 'died'),
  end_ctl_name: ending('end_ctl_name', 'died'),
  end_marked: ending('end_marked', 'ended'),
  end_rung: ending('end_rung', 'ended'),
  end_bell: [
    ...ending('end_bell', 'ended', some(64)),
    creating('end_bell', some(64), ['frames', 'half']),
    sweeping('end_bell', some(64)),
  ],
  end_bells: ending('end_bells', 'ended'),
  end_name_lock: [
    publishing('end_name_lock', close, { how: 'ended' }),
    sweeping('end_name_lock', some(2)),
  ],

  open_data: [opening('open_data')],
  open_mapped: [opening('open_mapped')],
  join_waits: [reader.awaitingAnEntry],
  join_lock: [opening('join_lock')],
  join_pin: [opening('join_pin', perSlot)],
  join_cleared: [opening('join_cleared')],
  join_entry: [opening('join_entry')],
  join_reliable: [opening('join_reliable')],
  join_active: [opening('join_active')],
  join_bells: [opening('join_bells')],

  lease_pinned: [following('lease_pinned')],
  lease_taken: [following('lease_taken')],
  lease_lost: [reader.losing],
  deliver_losing: [following('deliver_losing', { most: 2, ways: ['wait'], delivery: LATEST })],
  deliver_lost: [following('deliver_lost', { most: 2, ways: ['wait'], delivery: LATEST })],
  deliver_told: [following('deliver_told')],
  deliver_cursor: [following('deliver_cursor')],
  arm_bell: [following('arm_bell')],
  wait_sleeping: [following('wait_sleeping', { ways: ['wait'] })],
  release_pin: [following('release_pin')],
  wake_cleared: [waking('wake_cleared')],
  wake_posted: [waking('wake_posted')],

  leave_masks: [leaving('leave_masks')],
  leave_pin: [leaving('leave_pin', perSlot)],
  leave_pins: [leaving('leave_pins')],
  leave_entry: [leaving('leave_entry')],
  leave_lock: [leaving('leave_lock')],

  clean_listed: [sweeping('clean_listed')],
  clean_locked: [sweeping('clean_locked', some(2))],
  clean_removed: [sweeping('clean_removed', some(2))],
}
