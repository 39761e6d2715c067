// The writer: loan, fill, publish. It alone writes the data object.
#include <algorithm>
#include <cinttypes>
#include <cstring>
#include <memory>

#include "clock.h"
#include "error.h"
#include "name_lock.h"
#include "objects.h"
#include "random_id.h"
#include "reader_roll.h"
#include "slot_ages.h"

namespace framering {
namespace {

// Everything that belongs to one pair of objects and is replaced with them.
struct Generation {
  WriterObjects ring;
  ReaderRoll roll;
  SlotAges ages;

  explicit Generation(WriterObjects objects)
      : ring(std::move(objects)), roll(&ring), ages(ring.geometry().slot_count) {}
};

fr_status check_format(const fr_format& f, uint64_t slot_bytes, fr_error* err) {
  const uint64_t item = fr_dtype_size(f.dtype);
  if (item == 0) return fail(err, FR_OPTION_INVALID, 0, "dtype %u is unknown", f.dtype);
  if (f.ndim > FR_MAX_DIMS || f.plane_count > FR_MAX_PLANES) {
    return fail(err, FR_OPTION_INVALID, 0,
                "a frame has at most %d dimensions and %d planes, not %u and %u", FR_MAX_DIMS,
                FR_MAX_PLANES, f.ndim, f.plane_count);
  }
  uint64_t bytes = item;
  for (uint32_t i = 0; i < f.ndim; ++i) {
    if (f.shape[i] == 0 || __builtin_mul_overflow(bytes, f.shape[i], &bytes)) {
      return fail(err, FR_OPTION_INVALID, 0,
                  "dimension %u of the frame is %" PRIu64
                  ": it must be positive and the product must fit 64 bits",
                  i, f.shape[i]);
    }
  }
  if (bytes > slot_bytes) {
    return fail(err, FR_OPTION_INVALID, 0,
                "a frame of this format has %" PRIu64 " bytes and a slot %" PRIu64
                ": give the slots more bytes",
                bytes, slot_bytes);
  }
  return FR_OK;
}

fr_status check_options(const fr_writer_options& o, Geometry* geometry, fr_error* err) {
  if (!Geometry::compute(o.slot_bytes, o.slot_count, o.max_readers, geometry)) {
    return fail(err, FR_OPTION_INVALID, 0,
                "%u slots of %" PRIu64
                " bytes for %u readers is out of range: 2 to %d slots of at "
                "least one byte, 1 to %d readers, 64 TiB in all",
                o.slot_count, o.slot_bytes, o.max_readers, FR_MAX_SLOTS, FR_MAX_READERS);
  }
  if ((o.mode & ~0777u) != 0 || (o.mode & 0600) != 0600 || (o.mode & 0002) != 0) {
    return fail(
        err, FR_OPTION_INVALID, 0,
        "mode %04o: the owner must read and write, nobody else's objects may be writable by "
        "the world; use 0600, 0660 with a group, or 0640",
        o.mode);
  }
  if (o.memory_lock > FR_LOCK_REQUIRED) {
    return fail(err, FR_OPTION_INVALID, 0, "memory_lock %u is unknown", o.memory_lock);
  }
  if (o.descriptor_bytes > FR_MAX_DESCRIPTOR) {
    return fail(err, FR_OPTION_INVALID, 0, "the descriptor has %u bytes, at most %d fit",
                o.descriptor_bytes, FR_MAX_DESCRIPTOR);
  }
  return check_format(o.format, geometry->slot_bytes, err);
}

}  // namespace
}  // namespace framering

using framering::fail;
using framering::FrameHeader;
using framering::Generation;
using framering::kNoSlot;
using framering::kOwned;
using framering::kProbing;
using framering::LiveState;
using framering::RingState;

struct fr_writer {
 public:
  static fr_status create(const fr_writer_options& o, fr_writer** out, fr_error* err);

