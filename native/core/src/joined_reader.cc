// Attaching to a ring, taking an entry, sleeping at its bell, leaving.
#include "joined_reader.h"

#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "clock.h"
#include "error.h"
#include "kill_point.h"
#include "limits.h"
#include "ofd_lock.h"

namespace framering {
namespace {

#ifdef FR_TEST_HOOKS
// Among peers that keep to the protocol every sleeper is woken: tests must not be helped by a
// clock.
constexpr int64_t kLongestSleep = INT64_MAX / 2;
#else
constexpr int64_t kLongestSleep = kSecond;
#endif

// How long a join waits for a writer that is cleaning an entry. That takes microseconds; far longer
// only when the writer was taken off the processor half way, which under load may last for some
// tenths of a second and does not make the ring full. A stopped writer may hold the lock for ever,
// and whoever opens a reader blocks an event loop.
constexpr int64_t kCleaningPatience = kSecond / 4;

}  // namespace

bool JoinedReader::try_entry(const ForkFd& fd, uint32_t i) {
  if (lock_byte(fd.get(), i) != 0) return false;
  FR_KILL_POINT(join_lock);
  index_ = i;
  bit_ = 1ull << i;
  entry_ = ctl_.entry(i);
  // Whatever a dead owner left, before anything of ours can be mixed with it.
  for (uint32_t s = 0; s < data_.geometry().slot_count; ++s) {
    unpin(s);
    FR_KILL_POINT(join_pin);
  }
  ctl_.header()->active.fetch_and(~bit_, std::memory_order_acq_rel);
  ctl_.header()->reliable.fetch_and(~bit_, std::memory_order_acq_rel);
  entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
  entry_->semaphore.reset();
  FR_KILL_POINT(join_cleared);
  return true;
}

fr_status JoinedReader::take_entry(const ForkFd& fd, fr_error* err) {
  const uint32_t count = data_.geometry().max_readers;
  const Half& cleanings = data_.live()->cleanings;
  const int64_t until = now() + kCleaningPatience;
  int refusals = 0;
  for (;;) {
    const uint32_t before = cleanings.load(std::memory_order_seq_cst);
    for (uint32_t i = 0; i < count; ++i) {
      if (try_entry(fd, i)) return FR_OK;
    }
    // Even and as before: the writer held none of them, see ReaderRoll::reclaim_one. A few rounds
    // more, as readers come and go meanwhile.
    const bool in_use = before % 2 == 0 && cleanings.load(std::memory_order_seq_cst) == before;
    if (in_use && ++refusals == 3) {
      return fail(
          err, FR_READERS_EXHAUSTED, 0,
          "all %u reader entries of ring '%s' are in use: close a reader, or create the ring "
          "with more (maxReaders, at most %d)",
          count, name_.name.c_str(), FR_MAX_READERS);
    }
    if (now() >= until) {
      return fail(err, FR_READERS_EXHAUSTED, 0,
                  "no reader entry of ring '%s' is free but one its writer has been cleaning for "
                  "%d ms (is process %u stopped?): try again once it runs, or create the ring with "
                  "more than %u (maxReaders, at most %d)",
                  name_.name.c_str(), static_cast<int>(kCleaningPatience / 1'000'000),
                  data_.header().writer_pid, count, FR_MAX_READERS);
    }
    if (in_use) {
      sched_yield();
    } else {
      FR_KILL_POINT(join_waits);
      usleep(1000);
    }
  }
}

fr_status JoinedReader::join(const fr_reader_options& o, fr_error* err) {
  ForkFd fd;
  if (const int sys = ctl_.reopen(name_, &fd); sys != 0) {
    if (is_descriptor_limit(sys)) return fail_descriptor_limit(name_.called(), sys, err);
    return FR_NOT_FOUND;  // replaced meanwhile: the caller looks again
  }
  if (const fr_status s = take_entry(fd, err); s != FR_OK) return s;
  entry_lock_ = std::move(fd);

  start_at(o);
  entry_->cursor.store(cursor_, std::memory_order_relaxed);
  entry_->pid.store(static_cast<uint32_t>(getpid()), std::memory_order_relaxed);
  entry_->reliable_wait.store(reliable_wait_, std::memory_order_relaxed);
  entry_->joined_at.store(cursor_ + 1, std::memory_order_relaxed);
  entry_->delivered.store(cursor_, std::memory_order_relaxed);
  for (LossTotals& totals : entry_->losses) {
    totals.at.store(0, std::memory_order_relaxed);
  }
  for (Word& count : entry_->latency.counts) count.store(0, std::memory_order_relaxed);
  entry_->latency.sum.store(0, std::memory_order_relaxed);
  entry_->latency.longest.store(0, std::memory_order_relaxed);
  latency_ = &entry_->latency;
  entry_->max_leases.store(max_leases_, std::memory_order_relaxed);
  prctl(PR_GET_NAME, entry_->comm);
  entry_->joins.fetch_add(1, std::memory_order_relaxed);
  entry_->delivery.store(delivery_, std::memory_order_release);
  FR_KILL_POINT(join_entry);
  // Release: the cursor before the bit that makes the writer compare it.
  if (delivery_ == FR_RELIABLE) {
    ctl_.header()->reliable.fetch_or(bit_, std::memory_order_acq_rel);
  }
  FR_KILL_POINT(join_reliable);
  // seq_cst: before any arming of the bell, see ReaderRoll::ring_armed.
  ctl_.header()->active.fetch_or(bit_, std::memory_order_seq_cst);
  FR_KILL_POINT(join_active);
  return FR_OK;
}

fr_status JoinedReader::open(const fr_reader_options& o, const RingName& name, fr_reader** out,
                             fr_error* err) {
  std::unique_ptr<JoinedReader> r(new JoinedReader(o));
  r->name_ = name;
  uint64_t without_bells = 0, prefaulted = 0;
  // Again when the writer replaced its objects between our steps; each round sees newer ones.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (const fr_status s =
            attach(name, o.not_generation, Purpose::kJoin, &r->data_, &r->ctl_, err);
        s != FR_OK) {
      return s;
    }
    const uint64_t generation = r->data_.header().id.generation;
    if (!r->writer_alive()) {
      if (!r->data_.still_named(name)) continue;  // it lives, in larger objects
      return fail_dead_writer(name, err);
    }
    // Before joining: a reliable reader is waited for from then on. Once for each generation: one
    // whose life line is cut while its lock is held is attached to over and over.
    if (generation != prefaulted) r->data_.prefault();
    prefaulted = generation;
    fr_status s = r->join(o, err);
    if (s == FR_NOT_FOUND) continue;
    if (s != FR_OK) return s;
    r->leases_.assign(r->data_.geometry().slot_count, Lease{});
    const int sys = r->bells_.open(name, generation, r->index_, r->data_.owner());
    FR_KILL_POINT(join_bells);
    if (sys == 0) {
      *out = r.release();
      return FR_OK;
    }
    r->leave();
    if (is_descriptor_limit(sys)) return fail_descriptor_limit(name.called(), sys, err);
    // A writer removes its names before its doorbells: with the names there once more, they were
    // taken from it.
    if (sys == ENOENT && without_bells == generation) {
      return fail(
          err, FR_NOT_A_RING, 0,
          "ring '%s' has lost its doorbells, somebody removed them: observe it, or have the "
          "writer create it again",
          name.name.c_str());
    }
    if (sys == ENOENT) without_bells = generation;
    if (sys != ENOENT && sys != EPIPE) {
      return fail(err, sys == EACCES || sys == EPERM ? FR_PERMISSION : FR_SYSTEM, sys,
                  "uid %u cannot open the doorbells of ring '%s'", geteuid(), name.name.c_str());
    }
    sched_yield();
  }
  return fail(err, FR_NOT_FOUND, 0, "ring '%s' is being replaced over and over", name.name.c_str());
}

