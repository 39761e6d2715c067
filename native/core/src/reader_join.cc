// Attaching to a ring, taking an entry, leaving.
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "error.h"
#include "kill_point.h"
#include "ofd_lock.h"
#include "reader.h"

using framering::fail;
using framering::ForkFd;
using framering::ReaderObjects;
using framering::RingName;

bool fr_reader::try_entry(const ForkFd& fd, uint32_t i) {
  if (framering::lock_byte(fd.get(), i) != 0) return false;
  FR_KILL_POINT(join_lock);
  index_ = i;
  bit_ = 1ull << i;
  entry_ = ring_.entry(i);
  // Whatever a dead owner left, before anything of ours can be mixed with it.
  for (uint32_t s = 0; s < ring_.geometry().slot_count; ++s) {
    unpin(s);
    FR_KILL_POINT(join_pin);
  }
  ring_.ctl()->active.fetch_and(~bit_, std::memory_order_acq_rel);
  ring_.ctl()->reliable.fetch_and(~bit_, std::memory_order_acq_rel);
  entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
  entry_->semaphore.reset();
  FR_KILL_POINT(join_cleared);
  return true;
}

fr_status fr_reader::join(const fr_reader_options& o, fr_error* err) {
  const uint32_t count = ring_.geometry().max_readers;
  ForkFd fd = ring_.reopen_ctl(name_);
  if (!fd.ok()) return FR_NOT_FOUND;  // replaced meanwhile: the caller looks again
  // A second round: the writer may be holding a dead reader's entry for the moment it cleans it.
  bool joined = false;
  for (int round = 0; round < 3 && !joined; ++round) {
    for (uint32_t i = 0; i < count && !joined; ++i) joined = try_entry(fd, i);
    if (!joined) sched_yield();
  }
  if (!joined) {
    return fail(err, FR_READERS_EXHAUSTED, 0,
                "all %u reader entries of ring '%s' are in use: close a reader, or create the ring "
                "with more (maxReaders, at most %d)",
                count, name_.name.c_str(), FR_MAX_READERS);
  }
  entry_lock_ = std::move(fd);

  const uint64_t latest = ring_.live()->latest.load(std::memory_order_acquire);
  if (o.has_position != 0) {
    lost_restart_ = o.position.restart;
    if (o.position.session == ring_.header().session) {
      cursor_ = delivered_ = o.position.sequence;
      base_dropped_ = o.position.dropped;
      base_source_lost_ = o.position.source_lost;
      has_base_ = o.position.counted != 0;
      aged_ = o.position.aged;
    } else {
      // A new session is counted from its first sequence on, whatever this reader sees of it first.
      has_base_ = true;
      if (o.position.head > o.position.sequence) {
        lost_restart_ += o.position.head - o.position.sequence;
      }
    }
  } else {
    cursor_ = latest - std::min<uint64_t>(latest, o.replay);
  }
  entry_->cursor.store(cursor_, std::memory_order_relaxed);
  entry_->pid.store(static_cast<uint32_t>(getpid()), std::memory_order_relaxed);
  entry_->reliable_wait.store(o.reliable_wait, std::memory_order_relaxed);
  entry_->joined_at.store(cursor_ + 1, std::memory_order_relaxed);
  entry_->received.store(0, std::memory_order_relaxed);
  entry_->max_leases.store(max_leases_, std::memory_order_relaxed);
  prctl(PR_GET_NAME, entry_->comm);
  entry_->joins.fetch_add(1, std::memory_order_relaxed);
  entry_->delivery.store(delivery_, std::memory_order_release);
  FR_KILL_POINT(join_entry);
  // Release: the cursor before the bit that makes the writer compare it.
  if (delivery_ == FR_RELIABLE) {
    ring_.ctl()->reliable.fetch_or(bit_, std::memory_order_acq_rel);
  }
  FR_KILL_POINT(join_reliable);
  // seq_cst: before any arming of the bell, see ReaderRoll::ring_armed.
  ring_.ctl()->active.fetch_or(bit_, std::memory_order_seq_cst);
  FR_KILL_POINT(join_active);
  return FR_OK;
}

fr_status fr_reader::open(const fr_reader_options& o, fr_reader** out, fr_error* err) {
  if (o.delivery < FR_LATEST || o.delivery > FR_RELIABLE) {
    return fail(err, FR_OPTION_INVALID, 0, "delivery %u is unknown", o.delivery);
  }
  if (o.max_leases < 1 || o.max_leases > FR_MAX_SLOTS) {
    return fail(err, FR_OPTION_INVALID, 0, "max_leases is %u: 1 to %d", o.max_leases, FR_MAX_SLOTS);
  }
  auto r = std::make_unique<fr_reader>();
  if (const fr_status s = RingName::parse(o.directory, o.name, &r->name_, err); s != FR_OK) {
    return s;
  }
  r->delivery_ = o.delivery;
  r->max_leases_ = o.max_leases;
  // Again when the writer replaced its objects between our steps; each round sees newer ones.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (const fr_status s = ReaderObjects::open(r->name_, o.not_generation, &r->ring_, err);
        s != FR_OK) {
      return s;
    }
    const uint64_t generation = r->ring_.header().id.generation;
    if (!r->ring_.writer_alive()) {
      return fail(err, FR_NOT_FOUND, 0,
                  "ring '%s' in %s is what a dead writer left: start the writer, or wait for it",
                  r->name_.name.c_str(), r->name_.directory.c_str());
    }
    // Before joining: a reliable reader is waited for from then on.
    r->ring_.prefault();
    fr_status s = r->join(o, err);
    if (s == FR_NOT_FOUND) continue;
    if (s != FR_OK) return s;
    r->leases_.assign(r->ring_.geometry().slot_count, Lease{});
    const int sys = r->bells_.open(r->name_, generation, r->index_, r->ring_.owner());
    FR_KILL_POINT(join_bells);
    if (sys == 0) {
      *out = r.release();
      return FR_OK;
    }
    r->leave();
    if (sys != ENOENT) {
      return fail(err, sys == EACCES || sys == EPERM ? FR_PERMISSION : FR_SYSTEM, sys,
                  "uid %u cannot open the doorbells of ring '%s'", geteuid(),
                  r->name_.name.c_str());
    }
    sched_yield();
  }
  return fail(err, FR_NOT_FOUND, 0, "ring '%s' is being replaced over and over",
              r->name_.name.c_str());
}

void fr_reader::leave() {
  if (!entry_lock_.ok()) return;
  ring_.ctl()->active.fetch_and(~bit_, std::memory_order_acq_rel);
  ring_.ctl()->reliable.fetch_and(~bit_, std::memory_order_acq_rel);
  entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
  FR_KILL_POINT(leave_masks);
  for (uint32_t s = 0; s < ring_.geometry().slot_count; ++s) {
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
