// Finding the next frame by the reader's delivery, and what was lost on the way.
#include <algorithm>
#include <cstring>

#include "clock.h"
#include "error.h"
#include "kill_point.h"
#include "once.h"
#include "pause_cpu.h"
#include "reader.h"

using framering::fail;
using framering::FrameHeader;
using framering::once;
using framering::pause_cpu;
using framering::RingState;

void fr_reader::move_cursor(uint64_t sequence) {
  cursor_ = sequence;
  // seq_cst: before the look at writer_waiting, which a reliable reader owes the writer.
  entry_->cursor.store(sequence, std::memory_order_seq_cst);
  FR_KILL_POINT(deliver_cursor);
  if (delivery_ == FR_RELIABLE) wake_writer();
}

// By the header, without a lease: read between two equal states, so it is this frame's.
bool fr_reader::too_old(uint32_t slot, uint64_t sequence, uint64_t max_age) const {
  if (max_age == 0) return false;
  const FrameHeader* h = ring_.frame(slot);
  if (h->state.load(std::memory_order_acquire) != sequence) return false;
  const int64_t published = __atomic_load_n(&h->publish_time, __ATOMIC_RELAXED);
  // The fence keeps the second look behind the read.
  std::atomic_thread_fence(std::memory_order_acquire);
  if (h->state.load(std::memory_order_relaxed) != sequence) return false;
  const int64_t age = framering::now() - published;
  return age > 0 && static_cast<uint64_t>(age) > max_age;
}

void fr_reader::deliver(uint32_t slot, uint64_t sequence, fr_frame* frame) {
  const FrameHeader* h = ring_.frame(slot);
  frame->slot = slot;
  frame->epoch = h->epoch;
  frame->data = ring_.payload(slot);
  frame->sequence = sequence;
  frame->bytes_used = std::min(once(h->bytes_used), ring_.geometry().slot_bytes);
  frame->publish_time = h->publish_time;
  frame->capture_time = h->capture_time;
  frame->capture_clock = h->capture_clock;
  frame->capture_moment = h->capture_moment;
  frame->source_sequence = h->source_sequence;
  frame->pts = h->pts;
  frame->duration = h->duration;
  frame->time_base_num = h->time_base_num;
  frame->time_base_den = h->time_base_den;
  frame->flags = h->flags;
  frame->reserved = 0;
  memcpy(frame->user, h->user, sizeof frame->user);

  // Losses follow from the cursors and the writer's running totals, so no kill can lose one (I9).
  const uint64_t dropped = once(h->dropped_total), source_lost = once(h->source_lost_total);
  const uint64_t missing = has_base_ ? sequence - delivered_ - 1 : 0;
  const uint64_t no_slot =
      has_base_ && dropped > base_dropped_ ? std::min(missing, dropped - base_dropped_) : 0;
  const uint64_t rest = missing - no_slot;
  const uint64_t skipped = delivery_ == FR_LATEST ? rest : std::min(rest, aged_);
  frame->lost_no_slot = no_slot;
  frame->lost_skipped = skipped;
  frame->lost_overrun = rest - skipped;
  frame->lost_restart = lost_restart_;
  frame->lost_source =
      has_base_ && source_lost > base_source_lost_ ? source_lost - base_source_lost_ : 0;

  if (!has_base_) entry_->joined_at.store(sequence, std::memory_order_relaxed);
  has_base_ = true;
  base_dropped_ = dropped;
  base_source_lost_ = source_lost;
  delivered_ = sequence;
  aged_ = 0;
  lost_restart_ = 0;
  entry_->received.store(++received_, std::memory_order_relaxed);
  move_cursor(sequence);
}

fr_next fr_reader::take_newest(uint64_t max_age, fr_frame* frame) {
  const uint32_t mask = ring_.geometry().index_count - 1;
  // Each failure means that the writer went on: it never takes the newest slot. The bound is for a
  // data object that is not what it claims to be.
  for (; spins_ > 0; --spins_) {
    const uint64_t latest = ring_.live()->latest.load(std::memory_order_seq_cst);
    const uint64_t entry = ring_.index()[latest & mask].load(std::memory_order_acquire);
    const uint32_t slot = framering::index_slot(entry);
    if (framering::index_sequence(entry) == latest && slot < ring_.geometry().slot_count) {
      // Left where it is: the next call may ask for less.
      if (too_old(slot, latest, max_age)) return FR_NONE;
      if (lease(slot, latest)) {
        deliver(slot, latest, frame);
        return FR_FRAME;
      }
    }
    pause_cpu();
  }
  return FR_NONE;
}

fr_next fr_reader::take_next(uint64_t latest, uint64_t max_age, fr_frame* frame) {
  const uint32_t count = ring_.geometry().index_count;
  const uint32_t mask = count - 1;
  uint64_t sequence = cursor_ + 1;
  // What fell out of the order index fell out of the slots long before.
  if (latest - sequence >= count) sequence = latest - count + 1;
  for (; sequence <= latest; ++sequence) {
    const uint64_t entry = ring_.index()[sequence & mask].load(std::memory_order_acquire);
    const uint32_t slot = framering::index_slot(entry);
    // Another sequence: overrun. No slot: dropped by the writer. Both show in the next gap.
    if (framering::index_sequence(entry) != sequence || slot >= ring_.geometry().slot_count) {
      continue;
    }
    if (too_old(slot, sequence, max_age)) {
      ++aged_;
      move_cursor(sequence);
      continue;
    }
    if (lease(slot, sequence)) {
      deliver(slot, sequence, frame);
      return FR_FRAME;
    }
  }
  return FR_NONE;
}

