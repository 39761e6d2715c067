// What readers say of themselves, and what they hold.
#include <algorithm>

#include "bits.h"
#include "clock.h"
#include "copy_unheld.h"
#include "inspection.h"
#include "latency_totals.h"
#include "lease_time.h"
#include "ofd_lock.h"
#include "once.h"

using framering::FrameHeader;
using framering::kMaxSequence;
using framering::relaxed;

void fr_inspection::read_losses(const framering::ReaderEntry& entry, fr_reader_facts* facts) const {
  for (int attempt = 0; attempt < 64; ++attempt) {
    // Acquire: the totals of this frame, or of a later one, from here on.
    facts->delivered = std::min(entry.delivered.load(std::memory_order_acquire), kMaxSequence);
    const framering::LossTotals* found = nullptr;
    uint64_t at = 0;
    for (const framering::LossTotals& totals : entry.losses) {
      const uint64_t said = totals.at.load(std::memory_order_acquire);
      if (said > facts->delivered || said <= at) continue;
      found = &totals;
      at = said;
    }
    if (found == nullptr) {
      // Nothing was lost by then; or two frames were lost to since, each with totals of its own.
      if (entry.delivered.load(std::memory_order_relaxed) != facts->delivered) continue;
      facts->lost_no_slot = facts->lost_overrun = facts->lost_skipped = 0;
      facts->lost_restart = facts->lost_source = 0;
      break;
    }
    facts->lost_no_slot = relaxed(found->no_slot);
    facts->lost_overrun = relaxed(found->overrun);
    facts->lost_skipped = relaxed(found->skipped);
    facts->lost_restart = relaxed(found->restart);
    facts->lost_source = relaxed(found->source);
    // The fence keeps the second look behind the reading.
    std::atomic_thread_fence(std::memory_order_acquire);
    if (found->at.load(std::memory_order_relaxed) == at) break;
  }
}

bool fr_inspection::reader(uint32_t i, fr_reader_facts* facts) const {
  *facts = {};
  if (process_.foreign() || !ctl_.ok() || i >= data_.geometry().max_readers) return false;
  const framering::ReaderEntry& entry = *ctl_.entry(i);
  facts->entry = i;
  facts->joins = relaxed(entry.joins);
  if (facts->joins == 0) return false;
  facts->alive = framering::byte_is_locked(ctl_.fd(), i) ? 1 : 0;
  facts->delivery = entry.delivery.load(std::memory_order_acquire);
  if (facts->delivery > FR_RELIABLE) facts->delivery = 0;
  facts->pid = entry.pid.load(std::memory_order_relaxed);
  framering::copy_unheld(facts->comm, entry.comm, sizeof facts->comm);
  facts->comm[sizeof facts->comm - 1] = 0;
  facts->max_leases = relaxed(entry.max_leases);
  facts->reliable_wait = relaxed(entry.reliable_wait);
  facts->cursor = relaxed(entry.cursor);
  read_losses(entry, facts);
  facts->joined_at = relaxed(entry.joined_at);
  // What a liar says adds up too.
  const uint64_t span =
      facts->delivered >= facts->joined_at ? facts->delivered - facts->joined_at + 1 : 0;
  uint64_t left = span;
  for (uint64_t* lost : {&facts->lost_no_slot, &facts->lost_overrun, &facts->lost_skipped}) {
    *lost = std::min(*lost, left);
    left -= *lost;
  }
  facts->received = left;
  const uint64_t head = std::min(data_.live()->head.load(std::memory_order_acquire), kMaxSequence);
  const uint64_t told =
      std::max(facts->delivered, facts->joined_at == 0 ? 0 : facts->joined_at - 1);
  facts->unread = head > told ? head - told : 0;
  framering::read_latency(entry.latency, &facts->latency);
  facts->waiting = entry.bell.load(std::memory_order_relaxed);
  for (uint32_t s = 0; s < data_.geometry().slot_count; ++s) {
    facts->leases += static_cast<uint32_t>(relaxed(ctl_.pins(s)->readers) >> i & 1);
  }
  const framering::Holder& holder = *data_.holder(i);
  if (relaxed(holder.joins) != facts->joins) return true;
  facts->held_drops = relaxed(holder.drops);
  facts->held_slots = relaxed(holder.slots);
  facts->held_longest = relaxed(holder.longest);
  facts->held_slot = relaxed(holder.slot);
  facts->held_sequence = relaxed(holder.sequence);
  facts->held_last = static_cast<int64_t>(relaxed(holder.last));
  return true;
}

bool fr_inspection::slot(uint32_t slot, fr_slot_facts* facts) const {
  *facts = {};
  if (process_.foreign() || slot >= data_.geometry().slot_count) return false;
  const FrameHeader* h = data_.frame(slot);
  const uint64_t state = h->state.load(std::memory_order_acquire) & ~framering::kProbing;
  facts->state = state == 0                         ? FR_SLOT_EMPTY
                 : (state & framering::kOwned) != 0 ? FR_SLOT_WRITING
                                                    : FR_SLOT_FRAME;
  if (facts->state == FR_SLOT_FRAME) {
    facts->sequence = std::min(state, kMaxSequence);
    facts->publish_time = __atomic_load_n(&h->publish_time, __ATOMIC_RELAXED);
  }
  if (ctl_.ok())
    facts->readers =
        relaxed(ctl_.pins(slot)->readers) & framering::entry_bits(data_.geometry().max_readers);
  return true;
}

uint64_t fr_inspection::held(uint32_t slot, uint32_t entry) const {
  if (process_.foreign() || !ctl_.ok() || slot >= data_.geometry().slot_count ||
      entry >= data_.geometry().max_readers) {
    return 0;
  }
  const framering::PinWord& pins = *ctl_.pins(slot);
  if ((relaxed(pins.readers) >> entry & 1) == 0) return 0;
  const int64_t published = __atomic_load_n(&data_.frame(slot)->publish_time, __ATOMIC_RELAXED);
  return framering::held_for(pins, entry, published, framering::now());
}