  fr_status loan(fr_loan* loan, fr_error* err);
  fr_status publish(uint32_t slot, const fr_meta& meta, uint64_t* sequence, fr_error* err);
  fr_status abandon(uint32_t slot, fr_error* err);
  void drop(const fr_meta& meta, uint64_t* sequence);
  fr_status set_format(const fr_format& format, uint64_t slot_bytes, const char* text,
                       uint32_t text_bytes, fr_error* err);
  void info(fr_writer_info* info) const;
  void stats(fr_writer_stats* stats) const;
  void close();

  fr_mapping* mapping() const { return now_->ring.mapping(); }
  uint64_t slot_bytes() const { return now_->ring.geometry().slot_bytes; }
  fr_status check_alive(fr_error* err) const;

 private:
  uint32_t acquire();
  uint32_t try_acquire(uint64_t* holders);
  uint64_t next_sequence(const fr_meta& meta);
  void start_epoch(Generation* g, const char* text, uint32_t bytes);
  void fill_header(FrameHeader* h, uint64_t sequence, const fr_meta& meta, int64_t time);
  void end(Generation* g, RingState how);

  framering::ObjectSpec spec_;
  framering::NameLock name_lock_;
  std::unique_ptr<Generation> now_;
  uint64_t reliable_limit_ = 0;
  fr_format format_{};
  uint32_t epoch_ = 0;
  uint64_t head_ = 0, latest_ = 0, published_ = 0, dropped_ = 0, source_lost_ = 0;
  uint64_t abandoned_ = 0, last_source_ = 0, waited_ = 0;
};

fr_status fr_writer::create(const fr_writer_options& o, fr_writer** out, fr_error* err) {
  auto w = std::make_unique<fr_writer>();
  if (const fr_status s = framering::RingName::parse(o.directory, o.name, &w->spec_.name, err);
      s != FR_OK) {
    return s;
  }
  if (const fr_status s = framering::check_options(o, &w->spec_.geometry, err); s != FR_OK) {
    return s;
  }
  w->spec_.session = framering::random_id();
  w->spec_.mode = o.mode;
  w->spec_.group = o.group;
  w->spec_.memory_lock = o.memory_lock;
  w->reliable_limit_ = o.reliable_limit;
  w->format_ = o.format;

  if (const fr_status s = framering::NameLock::acquire(w->spec_.name, &w->name_lock_, err);
      s != FR_OK) {
    return s;
  }
  framering::WriterObjects objects;
  fr_status s = framering::remove_remains(w->spec_.name, err);
  if (s == FR_OK) s = framering::WriterObjects::create(w->spec_, &objects, err);
  if (s == FR_OK) {
    w->now_ = std::make_unique<Generation>(std::move(objects));
    w->start_epoch(w->now_.get(), o.descriptor, o.descriptor_bytes);
    s = w->now_->ring.publish_names(err);
  }
  if (s != FR_OK) {
    w->name_lock_.remove();
    return s;
  }
  *out = w.release();
  return FR_OK;
}

fr_status fr_writer::check_alive(fr_error* err) const {
  if (!now_->ring.truncated()) return FR_OK;
  return fail(
      err, FR_TRUNCATED, 0,
      "an object of ring '%s' was truncated by another process: close the writer and create "
      "the ring again",
      spec_.name.name.c_str());
}

