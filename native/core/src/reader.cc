// The reader: join, lease, release, leave. It writes nothing but its own bit and its own entry.
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <memory>
#include <vector>

#include "bells.h"
#include "clock.h"
#include "error.h"
#include "objects.h"
#include "ofd_lock.h"

using framering::BellFds;
using framering::fail;
using framering::FrameHeader;
using framering::kNoSlot;
using framering::kProbing;
using framering::ReaderEntry;
using framering::ReaderObjects;
using framering::RingName;
using framering::RingState;
using framering::UniqueFd;

namespace {

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// One load of a word in shared memory: a compiler that read it twice could check one value and use
// another (I5).
template <typename T>
T once(const T& word) {
  return *const_cast<const volatile T*>(&word);
}

}  // namespace

struct fr_reader {
 public:
  static fr_status open(const fr_reader_options& o, fr_reader** out, fr_error* err);

  fr_next next(uint32_t arm, uint64_t max_age, fr_frame* frame, fr_error* err);
  fr_next wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err);
  fr_status retain(uint32_t slot, fr_error* err);
  fr_status release(uint32_t slot, fr_error* err);
  fr_status format(uint32_t slot, fr_format* format, char* text, uint32_t* text_bytes,
                   fr_error* err) const;
  void info(fr_reader_info* info) const;
  void position(fr_position* position) const;
  uint32_t leases() const { return leased_; }
  BellFds& bells() { return bells_; }
  bool writer_alive() const { return ring_.writer_alive(); }
  fr_mapping* mapping() const { return ring_.payload_mapping(); }
  void leave();

 private:
  struct Lease {
    uint32_t count = 0;
    uint64_t sequence = 0;
  };

  fr_status join(const fr_reader_options& o, fr_error* err);
  bool try_entry(const UniqueFd& fd, uint32_t i);
  fr_next take(uint64_t max_age, fr_frame* frame, fr_error* err);
  fr_next take_newest(uint64_t max_age, fr_frame* frame);
  fr_next take_next(uint64_t latest, uint64_t max_age, fr_frame* frame);
  bool lease(uint32_t slot, uint64_t sequence);
  void unpin(uint32_t slot);
  void wake_writer();
  bool too_old(uint32_t slot, uint64_t sequence, uint64_t max_age) const;
  void deliver(uint32_t slot, uint64_t sequence, fr_frame* frame);
  void move_cursor(uint64_t sequence);
  RingState ring_state() const;
  bool is_over(bool about_to_sleep);

  RingName name_;
  ReaderObjects ring_;
  BellFds bells_;
  UniqueFd entry_lock_;  // an open of its own, never mapped
  uint32_t index_ = 0;
  uint64_t bit_ = 0;
  ReaderEntry* entry_ = nullptr;
  uint32_t delivery_ = FR_LATEST;
  uint32_t max_leases_ = 1;
  uint32_t leased_ = 0;  // slots with at least one lease
  std::vector<Lease> leases_;
  uint64_t cursor_ = 0;     // last sequence looked at
  uint64_t delivered_ = 0;  // last sequence leased
  bool has_base_ = false;   // the three below are known
  uint64_t base_dropped_ = 0, base_source_lost_ = 0;
  uint64_t aged_ = 0;  // passed over for their age since the last delivery
  uint64_t lost_restart_ = 0;
  uint64_t received_ = 0;
  int64_t asked_ = 0;  // when the kernel was last asked whether the writer lives
};

// ---- joining and leaving ----------------------------------------------------------------------

bool fr_reader::try_entry(const UniqueFd& fd, uint32_t i) {
  if (framering::lock_byte(fd.get(), i) != 0) return false;
  index_ = i;
  bit_ = 1ull << i;
  entry_ = ring_.entry(i);
  // Whatever a dead owner left, before anything of ours can be mixed with it.
  for (uint32_t s = 0; s < ring_.geometry().slot_count; ++s) unpin(s);
  ring_.ctl()->active.fetch_and(~bit_, std::memory_order_acq_rel);
  ring_.ctl()->reliable.fetch_and(~bit_, std::memory_order_acq_rel);
  entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
  sem_init(&entry_->semaphore, 1, 0);
  return true;
}

