#include "reader_roll.h"

#include <algorithm>
#include <cerrno>

#include "bits.h"
#include "clock.h"
#include "kill_point.h"
#include "ofd_lock.h"

namespace framering {
namespace {

constexpr int64_t kSweepPeriod = kSecond / 4;

}  // namespace

ReaderRoll::ReaderRoll(WriterObjects* ring)
    : ring_(ring), valid_(entry_bits(ring->geometry().max_readers)) {}

void ReaderRoll::ring(uint32_t i, uint32_t kind) {
  if (kind == FR_BELL_FIFO) {
    if (!ring_->bells().ring(i)) return;
  } else if (kind == FR_BELL_SEMAPHORE) {
    ring_->entry(i)->semaphore.post();
  } else {
    return;
  }
  ring_->live()->bells.fetch_add(1, std::memory_order_relaxed);
}

void ReaderRoll::ring_armed() {
  // seq_cst, here and below: the sequence was stored (seq_cst) before these loads, and a reader
  // arms (seq_cst) before it loads the sequence. One of the two sees the other: no frame is slept
  // through.
  each_bit(ring_->ctl()->active.load(std::memory_order_seq_cst) & valid_, [this](uint32_t i) {
    Half& bell = ring_->entry(i)->bell;
    if (bell.load(std::memory_order_seq_cst) == FR_BELL_NONE) return;
    // Exchanged, so that one arming is one ring. A writer killed between this and the ring leaves a
    // sleeper unrung: it learns of the death by its life line.
    const uint32_t kind = bell.exchange(FR_BELL_NONE, std::memory_order_seq_cst);
    FR_KILL_POINT(bell_taken);
    ring(i, kind);
    FR_KILL_POINT(bell_rung);
  });
}

void ReaderRoll::ring_all(uint64_t readers) {
  each_bit(readers & valid_, [this](uint32_t i) {
    ring(i, FR_BELL_FIFO);
    ring(i, FR_BELL_SEMAPHORE);
  });
}

void ReaderRoll::ring_everybody() {
  each_bit(valid_, [this](uint32_t i) {
    if (!byte_is_locked(ring_->reader_locks(), i)) return;
    ring_->entry(i)->bell.store(FR_BELL_NONE, std::memory_order_seq_cst);
    ring_all(1ull << i);
  });
}

void ReaderRoll::sweep(int64_t time, uint64_t newest) {
  if (time - last_sweep_ < kSweepPeriod) return;
  last_sweep_ = time;
  const uint64_t active = ring_->ctl()->active.load(std::memory_order_relaxed);
  each_bit(valid_, [&](uint32_t i) {
    ReaderEntry* entry = ring_->entry(i);
    if (!byte_is_locked(ring_->reader_locks(), i)) {
      const bool remains =
          (active >> i & 1) != 0 || entry->delivery.load(std::memory_order_relaxed) != 0;
      if (remains) reclaim_one(i);
      return;
    }
    const uint64_t cursor = entry->cursor.load(std::memory_order_relaxed);
    // Not less than: a cursor ahead of us was forged, and its owner had better look.
    if (cursor == seen_cursor_[i] && cursor != newest) ring_all(1ull << i);
    seen_cursor_[i] = cursor;
  });
}

bool ReaderRoll::reclaim(uint64_t readers) {
  bool any = false;
  each_bit(readers, [&](uint32_t i) { any |= reclaim_one(i); });
  return any;
}

bool ReaderRoll::reclaim_one(uint32_t i) {
  // Bits beyond the entries that exist were forged: nobody can own them, no lock is needed.
  const bool exists = (valid_ >> i & 1) != 0;
  Half& cleanings = ring_->live()->cleanings;
  const uint32_t cleaned = cleanings.load(std::memory_order_relaxed) & ~1u;
  if (exists) {
    // Said before the lock is taken and taken back after it is gone, for JoinedReader::join: a
    // round over the entries that met this lock finds the count odd or changed. seq_cst: neither
    // store may come between the two system calls.
    cleanings.store(cleaned + 1, std::memory_order_seq_cst);
    if (lock_byte(ring_->reader_locks(), i) != 0) {
      cleanings.store(cleaned, std::memory_order_seq_cst);
      return false;
    }
  }
  FR_KILL_POINT(reclaim_lock);
  const uint64_t others = ~(1ull << i);
  // Pins first, entry second: killed in between, the next holder of the lock finds an entry in use
  // and clears again; the reverse would leave pins that belong to nobody.
  for (uint32_t s = 0; s < ring_->geometry().slot_count; ++s) {
    ring_->pins(s)->readers.fetch_and(others, std::memory_order_acq_rel);
    FR_KILL_POINT(reclaim_pin);
  }
  FR_KILL_POINT(reclaim_pins);
  ring_->ctl()->active.fetch_and(others, std::memory_order_acq_rel);
  ring_->ctl()->reliable.fetch_and(others, std::memory_order_acq_rel);
  FR_KILL_POINT(reclaim_masks);
  lagging_ &= others;
  if (exists) {
    ReaderEntry* entry = ring_->entry(i);
    entry->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
    entry->delivery.store(0, std::memory_order_release);
    FR_KILL_POINT(reclaim_entry);
    unlock_byte(ring_->reader_locks(), i);
    cleanings.store(cleaned + 2, std::memory_order_seq_cst);
  }
  ring_->live()->reclaimed.fetch_add(1, std::memory_order_relaxed);
  return true;
}

uint64_t ReaderRoll::behind(uint64_t sequence, uint64_t latest, uint64_t head) {
  // seq_cst pairs with the reader's store of its cursor before it looks at writer_waiting.
  const uint64_t reliable = ring_->ctl()->reliable.load(std::memory_order_seq_cst) & valid_;
  if (reliable == 0) return 0;
  uint64_t result = 0;
  each_bit(reliable, [&](uint32_t i) {
    const uint64_t cursor = ring_->entry(i)->cursor.load(std::memory_order_seq_cst);
    // Ahead of the writer: forged, and nobody to wait for. Nor has it caught up, or a forger could
    // have the writer wait for it again at every frame.
    if (cursor > head) return;
    // Another owner of the entry does not lag because the one before did.
    const uint64_t joins = ring_->entry(i)->joins.load(std::memory_order_relaxed);
    if (joins != seen_joins_[i]) {
      seen_joins_[i] = joins;
      lagging_ &= ~(1ull << i);
    }
    if ((lagging_ >> i & 1) != 0) {
      if (cursor < latest) return;
      lagging_ &= ~(1ull << i);  // it has caught up
    }
    if (cursor < sequence) result |= 1ull << i;
  });
  return result;
}

uint64_t ReaderRoll::wait_of(uint32_t i, uint64_t limit) const {
  return std::min(ring_->entry(i)->reliable_wait.load(std::memory_order_relaxed), limit);
}

uint64_t ReaderRoll::patient(uint64_t readers, uint64_t waited, uint64_t limit) {
  readers &= ring_->ctl()->reliable.load(std::memory_order_relaxed) & valid_ & ~lagging_;
  uint64_t result = 0;
  each_bit(readers, [&](uint32_t i) {
    if (waited < wait_of(i, limit)) {
      result |= 1ull << i;
    } else {
      lagging_ |= 1ull << i;
    }
  });
  return result;
}

uint64_t ReaderRoll::shortest_wait(uint64_t readers, uint64_t limit) const {
  uint64_t least = limit;
  each_bit(readers, [&](uint32_t i) { least = std::min(least, wait_of(i, limit)); });
  return least;
}

void ReaderRoll::arm_release_bell() {
  // seq_cst: stored before the pins and cursors are looked at once more; a reader changes those
  // (seq_cst) before it looks at this word.
  ring_->ctl()->writer_waiting.store(1, std::memory_order_seq_cst);
}

void ReaderRoll::wait_for_release(int64_t until) {
  // Every way out is the same to the caller, who looks again: a post, a time-out, a signal.
  ring_->ctl()->writer_bell.wait(until);
}

uint32_t ReaderRoll::count() const {
  return static_cast<uint32_t>(
      __builtin_popcountll(ring_->ctl()->active.load(std::memory_order_relaxed) & valid_));
}

uint32_t ReaderRoll::lagging_count() const {
  // Neither a reader that left nor the next owner of its entry lags. Relaxed: figures for
  // onlookers.
  uint32_t count = 0;
  each_bit(lagging_ & ring_->ctl()->reliable.load(std::memory_order_relaxed), [&](uint32_t i) {
    if (ring_->entry(i)->joins.load(std::memory_order_relaxed) == seen_joins_[i]) ++count;
  });
  return count;
}

}  // namespace framering
