#include "loss_account.h"

#include <algorithm>

#include "once.h"

namespace framering {

uint64_t LossAccount::resume(const fr_position& position, uint64_t session) {
  // A reader that is opening starts over when the writer starts another session meanwhile.
  *this = {};
  lost_restart_ = position.restart;
  if (position.session == session) {
    delivered_ = position.sequence;
    base_dropped_ = position.dropped;
    base_source_lost_ = position.source_lost;
    has_base_ = position.counted != 0;
    aged_ = position.aged;
    return delivered_;
  }
  // A new session is counted from its first sequence on, whatever this reader sees of it first.
  has_base_ = true;
  if (position.head > position.sequence) lost_restart_ += position.head - position.sequence;
  return 0;
}

void LossAccount::deliver(uint64_t sequence, const FrameHeader& h, uint32_t delivery,
                          fr_frame* frame) {
  const uint64_t dropped = once(h.dropped_total), source_lost = once(h.source_lost_total);
  const uint64_t missing = has_base_ ? sequence - delivered_ - 1 : 0;
  const uint64_t no_slot =
      has_base_ && dropped > base_dropped_ ? std::min(missing, dropped - base_dropped_) : 0;
  const uint64_t rest = missing - no_slot;
  const uint64_t skipped = delivery == FR_LATEST ? rest : std::min(rest, aged_);
  frame->lost_no_slot = no_slot;
  frame->lost_skipped = skipped;
  frame->lost_overrun = rest - skipped;
  frame->lost_restart = lost_restart_;
  frame->lost_source =
      has_base_ && source_lost > base_source_lost_ ? source_lost - base_source_lost_ : 0;
  losses_.no_slot += frame->lost_no_slot;
  losses_.overrun += frame->lost_overrun;
  losses_.skipped += frame->lost_skipped;
  losses_.restart += frame->lost_restart;
  losses_.source += frame->lost_source;
  has_base_ = true;
  base_dropped_ = dropped;
  base_source_lost_ = source_lost;
  delivered_ = sequence;
  aged_ = 0;
  lost_restart_ = 0;
}

void LossAccount::position(uint64_t session, uint64_t cursor, uint64_t head,
                           fr_position* position) const {
  position->session = session;
  position->sequence = has_base_ ? delivered_ : cursor;
  position->counted = has_base_ ? 1 : 0;
  // Held to what a sequence can be: a successor adds what was missed to what its user is told.
  position->head = std::max(position->sequence, std::min(head, kMaxSequence));
  position->restart = lost_restart_;
  position->aged = aged_;
  position->dropped = base_dropped_;
  position->source_lost = base_source_lost_;
}

}  // namespace framering
