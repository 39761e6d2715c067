// Taking hold of slots and letting go of them: the reader's half of the handshake.
#include <cinttypes>

#include "clock.h"
#include "error.h"
#include "joined_reader.h"
#include "kill_point.h"
#include "pause_cpu.h"

namespace framering {

void JoinedReader::unpin(uint32_t slot) {
  // seq_cst: our reads of the slot come before, the look at writer_waiting after.
  ctl_.pins(slot)->readers.fetch_and(~bit_, std::memory_order_seq_cst);
}

void JoinedReader::wake_writer() {
  auto* ctl = ctl_.header();
  // seq_cst with ReaderRoll::arm_release_bell: what we freed is stored before this load, and the
  // writer stores this word before it looks at what is free.
  if (ctl->writer_waiting.load(std::memory_order_seq_cst) == 0) return;
  if (ctl->writer_waiting.exchange(0, std::memory_order_seq_cst) == 0) return;
  FR_KILL_POINT(wake_cleared);
  ctl->writer_bell.post();
  FR_KILL_POINT(wake_posted);
}

// Throws away what was written into our view of the slot, if anything was. False when the kernel
// refuses: then the mark stays, and no frame is given out of this slot until it works.
bool JoinedReader::clean_payload(uint32_t slot) {
  if (!data_.take_dirty(slot) || data_.restore_payload(slot)) return true;
  data_.mark_dirty(slot);
  return false;
}

bool JoinedReader::lease(uint32_t slot, uint64_t sequence) {
  Lease& l = leases_[slot];
  if (l.count != 0) {
    // Our bit is set, so the frame cannot have changed.
    if (l.sequence != sequence) return false;
    ++l.count;
    return true;
  }
  // Pin, then look: the other half of the handshake in fr_writer::try_acquire.
  ctl_.pins(slot)->readers.fetch_or(bit_, std::memory_order_seq_cst);
  FR_KILL_POINT(lease_pinned);
  const auto& state = data_.frame(slot)->state;
  // The writer restores a probed slot in a few instructions, or owns it. A writer that was killed
  // or stopped in between must not hold us: then the frame counts as overrun.
  for (int spins = 0; spins < 4096 && spins_ > 0; ++spins, --spins_) {
    // seq_cst for the handshake; as an acquire it brings the header and payload of `sequence`.
    const uint64_t seen = state.load(std::memory_order_seq_cst);
    // Equality, not order: a later frame in this slot, or one never published, is another frame.
    if (seen == sequence) {
      if (!clean_payload(slot)) break;
      l.count = 1;
      l.sequence = sequence;
      ++leased_;
      FR_KILL_POINT(lease_taken);
      return true;
    }
    if (seen != (sequence | kProbing)) break;
    pause_cpu();
  }
  FR_KILL_POINT(lease_lost);
  unpin(slot);
  wake_writer();
  return false;
}

const FrameHeader* JoinedReader::hold(uint32_t slot, uint64_t sequence, fr_frame* frame) {
  if (!lease(slot, sequence)) return nullptr;
  frame->slot = slot;
  frame->data = data_.payload(slot);
  return data_.frame(slot);
}

void JoinedReader::counts_from(uint64_t sequence) {
  entry_->joined_at.store(sequence, std::memory_order_relaxed);
}

void JoinedReader::record(const fr_frame& frame) {
  if (frame.receive_time > 0) {
    // Relaxed, as all here that only onlookers read.
    ctl_.pins(frame.slot)
        ->since[index_ % kLeaseTimes]
        .store(static_cast<uint64_t>(frame.receive_time) << 6 | index_, std::memory_order_relaxed);
  }
  if (account_.lost_before(frame)) {
    LossTotals& totals = entry_->losses[second_ ? 1 : 0];
    second_ = !second_;
    const Losses& all = account_.losses();
    // 0 while the words change. The fence keeps the change behind it.
    totals.at.store(0, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    totals.no_slot.store(all.no_slot, std::memory_order_relaxed);
    totals.overrun.store(all.overrun, std::memory_order_relaxed);
    totals.skipped.store(all.skipped, std::memory_order_relaxed);
    FR_KILL_POINT(deliver_losing);
    totals.restart.store(all.restart, std::memory_order_relaxed);
    totals.source.store(all.source, std::memory_order_relaxed);
    // Release: whoever finds the sequence finds what was lost up to there.
    totals.at.store(frame.sequence, std::memory_order_release);
    FR_KILL_POINT(deliver_lost);
  }
  // Release: it says which of the two totals holds.
  entry_->delivered.store(frame.sequence, std::memory_order_release);
  FR_KILL_POINT(deliver_told);
}

void JoinedReader::moved() {
  if (delivery_ != FR_RELIABLE) {
    // Relaxed: the writer waits for nobody here, it is told to onlookers.
    entry_->cursor.store(cursor_, std::memory_order_relaxed);
    FR_KILL_POINT(deliver_cursor);
    return;
  }
  // seq_cst: before the look at writer_waiting, which a reliable reader owes the writer.
  entry_->cursor.store(cursor_, std::memory_order_seq_cst);
  FR_KILL_POINT(deliver_cursor);
  wake_writer();
}

void JoinedReader::idle(int64_t time) {
  // Eight times a second. A writer that lacks a slot rings those who seem to hold one.
  if (time - put_right_at_ <= kSecond / 8) return;
  put_right_at_ = time;
  put_right();
}

// Everything of ours in the control object as it ought to be: what a peer forged there costs frames
// for a moment and not for good. Our words alone, which nobody else has reason to write while we
// hold the entry's lock.
void JoinedReader::put_right() {
  bool freed = false;
  for (uint32_t s = 0; s < leases_.size(); ++s) {
    // Relaxed: a look that comes too early is made up for by the next.
    const uint64_t pins = ctl_.pins(s)->readers.load(std::memory_order_relaxed);
    if ((pins & bit_) == 0 || leases_[s].count != 0) continue;
    unpin(s);
    freed = true;
  }
  entry_->reliable_wait.store(reliable_wait_, std::memory_order_relaxed);
  entry_->delivery.store(delivery_, std::memory_order_relaxed);
  // seq_cst: as in moved(), and as at the joining.
  entry_->cursor.store(cursor_, std::memory_order_seq_cst);
  auto* ctl = ctl_.header();
  if ((ctl->active.load(std::memory_order_relaxed) & bit_) == 0) {
    ctl->active.fetch_or(bit_, std::memory_order_seq_cst);
  }
  const bool listed = (ctl->reliable.load(std::memory_order_relaxed) & bit_) != 0;
  if (listed != (delivery_ == FR_RELIABLE))
    ctl->reliable.fetch_xor(bit_, std::memory_order_seq_cst);
  if (freed) wake_writer();
}

fr_status JoinedReader::let_go(uint32_t slot, fr_error* err) {
  // A stray write into the view: what was written is thrown away before the next frame comes here.
  clean_payload(slot);
  // Looked at while the slot is still ours: once the bit is gone the writer may take it by right.
  const uint64_t state = data_.frame(slot)->state.load(std::memory_order_acquire) & ~kProbing;
  // seq_cst: our reads come before, see unpin.
  const uint64_t before = ctl_.pins(slot)->readers.fetch_and(~bit_, std::memory_order_seq_cst);
  FR_KILL_POINT(release_pin);
  wake_writer();
  if (truncated()) {
    return fail(err, FR_TRUNCATED, 0,
                "ring '%s' was truncated by another process: bytes of this frame read as zeros",
                name_.name.c_str());
  }
  if ((before & bit_) == 0 || state != leases_[slot].sequence) {
    return fail(err, FR_LEASE_BROKEN, 0,
                "a process with write access to ring '%s' removed this reader's hold on frame "
                "%" PRIu64 ": its bytes may have changed while they were read, discard the result",
                name_.name.c_str(), leases_[slot].sequence);
  }
  return FR_OK;
}

}  // namespace framering