fr_status fr_reader::join(const fr_reader_options& o, fr_error* err) {
  const uint32_t count = ring_.geometry().max_readers;
  UniqueFd fd = ring_.reopen_ctl(name_);
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
    if (o.position.session == ring_.header().session) {
      cursor_ = delivered_ = o.position.sequence;
      base_dropped_ = o.position.dropped;
      base_source_lost_ = o.position.source_lost;
      has_base_ = o.position.counted != 0;
    } else {
      // A new session is counted from its first sequence on, whatever this reader sees of it first.
      has_base_ = true;
      if (o.position.head > o.position.sequence) {
        lost_restart_ = o.position.head - o.position.sequence;
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
  entry_->delivery.store(delivery_, std::memory_order_release);
  // Release: the cursor before the bit that makes the writer compare it.
  if (delivery_ == FR_RELIABLE) {
    ring_.ctl()->reliable.fetch_or(bit_, std::memory_order_acq_rel);
  }
  // seq_cst: before any arming of the bell, see ReaderRoll::ring_armed.
  ring_.ctl()->active.fetch_or(bit_, std::memory_order_seq_cst);
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
    fr_status s = r->join(o, err);
    if (s == FR_NOT_FOUND) continue;
    if (s != FR_OK) return s;
    r->leases_.assign(r->ring_.geometry().slot_count, Lease{});
    const int sys = r->bells_.open(r->name_, generation, r->index_, r->ring_.owner());
    if (sys == 0) {
      r->ring_.prefault();
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
  for (uint32_t s = 0; s < ring_.geometry().slot_count; ++s) unpin(s);
  entry_->delivery.store(0, std::memory_order_release);
  wake_writer();
  // Last: with the lock goes the right to touch the entry.
  entry_lock_.reset();
}

// ---- leases -----------------------------------------------------------------------------------

void fr_reader::unpin(uint32_t slot) {
  // seq_cst: our reads of the slot come before, the look at writer_waiting after.
  ring_.pins(slot)->readers.fetch_and(~bit_, std::memory_order_seq_cst);
}

void fr_reader::wake_writer() {
  auto* ctl = ring_.ctl();
  // seq_cst with ReaderRoll::arm_release_bell: what we freed is stored before this load, and the
  // writer stores this word before it looks at what is free.
  if (ctl->writer_waiting.load(std::memory_order_seq_cst) == 0) return;
  if (ctl->writer_waiting.exchange(0, std::memory_order_seq_cst) != 0) sem_post(&ctl->writer_bell);
}

bool fr_reader::lease(uint32_t slot, uint64_t sequence) {
  Lease& l = leases_[slot];
  if (l.count != 0) {
    // Our bit is set, so the frame cannot have changed.
    if (l.sequence != sequence) return false;
    ++l.count;
    return true;
  }
  // Pin, then look: the other half of the handshake in fr_writer::try_acquire.
  ring_.pins(slot)->readers.fetch_or(bit_, std::memory_order_seq_cst);
  const auto& state = ring_.frame(slot)->state;
  // The writer restores a probed slot in a few instructions, or owns it. A writer that was killed
  // or stopped in between must not hold us: then the frame counts as overrun.
  for (int spins = 0; spins < 4096; ++spins) {
    // seq_cst for the handshake; as an acquire it brings the header and payload of `sequence`.
    const uint64_t seen = state.load(std::memory_order_seq_cst);
    // Equality, not order: a later frame in this slot, or one never published, is another frame.
    if (seen == sequence) {
      if (ring_.take_dirty(slot)) ring_.restore_payload(slot);
      l.count = 1;
      l.sequence = sequence;
      ++leased_;
      return true;
    }
    if (seen != (sequence | kProbing)) break;
    pause_cpu();
  }
  unpin(slot);
  wake_writer();
  return false;
}

fr_status fr_reader::retain(uint32_t slot, fr_error* err) {
  if (slot >= leases_.size() || leases_[slot].count == 0) {
    return fail(err, FR_NOT_LEASED, 0,
                "this frame was released before: retain it while it is lent");
  }
  ++leases_[slot].count;
  return FR_OK;
}

fr_status fr_reader::release(uint32_t slot, fr_error* err) {
  if (slot >= leases_.size() || leases_[slot].count == 0) {
    return fail(err, FR_NOT_LEASED, 0, "this frame was released before");
  }
  if (--leases_[slot].count != 0) return FR_OK;
  --leased_;
  // A stray write into the view: what was written is thrown away before the next frame comes here.
  if (ring_.take_dirty(slot)) ring_.restore_payload(slot);
  // Looked at while the slot is still ours: once the bit is gone the writer may take it by right.
  const uint64_t state = ring_.frame(slot)->state.load(std::memory_order_acquire) & ~kProbing;
  // seq_cst: our reads come before, see unpin.
  const uint64_t before = ring_.pins(slot)->readers.fetch_and(~bit_, std::memory_order_seq_cst);
  wake_writer();
  if (ring_.truncated()) {
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

// ---- taking frames ----------------------------------------------------------------------------

void fr_reader::move_cursor(uint64_t sequence) {
  cursor_ = sequence;
  // seq_cst: before the look at writer_waiting, which a reliable reader owes the writer.
  entry_->cursor.store(sequence, std::memory_order_seq_cst);
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
  for (int tries = 0; tries < 1 << 16; ++tries) {
    const uint64_t latest = ring_.live()->latest.load(std::memory_order_seq_cst);
    const uint64_t entry = ring_.index()[latest & mask].load(std::memory_order_acquire);
    const uint32_t slot = framering::index_slot(entry);
    if (framering::index_sequence(entry) == latest && slot < ring_.geometry().slot_count) {
      if (too_old(slot, latest, max_age)) {
        move_cursor(latest);
        return FR_NONE;
      }
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
  for (int tries = 0; tries < 1 << 10; ++tries) {
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
  if (ring_.truncated()) {
    fail(err, FR_TRUNCATED, 0, "ring '%s' was truncated by another process: open it again",
         name_.name.c_str());
    return FR_FAILED;
  }
  fr_next found = take(max_age, frame, err);
  if (found != FR_NONE) return found;
  if (arm != FR_BELL_NONE) {
    // Armed before the second look (seq_cst): a frame published before this store is seen by the
    // look, one published after it rings.
    entry_->bell.store(arm, std::memory_order_seq_cst);
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
  return found;
}

fr_next fr_reader::wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err) {
  if (timeout == 0) return next(FR_BELL_NONE, max_age, frame, err);
  const int64_t until = framering::deadline(framering::now(), timeout);
  for (;;) {
    const fr_next found = next(FR_BELL_SEMAPHORE, max_age, frame, err);
    if (found != FR_NONE) return found;
    if (framering::now() >= until) {
      entry_->bell.store(FR_BELL_NONE, std::memory_order_relaxed);
      return FR_NONE;
    }
    const timespec t = framering::to_timespec(until);
    // A post left over from an earlier ring, or a signal, costs one more look.
    sem_clockwait(&entry_->semaphore, CLOCK_MONOTONIC, &t);
  }
}

// ---- what is known ----------------------------------------------------------------------------

fr_status fr_reader::format(uint32_t slot, fr_format* format, char* text, uint32_t* text_bytes,
                            fr_error* err) const {
  if (slot >= leases_.size() || leases_[slot].count == 0) {
    return fail(err, FR_NOT_LEASED, 0, "this frame was released before");
  }
  const FrameHeader* h = ring_.frame(slot);
  fr_format f = {};
  f.dtype = once(h->dtype);
  f.ndim = once(h->ndim);
  f.plane_count = once(h->plane_count);
  uint64_t bytes = fr_dtype_size(f.dtype);
  bool sound = bytes != 0 && f.ndim <= FR_MAX_DIMS && f.plane_count <= FR_MAX_PLANES;
  for (uint32_t i = 0; sound && i < f.ndim; ++i) {
    f.shape[i] = once(h->shape[i]);
    sound = f.shape[i] != 0 && !__builtin_mul_overflow(bytes, f.shape[i], &bytes);
  }
  sound = sound && bytes <= ring_.geometry().slot_bytes;
  for (uint32_t i = 0; sound && i < f.plane_count; ++i) {
    f.planes[i].offset = once(h->planes[i].offset);
    f.planes[i].stride = once(h->planes[i].stride);
    sound = f.planes[i].offset <= ring_.geometry().slot_bytes &&
            f.planes[i].stride <= ring_.geometry().slot_bytes;
  }
  if (!sound) {
    return fail(err, FR_NOT_A_RING, 0,
                "the header of frame %" PRIu64
                " of ring '%s' is damaged: its format does not fit "
                "its slot",
                leases_[slot].sequence, name_.name.c_str());
  }
  f.fourcc = h->fourcc;
  f.width = h->width;
  f.height = h->height;
  f.color_primaries = h->color[0];
  f.color_transfer = h->color[1];
  f.color_matrix = h->color[2];
  f.color_range = h->color[3];
  *format = f;

  const uint32_t room = *text_bytes;
  *text_bytes = 0;
  const uint32_t epoch = once(h->epoch);
  const framering::EpochText* t = ring_.text(epoch % framering::kTexts);
  if (t->epoch.load(std::memory_order_acquire) != epoch) return FR_OK;  // four epochs ago
  const uint32_t bytes_there = t->bytes.load(std::memory_order_relaxed);
  if (bytes_there > FR_MAX_DESCRIPTOR || bytes_there > room) return FR_OK;
  memcpy(text, t->text, bytes_there);
  // The fence keeps the second look behind the copy: equal epochs, so it is all of one text.
  std::atomic_thread_fence(std::memory_order_acquire);
  if (t->epoch.load(std::memory_order_relaxed) == epoch) *text_bytes = bytes_there;
  return FR_OK;
}

void fr_reader::info(fr_reader_info* info) const {
  *info = {};
  info->generation = ring_.header().id.generation;
  info->session = ring_.header().session;
  info->slot_bytes = ring_.geometry().slot_bytes;
  info->slot_count = ring_.geometry().slot_count;
  info->max_readers = ring_.geometry().max_readers;
  info->entry = index_;
  info->writer_pid = ring_.header().writer_pid;
}

void fr_reader::position(fr_position* position) const {
  position->session = ring_.header().session;
  position->sequence = has_base_ ? delivered_ : cursor_;
  position->counted = has_base_ ? 1 : 0;
  position->head = std::max(position->sequence, ring_.live()->head.load(std::memory_order_acquire));
  position->dropped = base_dropped_;
  position->source_lost = base_source_lost_;
}

extern "C" {

fr_status fr_reader_open(const fr_reader_options* options, fr_reader** out, fr_error* err) {
  *out = nullptr;
  return fr_reader::open(*options, out, err);
}

fr_next fr_reader_next(fr_reader* r, uint32_t arm, uint64_t max_age, fr_frame* frame,
                       fr_error* err) {
  return r->next(arm, max_age, frame, err);
}

fr_next fr_reader_wait(fr_reader* r, uint64_t timeout, uint64_t max_age, fr_frame* frame,
                       fr_error* err) {
  return r->wait(timeout, max_age, frame, err);
}

fr_status fr_reader_retain(fr_reader* r, uint32_t slot, fr_error* err) {
  return r->retain(slot, err);
}

fr_status fr_reader_release(fr_reader* r, uint32_t slot, fr_error* err) {
  return r->release(slot, err);
}

fr_status fr_reader_format(fr_reader* r, uint32_t slot, fr_format* format, char* descriptor,
                           uint32_t* descriptor_bytes, fr_error* err) {
  return r->format(slot, format, descriptor, descriptor_bytes, err);
}

void fr_reader_get_info(const fr_reader* r, fr_reader_info* info) { r->info(info); }
void fr_reader_get_position(const fr_reader* r, fr_position* position) { r->position(position); }
uint32_t fr_reader_leases(const fr_reader* r) { return r->leases(); }

fr_status fr_reader_doorbell(fr_reader* r, int* bell, int* life, fr_error*) {
  *bell = r->bells().bell.get();
  *life = r->bells().life.get();
  return FR_OK;
}

void fr_reader_drain(fr_reader* r) { r->bells().drain(); }
int fr_reader_writer_alive(fr_reader* r) { return r->writer_alive() ? 1 : 0; }
fr_mapping* fr_reader_mapping(fr_reader* r) { return r->mapping(); }

void fr_reader_close(fr_reader* r) {
  if (r == nullptr) return;
  r->leave();
  delete r;
}

}  // extern "C"