// Takes the oldest slot nobody holds. `*holders`: who stood in the way, when there is none.
uint32_t fr_writer::try_acquire(uint64_t* holders) {
  *holders = 0;
  Generation& g = *now_;
  const auto& order = g.ages.order();
  for (size_t i = 0; i < order.size(); ++i) {
    const uint32_t slot = order[i];
    const uint64_t held = g.ages.sequence(slot);
    // The newest frame is never reused: a late joiner gets it at once.
    if (held != 0 && held == latest_) continue;
    if (held != 0) {
      if (const uint64_t behind = g.roll.behind(held, head_); behind != 0) {
        *holders |= behind;
        break;  // whoever has not come to this frame has not come to the later ones either
      }
    }
    auto& pins = g.ring.pins(slot)->readers;
    // Relaxed: only spares a held slot the marking below; what decides is the load after the mark.
    if (const uint64_t seen = pins.load(std::memory_order_relaxed); seen != 0) {
      *holders |= seen;
      continue;
    }
    auto& state = g.ring.frame(slot)->state;
    // Dekker's handshake with fr_reader's lease. Mark, then look at the pins; the reader pins, then
    // looks at the mark; all four seq_cst, so at least one of us sees the other. The load is also
    // an acquire: nothing written into the slot afterwards can come before it, hence before the
    // mark.
    state.store(held | kProbing, std::memory_order_seq_cst);
    const uint64_t seen = pins.load(std::memory_order_seq_cst);
    if (seen != 0) {
      // Untouched, so it may be leased again. Release: as at the publish.
      state.store(held, std::memory_order_release);
      *holders |= seen;
      continue;
    }
    // Relaxed: tells waiting readers not to wait; the mark above already keeps them out.
    state.store(kOwned, std::memory_order_relaxed);
    g.ages.take(i);
    return slot;
  }
  return kNoSlot;
}

uint32_t fr_writer::acquire() {
  uint64_t holders = 0;
  uint32_t slot = try_acquire(&holders);
  if (slot != kNoSlot) return slot;
  // Short of slots: only now is it worth asking the kernel who is dead.
  if (now_->roll.reclaim(holders)) {
    slot = try_acquire(&holders);
    if (slot != kNoSlot) return slot;
  }
  // Reliable readers are waited for, each as long as it asked and the writer allows (I3).
  const int64_t start = framering::now();
  uint64_t waited = 0;
  for (;;) {
    const uint64_t patient = now_->roll.patient(holders, waited, reliable_limit_);
    now_->roll.arm_release_bell();
    slot = try_acquire(&holders);
    if (slot != kNoSlot || patient == 0) break;
    now_->roll.wait_for_release(
        framering::deadline(start, now_->roll.shortest_wait(patient, reliable_limit_)));
    waited = static_cast<uint64_t>(framering::now() - start);
  }
  // Relaxed: a reader that still sees it posts once for nothing.
  now_->ring.ctl()->writer_waiting.store(0, std::memory_order_relaxed);
  if (waited != 0) {
    waited_ += waited;
    now_->ring.live()->waited.store(waited_, std::memory_order_relaxed);
  }
  return slot;
}

fr_status fr_writer::loan(fr_loan* loan, fr_error* err) {
  if (const fr_status s = check_alive(err); s != FR_OK) return s;
  const uint32_t slot = acquire();
  *loan = {};
  loan->slot = FR_NO_SLOT;
  if (slot == kNoSlot) return FR_OK;
  loan->slot = slot;
  loan->data = now_->ring.payload(slot);
  loan->capacity = slot_bytes();
  return FR_OK;
}

uint64_t fr_writer::next_sequence(const fr_meta& meta) {
  if (meta.source_sequence != 0) {
    // A source that starts again counts from below: that is no loss we could put a number on.
    if (last_source_ != 0 && meta.source_sequence > last_source_ + 1) {
      source_lost_ += meta.source_sequence - last_source_ - 1;
      now_->ring.live()->source_lost.store(source_lost_, std::memory_order_relaxed);
    }
    last_source_ = meta.source_sequence;
  }
  return ++head_;
}

