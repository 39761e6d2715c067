// Lending slots to be filled, and making them frames.
#include <cinttypes>
#include <cstring>

#include "clock.h"
#include "error.h"
#include "kill_point.h"
#include "writer.h"

using framering::fail;
using framering::FrameHeader;
using framering::Generation;
using framering::kNoSlot;
using framering::LiveState;

namespace {

// Leaves alone what is there already, which it mostly is: a store would take the cache line from
// whoever reads it.
template <typename T>
void put(T* to, const T& from) {
  if (memcmp(to, &from, sizeof from) != 0) memcpy(to, &from, sizeof from);
}

}  // namespace

fr_status fr_writer::check_alive(fr_error* err) const {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  if (!now_->ring.truncated()) return FR_OK;
  return fail(
      err, FR_TRUNCATED, 0,
      "an object of ring '%s' was truncated by another process: close the writer and create "
      "the ring again",
      spec_.name.name.c_str());
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
  // Atomic, for a reader that asks after a frame's age looks without a lease: fr_reader::too_old.
  __atomic_store_n(&h->publish_time, time, __ATOMIC_RELAXED);
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
  h->flags = meta.flags;
  put(&h->user, meta.user);
  fill_format(h, format_);
}

void fr_writer::fill_format(FrameHeader* h, const fr_format& format) const {
  h->epoch = epoch_;
  h->dtype = format.dtype;
  h->ndim = format.ndim;
  put(&h->shape, format.shape);
  put(&h->fourcc, format.fourcc);
  put(&h->width, format.width);
  put(&h->height, format.height);
  put(&h->plane_count, format.plane_count);
  put(&h->planes, format.planes);
  put(&h->color[0], format.color_primaries);
  put(&h->color[1], format.color_transfer);
  put(&h->color[2], format.color_matrix);
  put(&h->color[3], format.color_range);
}

// Release, the words too: whoever finds one of them finds what was told before it, and knows that
// the sequence that stood here is too old.
void fr_writer::put_moment(uint64_t sequence, uint64_t time, uint32_t clock, int64_t capture) {
  framering::Moment* m = now_->ring.moment(sequence);
  m->time.store(time, std::memory_order_release);
  m->capture.store(static_cast<uint64_t>(capture) << 2 | ((clock - 1) & 3),
                   std::memory_order_release);
  now_->ring.live()->told.store(sequence, std::memory_order_release);
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
  FR_KILL_POINT(publish_header);
  // Release: header and payload before the state. A reader that finds the state finds them.
  h->state.store(q, std::memory_order_release);
  FR_KILL_POINT(publish_state);
  // Release: the state before the index, or a reader sent here would turn back.
  const uint32_t mask = g.ring.geometry().index_count - 1;
  g.ring.index()[q & mask].store(framering::index_entry(q, slot), std::memory_order_release);
  FR_KILL_POINT(publish_index);
  LiveState* live = g.ring.live();
  live->head.store(q, std::memory_order_release);
  FR_KILL_POINT(publish_head);
  // seq_cst: before the look at the doorbells, see ReaderRoll::ring_armed.
  live->latest.store(framering::index_entry(q, slot), std::memory_order_seq_cst);
  FR_KILL_POINT(publish_latest);
  latest_ = q;
  g.ages.put_newest(slot, q);
  ++published_;
  g.roll.ring_armed();
  // Behind all that readers wait for: a cache line that nobody had is not theirs to wait for.
  put_moment(q, static_cast<uint64_t>(time), h->capture_clock, h->capture_time);
  FR_KILL_POINT(publish_done);
  g.roll.sweep(time, q);
  if (sequence != nullptr) *sequence = q;
  return FR_OK;
}

fr_status fr_writer::abandon(uint32_t slot, fr_error* err) {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  Generation& g = *now_;
  if (!g.ages.loaned(slot)) {
    return fail(err, FR_NOT_ON_LOAN, 0, "this loan was published or abandoned before");
  }
  // Relaxed: nobody reads a slot without a sequence.
  g.ring.frame(slot)->state.store(0, std::memory_order_relaxed);
  FR_KILL_POINT(abandon_state);
  g.ages.put_empty(slot);
  g.ring.live()->abandoned.store(++abandoned_, std::memory_order_relaxed);
  return FR_OK;
}

void fr_writer::drop(const fr_meta& meta, uint64_t* sequence) {
  const uint64_t q = next_sequence(meta);
  ++dropped_;
  Generation& g = *now_;
  // No entry in the order index: once the drops had gone round it, theirs would stand where the
  // newest frame's is, and readers would not find what nobody may reuse. No bell: there is nothing
  // to fetch, the next frame tells of the gap.
  const int64_t time = framering::now();
  g.roll.note_holders(time);
  g.ring.live()->head.store(q, std::memory_order_release);
  put_moment(q, static_cast<uint64_t>(time) | framering::kDroppedMoment, FR_CLOCK_MONOTONIC, time);
  FR_KILL_POINT(drop_head);
  // Whoever stands still here may hold a slot without knowing it.
  g.roll.sweep(time, head_);
  if (sequence != nullptr) *sequence = q;
}
