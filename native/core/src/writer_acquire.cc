// Finding a slot to fill: the writer's half of the handshake.
#include <algorithm>

#include "clock.h"
#include "kill_point.h"
#include "writer.h"

using framering::Generation;
using framering::kNoSlot;
using framering::kOwned;
using framering::kProbing;

// Takes the oldest slot nobody holds. `*holders`: who stood in the way, when there is none.
uint32_t fr_writer::try_acquire(uint64_t* holders) {
  *holders = 0;
  Generation& g = *now_;
  const auto& order = g.ages.order();
  for (size_t i = 0; i < order.size(); ++i) {
    const uint32_t slot = order[i];
    const uint64_t held = g.ages.sequence(slot);
    // The newest frame is never reused: a late joiner gets it at once.
    if (held != 0 && held == latest_) continue;
    if (held != 0) {
      if (const uint64_t behind = g.roll.behind(held, latest_, head_); behind != 0) {
        *holders |= behind;
        break;  // whoever has not come to this frame has not come to the later ones either
      }
    }
    auto& pins = g.ring.pins(slot)->readers;
    // Relaxed: only spares a held slot the marking below; what decides is the load after the mark.
    if (const uint64_t seen = pins.load(std::memory_order_relaxed); seen != 0) {
      *holders |= seen;
      continue;
    }
    auto& state = g.ring.frame(slot)->state;
    // Dekker's handshake with fr_reader's lease. Mark, then look at the pins; the reader pins, then
    // looks at the mark; all four seq_cst, so at least one of us sees the other. The load is also
    // an acquire: nothing written into the slot afterwards can come before it, hence before the
    // mark.
    state.store(held | kProbing, std::memory_order_seq_cst);
    FR_KILL_POINT(loan_probing);
    const uint64_t seen = pins.load(std::memory_order_seq_cst);
    if (seen != 0) {
      // Untouched, so it may be leased again. Release: as at the publish.
      state.store(held, std::memory_order_release);
      FR_KILL_POINT(loan_probed_in_vain);
      *holders |= seen;
      continue;
    }
    // Relaxed: tells waiting readers not to wait; the mark above already keeps them out.
    state.store(kOwned, std::memory_order_relaxed);
    FR_KILL_POINT(loan_owned);
    g.ages.take(i);
    return slot;
  }
  return kNoSlot;
}

uint32_t fr_writer::acquire() {
  uint64_t holders = 0;
  uint32_t slot = try_acquire(&holders);
  if (slot != kNoSlot) return slot;
  // Short of slots: only now is it worth asking the kernel who is dead.
  if (now_->roll.reclaim(holders)) {
    slot = try_acquire(&holders);
    if (slot != kNoSlot) return slot;
  }
  // Reliable readers are waited for, each as long as it asked and the writer allows (I3).
  const int64_t start = framering::now();
  uint64_t waited = 0;
  uint64_t asked = 0;
  for (;;) {
    asked |= holders;
    const uint64_t patient = now_->roll.patient(holders, waited, reliable_limit_);
    now_->roll.arm_release_bell();
    slot = try_acquire(&holders);
    if (slot != kNoSlot) break;
    if (patient == 0) {
      // Behind those given up on may stand others, who were not asked yet.
      if ((holders & ~asked) == 0) break;
      continue;
    }
    // In slices, for a reader that dies rings no bell: its death is the kernel's to tell.
    const int64_t slice = framering::now() + framering::kSecond / 20;
    const int64_t end =
        framering::deadline(start, now_->roll.shortest_wait(patient, reliable_limit_));
    FR_KILL_POINT(loan_waiting);
    now_->roll.wait_for_release(std::min(end, slice));
    const int64_t time = framering::now();
    waited = static_cast<uint64_t>(time - start);
    // Whom we wait for may be asleep, if somebody took its bell away; and nobody sweeps meanwhile.
    if (time >= slice) now_->roll.ring_all(patient);
    now_->roll.reclaim(holders);
  }
  // Relaxed: a reader that still sees it posts once for nothing.
  now_->ring.ctl()->writer_waiting.store(0, std::memory_order_relaxed);
  if (waited != 0) {
    waited_ += waited;
    now_->ring.live()->waited.store(waited_, std::memory_order_relaxed);
  }
  return slot;
}
