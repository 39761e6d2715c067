#include "layout.h"

namespace framering {
namespace {

constexpr uint64_t round_up(uint64_t value, uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

uint32_t index_count_for(uint32_t slot_count) {
  // Four times the slots: with up to three drops between two frames every frame still in a slot can
  // be found. More drops than that cost `every` readers the older frames, counted as overrun.
  uint32_t count = 64;
  while (count < 4 * slot_count) count *= 2;
  return count;
}

}  // namespace

bool Geometry::compute(uint64_t slot_bytes, uint32_t slot_count, uint32_t max_readers,
                       Geometry* out) {
  constexpr uint64_t kMost =
      1ull << 46;  // of one object; far above any machine, far below overflow
  if (slot_count < 2 || slot_count > FR_MAX_SLOTS) return false;
  if (max_readers < 1 || max_readers > FR_MAX_READERS) return false;
  if (slot_bytes < 1 || slot_bytes > kMost / slot_count) return false;
  Geometry g;
  g.slot_count = slot_count;
  g.max_readers = max_readers;
  g.slot_bytes = round_up(slot_bytes, kPage);
  g.index_count = index_count_for(slot_count);
  g.index_offset = 2 * kPage;
  g.frames_offset = g.index_offset + round_up(8ull * g.index_count, sizeof(FrameHeader));
  g.texts_offset = round_up(g.frames_offset + sizeof(FrameHeader) * slot_count, kPage);
  g.moments_offset = g.texts_offset + sizeof(EpochText) * kTexts;
  g.holders_offset = g.moments_offset + sizeof(Moment) * kMoments;
  g.payload_offset = round_up(g.holders_offset + sizeof(Holder) * max_readers, kPage);
  g.data_bytes = g.payload_offset + g.slot_bytes * slot_count;
  g.entries_offset = round_up(kPage + sizeof(PinWord) * slot_count, sizeof(ReaderEntry));
  g.ctl_bytes = round_up(g.entries_offset + sizeof(ReaderEntry) * max_readers, kPage);
  *out = g;
  return true;
}

}  // namespace framering

extern "C" uint64_t fr_ring_bytes(uint64_t slot_bytes, uint32_t slot_count, uint32_t max_readers) {
  framering::Geometry g;
  if (!framering::Geometry::compute(slot_bytes, slot_count, max_readers, &g)) return 0;
  return g.data_bytes + g.ctl_bytes;
}
