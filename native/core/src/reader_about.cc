// What a reader knows about its frames, its ring and itself.
#include <algorithm>
#include <cinttypes>
#include <cstring>

#include "error.h"
#include "once.h"
#include "reader.h"

using framering::fail;
using framering::FrameHeader;
using framering::once;

fr_status fr_reader::format(uint32_t slot, fr_format* format, char* text, uint32_t* text_bytes,
                            fr_error* err) const {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
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
  position->restart = lost_restart_;
  position->aged = aged_;
  position->dropped = base_dropped_;
  position->source_lost = base_source_lost_;
}
