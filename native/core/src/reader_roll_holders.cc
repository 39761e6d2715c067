// Whose leases cost a frame.
#include "bits.h"
#include "lease_time.h"
#include "once.h"
#include "reader_roll.h"

namespace framering {
namespace {

struct Held {
  uint64_t slots = 0, longest = 0, slot = 0, sequence = 0;
};

// Relaxed, all of them: one thread writes, onlookers may find a few words of one drop beside others
// of the next.
void put(Word* word, uint64_t value) { word->store(value, std::memory_order_relaxed); }

}  // namespace

void ReaderRoll::note_holders(int64_t time) {
  Held held[FR_MAX_READERS];
  // Reliable readers that are behind cost time and no frame: whoever was waited for in vain is not
  // waited for any more.
  uint64_t all = 0;
  for (uint32_t s = 0; s < ring_->geometry().slot_count; ++s) {
    const PinWord* pins = ring_->pins(s);
    const uint64_t readers = relaxed(pins->readers) & valid_;
    if (readers == 0) continue;
    const FrameHeader* h = ring_->frame(s);
    all |= readers;
    each_bit(readers, [&](uint32_t i) {
      Held& of = held[i];
      const uint64_t age = held_for(*pins, i, h->publish_time, time);
      ++of.slots;
      if (of.slots > 1 && age <= of.longest) return;
      of.longest = age;
      of.slot = s;
      of.sequence = h->sequence;
    });
  }
  each_bit(all, [&](uint32_t i) {
    const uint64_t joins = relaxed(ring_->entry(i)->joins);
    Holder* holder = ring_->holder(i);
    if (relaxed(holder->joins) != joins) {
      put(&holder->drops, 0);
      put(&holder->slots, 0);
      put(&holder->longest, 0);
      put(&holder->joins, joins);
    }
    const Held& of = held[i];
    put(&holder->drops, relaxed(holder->drops) + 1);
    put(&holder->last, static_cast<uint64_t>(time));
    if (of.slots > relaxed(holder->slots)) put(&holder->slots, of.slots);
    if (of.longest > relaxed(holder->longest)) {
      put(&holder->longest, of.longest);
      put(&holder->slot, of.slot);
      put(&holder->sequence, of.sequence);
    }
  });
}

}  // namespace framering
