// Places where shared state is half changed, named, so that a test can kill the process exactly
// there.
//
// Compiled in with FR_TEST_HOOKS only; a release build has neither the code nor the names. Each
// point stands just after the step it is named for: killed at `publish_state`, a writer has stored
// the slot's state and not yet the order index.
#pragma once

#ifdef FR_TEST_HOOKS

#include <cstdint>

// clang-format off
#define FR_KILL_POINTS(X)                                                                        \
  /* a writer takes the name */                                                                  \
  X(name_lock_file) X(name_lock_held)                                                            \
  /* it removes what a dead one left */                                                          \
  X(remains_name) X(remains_generation)                                                          \
  /* new objects */                                                                              \
  X(object_nameless) X(object_sized) X(object_given) X(objects_locked) X(objects_mapped)         \
  X(objects_filled)                                                                              \
  X(bells_directory) X(bells_fifo) X(bells_made)                                                 \
  X(epoch_cleared) X(epoch_set)                                                                  \
  X(link_ctl_temporary) X(link_data_temporary) X(link_ctl) X(link_data)                          \
  /* a slot is taken */                                                                          \
  X(loan_probing) X(loan_probed_in_vain) X(loan_owned) X(loan_waiting)                           \
  X(reclaim_lock) X(reclaim_pin) X(reclaim_pins) X(reclaim_masks) X(reclaim_entry)               \
  /* a frame is published, dropped, given up */                                                  \
  X(publish_header) X(publish_state) X(publish_index) X(publish_head) X(publish_latest)          \
  X(bell_taken) X(bell_rung) X(publish_done)                                                     \
  X(drop_head) X(abandon_state)                                                    \
  /* larger objects under the same name */                                                       \
  X(grow_made) X(grow_ctl_kept) X(grow_linked) X(grow_ctl_gone)                                  \
  /* the end of a generation */                                                                  \
  X(end_data_name) X(end_ctl_name) X(end_marked) X(end_rung) X(end_bell) X(end_bells)            \
  X(end_name_lock)                                                                               \
  /* a reader attaches and joins */                                                              \
  X(open_data) X(open_mapped)                                                                    \
  X(join_waits) X(join_lock) X(join_pin) X(join_cleared) X(join_entry) X(join_reliable)          \
  X(join_active) X(join_bells)                                                                   \
  /* it takes frames and lets them go */                                                         \
  X(lease_pinned) X(lease_taken) X(lease_lost) X(deliver_losing) X(deliver_lost)                 \
  X(deliver_told) X(deliver_cursor)                                                              \
  X(arm_bell) X(wait_sleeping)                                                                   \
  X(release_pin) X(wake_cleared) X(wake_posted)                                                  \
  /* it leaves */                                                                                \
  X(leave_masks) X(leave_pin) X(leave_pins) X(leave_entry) X(leave_lock)                         \
  /* a sweep of what the dead left */                                                            \
  X(clean_listed) X(clean_locked) X(clean_removed)
// clang-format on

namespace framering {

enum class KillPoint : uint32_t {
#define FR_ENUMERATOR(name) name,
  FR_KILL_POINTS(FR_ENUMERATOR)
#undef FR_ENUMERATOR
};

void reach(KillPoint point);

}  // namespace framering

#define FR_KILL_POINT(name) ::framering::reach(::framering::KillPoint::name)

extern "C" {
// The names, in order; nullptr behind the last.
const char* fr_test_kill_point(uint32_t i);
// The process dies at the `nth` arrival (1 = the next) at this point. False for an unknown name.
int fr_test_kill_at(const char* name, uint32_t nth);
// The same, but it is stopped there and goes on with SIGCONT: what others do meanwhile is then no
// matter of luck. Any number of points may be armed at once.
int fr_test_stop_at(const char* name, uint32_t nth);
}

#else
#define FR_KILL_POINT(name) static_cast<void>(0)
#endif