fr_next fr_reader::take(uint64_t max_age, fr_frame* frame, fr_error* err) {
  // seq_cst: after the bell was armed, see ReaderRoll::ring_armed.
  uint64_t latest = ring_.live()->latest.load(std::memory_order_seq_cst);
  if (latest <= cursor_) return FR_NONE;
  if (latest > framering::kMaxSequence) {
    fail(err, FR_NOT_A_RING, 0, "ring '%s' is damaged: its newest sequence is out of range",
         name_.name.c_str());
    return FR_FAILED;
  }
  if (leased_ >= max_leases_) {
    fail(err, FR_LEASES_EXHAUSTED, 0,
         "this reader holds %u frames and asked for no more: release one, or open it with a larger "
         "maxLeases (the ring then needs as many slots more)",
         leased_);
    return FR_FAILED;
  }
  if (delivery_ == FR_LATEST) return take_newest(max_age, frame);
  // Whatever was there may be overrun while we look: then there is something newer. The bound is
  // for a data object that lies.
  for (int tries = 0; tries < 1 << 10 && latest <= framering::kMaxSequence; ++tries) {
    const fr_next found = take_next(latest, max_age, frame);
    if (found != FR_NONE || cursor_ >= latest) return found;
    const uint64_t again = ring_.live()->latest.load(std::memory_order_seq_cst);
    if (again == latest) {
      // All of it is gone for good (a dead writer's half-taken slot): counted with the next frame.
      return FR_NONE;
    }
    latest = again;
  }
  return FR_NONE;
}

RingState fr_reader::ring_state() const {
  // seq_cst: after the looks at the sequence and at the life line that led here.
  return static_cast<RingState>(ring_.live()->state.load(std::memory_order_seq_cst));
}

// Whether nothing will be published here any more.
bool fr_reader::is_over(bool about_to_sleep) {
  const RingState state = ring_state();
  if (state == RingState::kEnded || state == RingState::kMoved) return true;
  // Before sleeping, always; while polling, a hundred times a second: it is a system call.
  const int64_t time = framering::now();
  if (!about_to_sleep && time - asked_ <= framering::kSecond / 100) return false;
  asked_ = time;
  return bells_.hung_up();
}

fr_next fr_reader::next(uint32_t arm, uint64_t max_age, fr_frame* frame, fr_error* err) {
  if (process_.check(err) != FR_OK) return FR_FAILED;
  if (ring_.truncated()) {
    fail(err, FR_TRUNCATED, 0, "ring '%s' was truncated by another process: open it again",
         name_.name.c_str());
    return FR_FAILED;
  }
  if (arm > FR_BELL_SEMAPHORE) {
    fail(err, FR_OPTION_INVALID, 0, "doorbell %u is unknown: use one of FR_BELL_*", arm);
    return FR_FAILED;
  }
  // Each look takes nanoseconds; a sound ring needs a handful. The bound is for one that lies.
  spins_ = 1 << 16;
  fr_next found = take(max_age, frame, err);
  if (found != FR_NONE) return found;
  if (arm != FR_BELL_NONE) {
    // Armed before the second look (seq_cst): a frame published before this store is seen by the
    // look, one published after it rings.
    entry_->bell.store(arm, std::memory_order_seq_cst);
    FR_KILL_POINT(arm_bell);
    found = take(max_age, frame, err);
  }
  if (found == FR_NONE && is_over(arm != FR_BELL_NONE)) {
    // Once more: what was published just before the end is still ours to take.
    found = take(max_age, frame, err);
    if (found == FR_NONE) {
      // A writer marks the end before it hangs up: only one that left no mark died.
      switch (ring_state()) {
        case RingState::kEnded:
          found = FR_ENDED;
          break;
        case RingState::kMoved:
          found = FR_MOVED;
          break;
        default:
          found = FR_DIED;
          break;
      }
    }
  }
  if (found != FR_NONE && arm != FR_BELL_NONE) {
    entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
  }
  resting_ = found == FR_NONE ? arm : uint32_t{FR_BELL_NONE};
  return found;
}

fr_next fr_reader::wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err) {
  // An event loop may have been promised a ring before: it still is, after this.
  const uint32_t resting = resting_;
  const int64_t until = framering::deadline(framering::now(), timeout);
  fr_next found = FR_NONE;
  for (;;) {
    const int64_t time = framering::now();
    if (time >= until) {
      found = next(resting, max_age, frame, err);
      break;
    }
    found = next(FR_BELL_SEMAPHORE, max_age, frame, err);
    if (found != FR_NONE) break;
    FR_KILL_POINT(wait_sleeping);
    // A post left over from an earlier ring, or a signal, costs one more look. In slices only where
    // the system has no thread left to watch the writer's life: next() asks for it then.
    const bool watched = life_watch_.start(bells_.life.get(), &entry_->semaphore);
    entry_->semaphore.wait(watched ? until : std::min(until, time + framering::kSecond / 10));
  }
  if (resting == FR_BELL_FIFO) {
    entry_->bell.store(resting, std::memory_order_seq_cst);
    resting_ = resting;
  }
  return found;
}
