// Where a reader stands in its stream, and what it lost on the way there (I9).
//
// Every frame's header carries the writer's running totals of what was dropped for want of a slot
// and of what was lost at the source, so the causes follow from two headers and two sequences; no
// counter has to be right when somebody is killed.
#pragma once

#include <cstdint>

#include "layout.h"

namespace framering {

// Frames not delivered, by cause; those lost at the source never were in the ring.
struct Losses {
  uint64_t no_slot = 0, overrun = 0, skipped = 0, restart = 0, source = 0;
};

class LossAccount {
 public:
  // Goes on where a predecessor stood, of the same session or of one before. Returns the sequence
  // to go on behind.
  uint64_t resume(const fr_position& position, uint64_t session);
  // A frame was passed over for its age.
  void age() { ++aged_; }
  // Fills the losses of a frame that was just taken, and starts counting for the next.
  void deliver(uint64_t sequence, const FrameHeader& h, uint32_t delivery, fr_frame* frame);
  // Everything lost so far.
  const Losses& losses() const { return losses_; }
  static bool lost_before(const fr_frame& f) {
    return (f.lost_no_slot | f.lost_overrun | f.lost_skipped | f.lost_restart | f.lost_source) != 0;
  }
  // `cursor`: the last sequence looked at; `head`: the last one the writer consumed.
  void position(uint64_t session, uint64_t cursor, uint64_t head, fr_position* position) const;
  // Whether a frame was delivered, or an earlier session counts from its start.
  bool has_base() const { return has_base_; }

 private:
  uint64_t delivered_ = 0;  // last sequence delivered
  bool has_base_ = false;   // the two below are known
  uint64_t base_dropped_ = 0, base_source_lost_ = 0;
  uint64_t aged_ = 0;
  uint64_t lost_restart_ = 0;
  Losses losses_;
};

}  // namespace framering
