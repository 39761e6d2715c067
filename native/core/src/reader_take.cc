// Finding the next frame by the reader's delivery, and what was lost on the way.
#include <algorithm>

#include "clock.h"
#include "error.h"
#include "frame_facts.h"
#include "pause_cpu.h"
#include "reader.h"

using framering::fail;
using framering::FrameHeader;
using framering::pause_cpu;
using framering::RingState;

// By the header, without a lease: read between two equal states, so it is this frame's.
bool fr_reader::too_old(uint32_t slot, uint64_t sequence, uint64_t max_age) const {
  if (max_age == 0) return false;
  const FrameHeader* h = data_.frame(slot);
  if (h->state.load(std::memory_order_acquire) != sequence) return false;
  const int64_t published = __atomic_load_n(&h->publish_time, __ATOMIC_RELAXED);
  // The fence keeps the second look behind the read.
  std::atomic_thread_fence(std::memory_order_acquire);
  if (h->state.load(std::memory_order_relaxed) != sequence) return false;
  const int64_t age = framering::now() - published;
  return age > 0 && static_cast<uint64_t>(age) > max_age;
}

void fr_reader::deliver(uint64_t sequence, const FrameHeader& h, fr_frame* frame) {
  framering::take_facts(h, data_.geometry().slot_bytes, frame);
  frame->sequence = sequence;
  frame->receive_time = 0;
  if (timed_) {
    frame->receive_time = framering::now();
    framering::count_latency(frame->receive_time - frame->publish_time, latency_);
  }
  if (!account_.has_base()) counts_from(sequence);
  account_.deliver(sequence, h, delivery_, frame);
  record(*frame);
  cursor_ = sequence;
  moved();
}

fr_next fr_reader::take_newest(uint64_t max_age, fr_frame* frame) {
  // Each failure means that the writer went on: it never takes the newest slot. The bound is for a
  // data object that is not what it claims to be.
  for (; spins_ > 0; --spins_) {
    const uint64_t entry = data_.live()->latest.load(std::memory_order_seq_cst);
    const uint64_t latest = framering::index_sequence(entry);
    const uint32_t slot = framering::index_slot(entry);
    // Read anew since take() checked it, and only a ring that lies goes back.
    if (latest <= cursor_ || latest > framering::kMaxSequence) return FR_NONE;
    if (slot < data_.geometry().slot_count) {
      // Left where it is: the next call may ask for less.
      if (too_old(slot, latest, max_age)) return FR_NONE;
      if (const FrameHeader* h = hold(slot, latest, frame); h != nullptr) {
        deliver(latest, *h, frame);
        return FR_FRAME;
      }
    }
    pause_cpu();
  }
  return FR_NONE;
}

fr_next fr_reader::take_next(uint64_t latest, uint64_t max_age, fr_frame* frame) {
  const uint32_t count = data_.geometry().index_count;
  const uint32_t mask = count - 1;
  uint64_t sequence = cursor_ + 1;
  // What fell out of the order index fell out of the slots long before.
  if (latest - sequence >= count) sequence = latest - count + 1;
  for (; sequence <= latest; ++sequence) {
    const uint64_t entry = data_.index()[sequence & mask].load(std::memory_order_acquire);
    const uint32_t slot = framering::index_slot(entry);
    // Another sequence: overrun, or dropped by the writer. Both show in the next gap.
    if (framering::index_sequence(entry) != sequence || slot >= data_.geometry().slot_count) {
      continue;
    }
    if (too_old(slot, sequence, max_age)) {
      account_.age();
      cursor_ = sequence;
      moved();
      continue;
    }
    if (const FrameHeader* h = hold(slot, sequence, frame); h != nullptr) {
      deliver(sequence, *h, frame);
      return FR_FRAME;
    }
  }
  return FR_NONE;
}

fr_next fr_reader::take(uint64_t max_age, fr_frame* frame, fr_error* err) {
  // seq_cst: after the bell was armed, see ReaderRoll::ring_armed.
  const uint64_t entry = data_.live()->latest.load(std::memory_order_seq_cst);
  seen_ = entry;
  uint64_t latest = framering::index_sequence(entry);
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
    const uint64_t again =
        framering::index_sequence(data_.live()->latest.load(std::memory_order_seq_cst));
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
  return static_cast<RingState>(data_.live()->state.load(std::memory_order_seq_cst));
}

// Whether nothing will be published here any more.
bool fr_reader::is_over(bool about_to_sleep, int64_t time) {
  const RingState state = ring_state();
  if (state == RingState::kEnded || state == RingState::kMoved) return true;
  // Before sleeping, always; while polling, a hundred times a second: it is a system call.
  if (!about_to_sleep && time - asked_ <= framering::kSecond / 100) return false;
  asked_ = time;
  return writer_gone();
}

fr_next fr_reader::next(uint32_t arm, uint64_t max_age, fr_frame* frame, fr_error* err) {
  if (process_.check(err) != FR_OK) return FR_FAILED;
  if (truncated()) {
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
    if (ring_me(arm, err) != FR_OK) return FR_FAILED;
    found = take(max_age, frame, err);
  }
  const int64_t time = found == FR_NONE ? framering::now() : 0;
  if (found == FR_NONE && !is_over(arm != FR_BELL_NONE, time)) {
    idle(time);
  } else if (found == FR_NONE) {
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
    disarm();
  }
  return found;
}

bool fr_reader::poll(uint64_t timeout) {
  // In the parent's ring, next() says so.
  fr_error err;
  if (process_.check(&err) != FR_OK) return true;
  // Nobody has to ring for whoever looks by itself: the writer is spared a system call, and this
  // thread a wake-up for a frame that it has taken by then.
  disarm();
  const int64_t until =
      framering::deadline(framering::now(), std::min<uint64_t>(timeout, FR_LONGEST_POLL));
  do {
    // The clock costs more than a look.
    for (int looks = 0; looks < 16; ++looks) {
      // Relaxed: a hint. next() looks again, in the order that delivering a frame takes. Compared
      // with the last look and not with the cursor: a frame that was left where it is, being too
      // old, is no news.
      if (data_.live()->latest.load(std::memory_order_relaxed) != seen_) return true;
      pause_cpu();
    }
    if (ring_state() != RingState::kRunning) return true;
  } while (framering::now() < until);
  return false;
}