void JoinedReader::leave() {
  if (!entry_lock_.ok()) return;
  ctl_.header()->active.fetch_and(~bit_, std::memory_order_acq_rel);
  ctl_.header()->reliable.fetch_and(~bit_, std::memory_order_acq_rel);
  entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
  FR_KILL_POINT(leave_masks);
  latency_ = &own_latency_;
  for (uint32_t s = 0; s < data_.geometry().slot_count; ++s) {
    unpin(s);
    FR_KILL_POINT(leave_pin);
  }
  FR_KILL_POINT(leave_pins);
  entry_->delivery.store(0, std::memory_order_release);
  FR_KILL_POINT(leave_entry);
  wake_writer();
  // Last: with the lock goes the right to touch the entry.
  entry_lock_.reset();
  FR_KILL_POINT(leave_lock);
}

void JoinedReader::info(fr_reader_info* info) const {
  fr_reader::info(info);
  info->entry = index_;
}

fr_status JoinedReader::doorbell(int* bell, int* life, fr_error* err) {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  *bell = bells_.bell.get();
  *life = bells_.life.get();
  return FR_OK;
}

fr_status JoinedReader::ring_me(uint32_t kind, fr_error*) {
  // seq_cst, before the look that follows: a frame published before this store is seen by the look,
  // one published after it rings (ReaderRoll::ring_armed).
  entry_->bell.store(kind, std::memory_order_seq_cst);
  FR_KILL_POINT(arm_bell);
  return FR_OK;
}

// Relaxed: a ring too many is one look too many.
void JoinedReader::disarm() { entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed); }

fr_next JoinedReader::wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err) {
  const int64_t until = deadline(now(), timeout);
  for (;;) {
    const int64_t time = now();
    if (time >= until) {
      return next(FR_BELL_NONE, max_age, frame, err);
    }
    const fr_next found = next(FR_BELL_SEMAPHORE, max_age, frame, err);
    if (found != FR_NONE) return found;
    FR_KILL_POINT(wait_sleeping);
    // A post left over from an earlier ring, or a signal, costs one more look. So does a while
    // without a post: whoever maps the word can move its sleepers elsewhere (FUTEX_REQUEUE), or
    // take the only post that tells of the writer's death. In shorter slices where the system has
    // no thread left to watch that life: next() asks for it then.
    const bool watched = life_watch_.start(bells_.life.get(), &entry_->semaphore);
    entry_->semaphore.wait(std::min(until, time + (watched ? kLongestSleep : kSecond / 10)));
  }
}

}  // namespace framering