void fr_writer::fill_header(FrameHeader* h, uint64_t sequence, const fr_meta& meta, int64_t time) {
  h->sequence = sequence;
  h->source_sequence = meta.source_sequence;
  h->publish_time = time;
  const bool timed = meta.capture_time != FR_NO_TIME;
  h->capture_time = timed ? meta.capture_time : time;
  h->capture_clock =
      timed && meta.capture_clock != 0 ? meta.capture_clock : uint32_t{FR_CLOCK_MONOTONIC};
  h->capture_moment = meta.capture_moment;
  h->pts = meta.pts;
  h->duration = meta.duration;
  h->time_base_num = meta.time_base_num;
  h->time_base_den = meta.time_base_den;
  h->bytes_used = meta.bytes_used;
  h->dropped_total = dropped_;
  h->source_lost_total = source_lost_;
  h->epoch = epoch_;
  h->flags = meta.flags;
  h->dtype = format_.dtype;
  h->ndim = format_.ndim;
  memcpy(h->shape, format_.shape, sizeof h->shape);
  h->fourcc = format_.fourcc;
  h->width = format_.width;
  h->height = format_.height;
  h->plane_count = format_.plane_count;
  memcpy(h->planes, format_.planes, sizeof h->planes);
  h->color[0] = format_.color_primaries;
  h->color[1] = format_.color_transfer;
  h->color[2] = format_.color_matrix;
  h->color[3] = format_.color_range;
  memcpy(h->user, meta.user, sizeof h->user);
}

fr_status fr_writer::publish(uint32_t slot, const fr_meta& meta, uint64_t* sequence,
                             fr_error* err) {
  if (const fr_status s = check_alive(err); s != FR_OK) return s;
  Generation& g = *now_;
  if (!g.ages.loaned(slot)) {
    return fail(err, FR_NOT_ON_LOAN, 0,
                "this loan was published or abandoned before: take a new one for each frame");
  }
  if (meta.bytes_used > slot_bytes()) {
    return fail(err, FR_FRAME_TOO_LARGE, 0,
                "the frame has %" PRIu64 " bytes and a slot %" PRIu64
                ": create the ring with larger slots, or change the format first",
                meta.bytes_used, slot_bytes());
  }
  const int64_t time = framering::now();
  const uint64_t q = next_sequence(meta);
  FrameHeader* h = g.ring.frame(slot);
  fill_header(h, q, meta, time);
  // Release: header and payload before the state. A reader that finds the state finds them.
  h->state.store(q, std::memory_order_release);
  // Release: the state before the index, or a reader sent here would turn back.
  const uint32_t mask = g.ring.geometry().index_count - 1;
  g.ring.index()[q & mask].store(framering::index_entry(q, slot), std::memory_order_release);
  LiveState* live = g.ring.live();
  live->head.store(q, std::memory_order_release);
  // seq_cst: before the look at the doorbells, see ReaderRoll::ring_armed.
  live->latest.store(q, std::memory_order_seq_cst);
  latest_ = q;
  g.ages.put_newest(slot, q);
  live->published.store(++published_, std::memory_order_relaxed);
  g.roll.ring_armed();
  g.roll.sweep(time, q);
  if (sequence != nullptr) *sequence = q;
  return FR_OK;
}

fr_status fr_writer::abandon(uint32_t slot, fr_error* err) {
  Generation& g = *now_;
  if (!g.ages.loaned(slot)) {
    return fail(err, FR_NOT_ON_LOAN, 0, "this loan was published or abandoned before");
  }
  // Relaxed: nobody reads a slot without a sequence.
  g.ring.frame(slot)->state.store(0, std::memory_order_relaxed);
  g.ages.put_empty(slot);
  g.ring.live()->abandoned.store(++abandoned_, std::memory_order_relaxed);
  return FR_OK;
}

void fr_writer::drop(const fr_meta& meta, uint64_t* sequence) {
  const uint64_t q = next_sequence(meta);
  ++dropped_;
  Generation& g = *now_;
  const uint32_t mask = g.ring.geometry().index_count - 1;
  // Release as at the publish. No bell: there is nothing to fetch, the next frame tells of the gap.
  g.ring.index()[q & mask].store(framering::index_entry(q, kNoSlot), std::memory_order_release);
  g.ring.live()->dropped.store(dropped_, std::memory_order_relaxed);
  g.ring.live()->head.store(q, std::memory_order_release);
  g.roll.sweep(framering::now(), latest_);
  if (sequence != nullptr) *sequence = q;
}

