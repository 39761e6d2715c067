#include "inspection.h"

#include <sys/stat.h>

#include <algorithm>
#include <cinttypes>
#include <memory>

#include "copy_unheld.h"
#include "epoch_text.h"
#include "error.h"
#include "frame_facts.h"
#include "once.h"

using framering::FrameHeader;
using framering::kMaxSequence;
using framering::LiveState;
using framering::relaxed;

namespace {

fr_object_facts object_facts(int fd) {
  fr_object_facts facts = {};
  struct stat st;
  if (fd < 0 || fstat(fd, &st) != 0) return facts;
  facts.known = 1;
  facts.mode = st.st_mode & 07777;
  facts.uid = st.st_uid;
  facts.gid = st.st_gid;
  facts.bytes = static_cast<uint64_t>(st.st_blocks) * 512;
  return facts;
}

}  // namespace

fr_status fr_inspection::open(const char* directory, const char* name, fr_inspection** out,
                              fr_error* err) {
  auto i = std::make_unique<fr_inspection>();
  if (const fr_status s = framering::RingName::parse(directory, name, &i->name_, err); s != FR_OK) {
    return s;
  }
  if (const fr_status s =
          framering::attach(i->name_, 0, framering::Purpose::kInspect, &i->data_, &i->ctl_, err);
      s != FR_OK) {
    return s;
  }
  *out = i.release();
  return FR_OK;
}

bool fr_inspection::copy_header(uint32_t slot, uint64_t state, FrameHeader* copy) const {
  const FrameHeader* h = data_.frame(slot);
  if (h->state.load(std::memory_order_acquire) != state) return false;
  framering::copy_unheld(reinterpret_cast<unsigned char*>(copy) + sizeof h->state,
                         reinterpret_cast<const unsigned char*>(h) + sizeof h->state,
                         sizeof(FrameHeader) - sizeof h->state);
  // The fence keeps the second look behind the copy.
  std::atomic_thread_fence(std::memory_order_acquire);
  return h->state.load(std::memory_order_relaxed) == state;
}

// Before the first frame the writer keeps its format in the first slot, on loan or not.
bool fr_inspection::copy_first_format(FrameHeader* copy) const {
  const LiveState* live = data_.live();
  const uint32_t epoch = live->epoch.load(std::memory_order_acquire);
  framering::copy_unheld(copy, data_.frame(0), sizeof *copy);
  // The fence keeps the second looks behind the copy.
  std::atomic_thread_fence(std::memory_order_acquire);
  return framering::index_sequence(live->latest.load(std::memory_order_relaxed)) == 0 &&
         copy->epoch == epoch && live->epoch.load(std::memory_order_relaxed) == epoch;
}

// Everything between the newest frame and the head was dropped, but for a frame whose writer was
// killed between the two stores: that one stands in the order index.
fr_inspection::Cursors fr_inspection::cursors() const {
  const LiveState* live = data_.live();
  const uint32_t mask = data_.geometry().index_count - 1;
  Cursors c = {};
  // Again while frames come faster than we look: each round needs a microsecond.
  for (int attempt = 0; attempt < 64; ++attempt) {
    // Acquire, each: latest is stored after head, so this head is the latest's or a later one.
    const uint64_t entry = live->latest.load(std::memory_order_acquire);
    c.head = std::min(live->head.load(std::memory_order_acquire), kMaxSequence);
    c.latest = std::min(framering::index_sequence(entry), c.head);
    const uint32_t slot = framering::index_slot(entry);
    uint64_t base = relaxed(live->first_head), dropped = relaxed(live->first_dropped);
    if (c.latest != 0) {
      FrameHeader h;
      if (slot >= data_.geometry().slot_count || !copy_header(slot, c.latest, &h)) continue;
      base = c.latest;
      dropped = h.dropped_total;
      c.source_lost = h.source_lost_total;
    }
    const uint64_t last = data_.index()[c.head & mask].load(std::memory_order_acquire);
    const bool unfinished = c.head > base && framering::index_sequence(last) == c.head;
    // Both are of one moment when no frame came in between.
    if (live->latest.load(std::memory_order_acquire) != entry) continue;
    if (c.head >= base) dropped += c.head - base - (unfinished ? 1 : 0);
    c.dropped = std::min(dropped, c.head);
    break;
  }
  c.source_lost = std::max(c.source_lost, relaxed(live->source_lost));
  return c;
}

