// The writer's view of its readers: whom to ring, who is dead, whom to wait for. Every word it
// reads was written by others and is only ever compared, never used as an index or a length.
#pragma once

#include <cstdint>

#include "writer_objects.h"

namespace framering {

class ReaderRoll {
 public:
  explicit ReaderRoll(WriterObjects* ring);

  // Rings every reader whose doorbell is armed. Called after the sequence is visible.
  void ring_armed();
  // Rings everybody, armed or not: the stream ends or moves.
  void ring_everybody();
  // Rings all of `readers`, armed or not.
  void ring_all(uint64_t readers);
  // Now and then, on publish: takes entries back from the dead and rings live readers whose cursor
  // stands still, so that a forged or lost bell costs a moment and not for ever.
  void sweep(int64_t time, uint64_t newest);
  // Clears the pins of those among `readers` (a mask) that are dead. Whether there were any.
  bool reclaim(uint64_t readers);

  // Reliable readers that have not come to `sequence` yet and are still waited for.
  uint64_t behind(uint64_t sequence, uint64_t latest, uint64_t head);
  // Of `readers`, those whose patience is not used up after `waited` ns; the others lag from now
  // on.
  uint64_t patient(uint64_t readers, uint64_t waited, uint64_t limit);
  // Sleeps until a reader frees something, at most until `until` (ns, CLOCK_MONOTONIC).
  void wait_for_release(int64_t until);
  // The shortest time any of `readers` can still be waited for.
  uint64_t shortest_wait(uint64_t readers, uint64_t limit) const;
  void arm_release_bell();

  // A frame is dropped: writes down, for onlookers, who holds slots and for how long.
  void note_holders(int64_t time);

  uint32_t count() const;
  uint32_t lagging_count() const;

 private:
  void ring(uint32_t i, uint32_t kind);
  bool reclaim_one(uint32_t i);
  uint64_t wait_of(uint32_t i, uint64_t limit) const;

  WriterObjects* ring_;
  uint64_t valid_;  // bits of entries that exist
  uint64_t lagging_ = 0;
  int64_t last_sweep_ = 0;
  uint64_t seen_cursor_[FR_MAX_READERS] = {};
  uint64_t seen_joins_[FR_MAX_READERS] = {};
};

}  // namespace framering
