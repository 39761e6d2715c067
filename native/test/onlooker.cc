#include "onlooker.h"

#include <cinttypes>

#include "check.h"
#include "playground.h"

namespace framering::test {

bool Onlooker::open() {
  fr_error err;
  close();
  const fr_status s = fr_inspection_open(playground().c_str(), ring_.c_str(), &inspection_, &err);
  CHECK(s == FR_OK || inspection_ == nullptr, "refused, and opened");
  return s == FR_OK;
}

void Onlooker::close() {
  fr_inspection_close(inspection_);
  inspection_ = nullptr;
  head_ = 0;
  for (fr_reader_facts& r : readers_) r = {};
}

void Onlooker::look(bool data, bool ctl) {
  fr_ring_facts ring;
  fr_inspection_ring(inspection_, &ring);
  CHECK(ring.published + ring.dropped == ring.head && ring.latest <= ring.head,
        "head %" PRIu64 ", newest %" PRIu64 ": %" PRIu64 " published, %" PRIu64 " dropped",
        ring.head, ring.latest, ring.published, ring.dropped);
  CHECK(!data || ring.head >= head_, "the head went back from %" PRIu64 " to %" PRIu64, head_,
        ring.head);
  fr_format format;
  fr_error err;
  char text[FR_MAX_DESCRIPTOR];
  uint32_t bytes = sizeof text;
  const fr_status s = fr_inspection_format(inspection_, &format, text, &bytes, &err);
  // One that publishes without a pause may be ahead of every look.
  CHECK(s == FR_OK || s == FR_NOT_A_RING, "format: %s", err.message);
  CHECK(s != FR_OK || (bytes <= sizeof text && fr_dtype_size(format.dtype) != 0), "a wild format");
  look_at_readers(ring, ctl);
  look_at_slots(ring);
  look_at_moments(ring, data);
  head_ = ring.head;
}

void Onlooker::look_at_readers(const fr_ring_facts& ring, bool sound) {
  fr_reader_facts r;
  CHECK(fr_inspection_reader(inspection_, ring.max_readers, &r) == 0, "a reader too many");
  for (uint32_t i = 0; i < ring.max_readers; ++i) {
    if (fr_inspection_reader(inspection_, i, &r) == 0) continue;
    const uint64_t lost = r.lost_no_slot + r.lost_overrun + r.lost_skipped;
    const uint64_t span = r.delivered >= r.joined_at ? r.delivered - r.joined_at + 1 : 0;
    CHECK(r.received + lost == span,
          "reader %u from %" PRIu64 " to %" PRIu64 ": %" PRIu64 " received, %" PRIu64 " lost", i,
          r.joined_at, r.delivered, r.received, lost);
    fr_reader_facts& before = readers_[i];
    // While one joins the figures are of two readers, and its delivery is none yet.
    const bool same = sound && r.joins == before.joins && r.joined_at == before.joined_at &&
                      r.delivery != 0 && before.delivery != 0;
    CHECK(!same || (r.received >= before.received && r.lost_overrun >= before.lost_overrun &&
                    r.lost_skipped >= before.lost_skipped && r.lost_no_slot >= before.lost_no_slot),
          "reader %u had received %" PRIu64 " and lost %" PRIu64 ", now %" PRIu64 " and %" PRIu64,
          i, before.received, before.lost_no_slot + before.lost_overrun + before.lost_skipped,
          r.received, lost);
    before = r;
    CHECK(r.leases <= ring.slot_count && r.delivery <= FR_RELIABLE, "reader %u is wild", i);
  }
}

void Onlooker::look_at_slots(const fr_ring_facts& ring) const {
  fr_slot_facts slot;
  CHECK(fr_inspection_slot(inspection_, ring.slot_count, &slot) == 0, "a slot too many");
  const uint64_t beyond = ring.max_readers == 64 ? 0 : ~0ull << ring.max_readers;
  for (uint32_t s = 0; s < ring.slot_count; ++s) {
    CHECK(fr_inspection_slot(inspection_, s, &slot) != 0, "no slot %u", s);
    CHECK(slot.state <= FR_SLOT_WRITING, "slot %u is wild", s);
    CHECK((slot.state == FR_SLOT_FRAME) == (slot.sequence != 0), "slot %u has no sequence", s);
    CHECK((slot.readers & beyond) == 0, "slot %u has readers that cannot be", s);
    for (uint32_t i = 0; i < FR_MAX_READERS; ++i) {
      CHECK(fr_inspection_held(inspection_, s, i) <= static_cast<uint64_t>(fr_now()),
            "slot %u is held since before the machine was on", s);
    }
  }
}

void Onlooker::look_at_moments(const fr_ring_facts& ring, bool sound) {
  const uint64_t after = ring.head < FR_MOMENTS ? 0 : ring.head - FR_MOMENTS;
  const uint32_t count = fr_inspection_moments(inspection_, after, moments_.data(), FR_MOMENTS);
  uint64_t last = after;
  for (uint32_t i = 0; i < count; ++i) {
    const fr_moment& m = moments_[i];
    CHECK(m.sequence > last && m.capture_clock >= 1 && m.capture_clock <= 4, "a wild moment");
    CHECK(!sound || last == after || (m.sequence == last + 1 && m.time >= moments_[i - 1].time),
          "sequence %" PRIu64 " of %" PRId64 " after %" PRIu64, m.sequence, m.time, last);
    last = m.sequence;
  }
  for (uint32_t i = 0; i < count; i += 1 + count / 8) look_at_frame(moments_[i], sound);
  if (count != 0) look_at_frame(moments_[count - 1], sound);
}

// A moment and the header of its frame were written apart, and are of one publication.
void Onlooker::look_at_frame(const fr_moment& m, bool sound) {
  fr_frame frame;
  fr_format format;
  fr_error err;
  const fr_status s = fr_inspection_frame(inspection_, m.sequence, &frame, &format, &err);
  CHECK(s == FR_OK || s == FR_NOT_FOUND || (!sound && s == FR_NOT_A_RING), "frame %" PRIu64 ": %s",
        m.sequence, err.message);
  if (s != FR_OK || !sound) return;
  CHECK(m.dropped == 0 && frame.sequence == m.sequence && frame.publish_time == m.time,
        "frame %" PRIu64 " of %" PRId64 " has the moment %" PRId64, frame.sequence,
        frame.publish_time, m.time);
  CHECK(frame.capture_clock != m.capture_clock || frame.capture_time == m.capture_time,
        "frame %" PRIu64 " was captured at %" PRId64 " and at %" PRId64, frame.sequence,
        frame.capture_time, m.capture_time);
  ++frames_;
}

}  // namespace framering::test