// A new epoch's text is in place before its first frame.
void fr_writer::start_epoch(Generation* g, const char* text, uint32_t bytes) {
  ++epoch_;
  framering::EpochText* t = g->ring.text(epoch_ % framering::kTexts);
  // A seqlock of one writer: epoch 0 while the text changes; readers compare before and after.
  t->epoch.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  if (bytes != 0) memcpy(t->text, text, bytes);
  t->bytes.store(bytes, std::memory_order_relaxed);
  t->epoch.store(epoch_, std::memory_order_release);
  g->ring.live()->epoch.store(epoch_, std::memory_order_release);
}

void fr_writer::end(Generation* g, RingState how) {
  g->ring.remove_names();
  // seq_cst: after the last sequence, before the bells.
  g->ring.live()->state.store(static_cast<uint32_t>(how), std::memory_order_seq_cst);
  g->roll.ring_everybody();
  // Last: the life line hangs up with them, and to a reader that finds no end that means a death.
  g->ring.bells().remove();
}

fr_status fr_writer::set_format(const fr_format& format, uint64_t slot_bytes_wanted,
                                const char* text, uint32_t text_bytes, fr_error* err) {
  if (const fr_status s = check_alive(err); s != FR_OK) return s;
  if (text_bytes > FR_MAX_DESCRIPTOR) {
    return fail(err, FR_OPTION_INVALID, 0, "the descriptor has %u bytes, at most %d fit",
                text_bytes, FR_MAX_DESCRIPTOR);
  }
  const uint64_t room = std::max(slot_bytes_wanted, slot_bytes());
  if (const fr_status s = framering::check_format(format, room, err); s != FR_OK) return s;
  if (slot_bytes_wanted <= slot_bytes()) {
    format_ = format;
    start_epoch(now_.get(), text, text_bytes);
    return FR_OK;
  }
  if (now_->ages.loans() != 0) {
    return fail(
        err, FR_OPTION_INVALID, 0,
        "%u loans are outstanding: publish or abandon them before a format that needs larger "
        "slots",
        now_->ages.loans());
  }
  framering::ObjectSpec spec = spec_;
  const framering::Geometry& old = spec_.geometry;
  if (!framering::Geometry::compute(slot_bytes_wanted, old.slot_count, old.max_readers,
                                    &spec.geometry)) {
    return fail(err, FR_OPTION_INVALID, 0, "slots of %" PRIu64 " bytes are out of range",
                slot_bytes_wanted);
  }
  framering::WriterObjects objects;
  if (const fr_status s = framering::WriterObjects::create(spec, &objects, err); s != FR_OK) {
    return s;
  }
  auto next = std::make_unique<Generation>(std::move(objects));
  LiveState* live = next->ring.live();
  // Relaxed: the names below are what makes them visible.
  live->head.store(head_, std::memory_order_relaxed);
  live->published.store(published_, std::memory_order_relaxed);
  live->dropped.store(dropped_, std::memory_order_relaxed);
  live->source_lost.store(source_lost_, std::memory_order_relaxed);
  live->abandoned.store(abandoned_, std::memory_order_relaxed);
  live->waited.store(waited_, std::memory_order_relaxed);
  const uint32_t epoch = epoch_;
  start_epoch(next.get(), text, text_bytes);
  if (const fr_status s = next->ring.publish_names(err); s != FR_OK) {
    epoch_ = epoch;
    return s;
  }
  spec_.geometry = spec.geometry;
  format_ = format;
  latest_ = 0;  // no frame in the new slots yet
  std::swap(now_, next);
  end(next.get(), RingState::kMoved);
  return FR_OK;
}