void fr_inspection::ring(fr_ring_facts* facts) const {
  *facts = {};
  if (process_.foreign()) return;
  const framering::DataHeader& header = data_.header();
  const LiveState* live = data_.live();
  facts->generation = header.id.generation;
  facts->session = header.session;
  facts->created = header.created;
  facts->layout = header.id.version;
  facts->writer_pid = header.writer_pid;
  facts->writer_uid = header.writer_uid;
  facts->writer_alive = data_.writer_alive() ? 1 : 0;
  facts->named = data_.still_named(name_) ? 1 : 0;
  facts->state = live->state.load(std::memory_order_acquire);
  facts->epoch = live->epoch.load(std::memory_order_acquire);
  facts->slot_count = data_.geometry().slot_count;
  facts->max_readers = data_.geometry().max_readers;
  facts->slot_bytes = data_.geometry().slot_bytes;
  facts->locked_bytes = relaxed(live->locked_bytes);
  facts->data = object_facts(data_.fd());
  facts->control = object_facts(ctl_.ok() ? ctl_.fd() : -1);
  const Cursors c = cursors();
  facts->head = c.head;
  facts->latest = c.latest;
  facts->published = c.head - c.dropped;
  facts->dropped = c.dropped;
  facts->source_lost = c.source_lost;
  facts->abandoned = relaxed(live->abandoned);
  facts->bells = relaxed(live->bells);
  facts->reclaimed = relaxed(live->reclaimed);
  facts->waited_ns = relaxed(live->waited);
  // Last: zeros may have been read until now.
  facts->truncated = data_.truncated() || (ctl_.ok() && ctl_.truncated()) ? 1 : 0;
}

fr_status fr_inspection::format(fr_format* format, char* text, uint32_t* text_bytes,
                                fr_error* err) const {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  const LiveState* live = data_.live();
  FrameHeader h;
  for (int attempt = 0; attempt < 64; ++attempt) {
    const uint64_t entry = live->latest.load(std::memory_order_acquire);
    const uint64_t latest = framering::index_sequence(entry);
    const uint32_t slot = latest == 0 ? 0 : framering::index_slot(entry);
    if (slot >= data_.geometry().slot_count) break;
    if (latest != 0 ? !copy_header(slot, latest, &h) : !copy_first_format(&h)) continue;
    if (!framering::take_format(h, data_.geometry().slot_bytes, format)) break;
    *text_bytes =
        framering::read_text(data_.text(h.epoch % framering::kTexts), h.epoch, text, *text_bytes);
    return FR_OK;
  }
  return framering::fail(err, FR_NOT_A_RING, 0,
                         "ring '%s' is damaged: the format of its newest frame does not fit its "
                         "slot",
                         name_.name.c_str());
}

uint32_t fr_inspection::moments(uint64_t after, fr_moment* out, uint32_t room) const {
  if (process_.foreign()) return 0;
  const LiveState* live = data_.live();
  const uint64_t head = std::min(live->told.load(std::memory_order_acquire), kMaxSequence);
  uint64_t first = std::max(after, relaxed(live->first_head)) + 1;
  if (head + 2 > first + framering::kMoments) first = head + 2 - framering::kMoments;
  uint32_t count = 0;
  for (uint64_t q = first; q <= head && count < room; ++q) {
    const framering::Moment* m = data_.moment(q);
    const uint64_t time = relaxed(m->time);
    const uint64_t capture = relaxed(m->capture);
    fr_moment& to = out[count++];
    to.sequence = q;
    to.time = static_cast<int64_t>(time & ~framering::kDroppedMoment);
    to.dropped = (time & framering::kDroppedMoment) != 0 ? 1 : 0;
    to.capture_time = static_cast<int64_t>(capture) >> 2;
    to.capture_clock = (capture & 3) + 1;
  }
  // The fence keeps the second look behind the reading: what the writer has come round to since may
  // have been changed under us.
  std::atomic_thread_fence(std::memory_order_acquire);
  const uint64_t now = std::min(live->told.load(std::memory_order_relaxed), kMaxSequence);
  if (now + 2 <= first + framering::kMoments) return count;
  const uint64_t stale = std::min<uint64_t>(now + 2 - framering::kMoments - first, count);
  std::copy(out + stale, out + count, out);
  return count - static_cast<uint32_t>(stale);
}

fr_status fr_inspection::frame(uint64_t sequence, fr_frame* frame, fr_format* format,
                               fr_error* err) const {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  const framering::Geometry& g = data_.geometry();
  const uint64_t entry =
      data_.index()[sequence & (g.index_count - 1)].load(std::memory_order_acquire);
  const uint32_t slot = framering::index_slot(entry);
  FrameHeader h;
  // A slot that the writer looks at without taking it keeps its frame: the mark is gone again in a
  // few instructions.
  bool copied = false;
  if (sequence != 0 && framering::index_sequence(entry) == sequence && slot < g.slot_count) {
    copied = copy_header(slot, sequence, &h) ||
             copy_header(slot, sequence | framering::kProbing, &h) ||
             copy_header(slot, sequence, &h);
  }
  if (!copied) {
    return framering::fail(err, FR_NOT_FOUND, 0, "frame %" PRIu64 " of ring '%s' is not there",
                           sequence, name_.name.c_str());
  }
  *frame = {};
  framering::take_facts(h, g.slot_bytes, frame);
  frame->slot = slot;
  frame->sequence = sequence;
  if (framering::take_format(h, g.slot_bytes, format)) return FR_OK;
  return framering::fail(err, FR_NOT_A_RING, 0,
                         "the header of frame %" PRIu64
                         " of ring '%s' is damaged: its format does not fit its slot",
                         sequence, name_.name.c_str());
}