void fr_writer::info(fr_writer_info* info) const {
  const framering::Geometry& g = now_->ring.geometry();
  const framering::LockResult& lock = now_->ring.lock();
  *info = {};
  info->generation = now_->ring.generation();
  info->session = spec_.session;
  info->total_bytes = g.data_bytes + g.ctl_bytes;
  info->slot_bytes = g.slot_bytes;
  info->slot_count = g.slot_count;
  info->max_readers = g.max_readers;
  info->locked = lock.locked;
  info->lock_errno = lock.sys;
  info->locked_bytes = lock.bytes;
}

void fr_writer::stats(fr_writer_stats* stats) const {
  const LiveState* live = now_->ring.live();
  *stats = {};
  stats->head = head_;
  stats->published = published_;
  stats->dropped = dropped_;
  stats->source_lost = source_lost_;
  stats->abandoned = abandoned_;
  stats->bells = live->bells.load(std::memory_order_relaxed);
  stats->reclaimed = live->reclaimed.load(std::memory_order_relaxed);
  stats->waited_ns = waited_;
  stats->readers = now_->roll.count();
  stats->lagging = now_->roll.lagging_count();
  stats->epoch = epoch_;
}

void fr_writer::close() {
  end(now_.get(), RingState::kEnded);
  name_lock_.remove();
}

extern "C" {

fr_status fr_writer_create(const fr_writer_options* options, fr_writer** out, fr_error* err) {
  *out = nullptr;
  return fr_writer::create(*options, out, err);
}

fr_status fr_writer_loan(fr_writer* w, fr_loan* loan, fr_error* err) { return w->loan(loan, err); }

fr_status fr_writer_publish(fr_writer* w, uint32_t slot, const fr_meta* meta, uint64_t* sequence,
                            fr_error* err) {
  return w->publish(slot, *meta, sequence, err);
}

fr_status fr_writer_abandon(fr_writer* w, uint32_t slot, fr_error* err) {
  return w->abandon(slot, err);
}

fr_status fr_writer_drop(fr_writer* w, const fr_meta* meta, uint64_t* sequence, fr_error* err) {
  if (const fr_status s = w->check_alive(err); s != FR_OK) return s;
  w->drop(*meta, sequence);
  return FR_OK;
}

fr_status fr_writer_write(fr_writer* w, const void* bytes, uint64_t length, const fr_meta* meta,
                          uint64_t* sequence, fr_error* err) {
  if (length > w->slot_bytes()) {
    return fail(err, FR_FRAME_TOO_LARGE, 0,
                "the frame has %" PRIu64 " bytes and a slot %" PRIu64
                ": create the ring with larger slots, or change the format first",
                length, w->slot_bytes());
  }
  fr_loan loan;
  if (const fr_status s = w->loan(&loan, err); s != FR_OK) return s;
  fr_meta used = *meta;
  used.bytes_used = length;
  if (loan.slot == FR_NO_SLOT) {
    w->drop(used, nullptr);
    *sequence = 0;
    return FR_OK;
  }
  if (length != 0) memcpy(loan.data, bytes, length);
  return w->publish(loan.slot, used, sequence, err);
}

fr_status fr_writer_set_format(fr_writer* w, const fr_format* format, uint64_t slot_bytes,
                               const char* descriptor, uint32_t descriptor_bytes, fr_error* err) {
  return w->set_format(*format, slot_bytes, descriptor, descriptor_bytes, err);
}

void fr_writer_get_info(const fr_writer* w, fr_writer_info* info) { w->info(info); }
void fr_writer_get_stats(fr_writer* w, fr_writer_stats* stats) { w->stats(stats); }
fr_mapping* fr_writer_mapping(fr_writer* w) { return w->mapping(); }

void fr_writer_close(fr_writer* w) {
  if (w == nullptr) return;
  w->close();
  delete w;
}

int64_t fr_now(void) { return framering::now(); }

uint32_t fr_dtype_size(uint32_t dtype) {
  static constexpr uint8_t kSizes[] = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16};
  return dtype < sizeof kSizes ? kSizes[dtype] : 0;
}

}  // extern "C"
