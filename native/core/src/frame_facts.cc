#include "frame_facts.h"

#include <algorithm>
#include <cstring>

#include "once.h"

namespace framering {

void take_facts(const FrameHeader& h, uint64_t slot_bytes, fr_frame* frame) {
  frame->epoch = h.epoch;
  frame->bytes_used = std::min(once(h.bytes_used), slot_bytes);
  frame->publish_time = h.publish_time;
  frame->capture_time = h.capture_time;
  frame->capture_clock = h.capture_clock;
  frame->capture_moment = h.capture_moment;
  frame->source_sequence = h.source_sequence;
  frame->pts = h.pts;
  frame->duration = h.duration;
  frame->time_base_num = h.time_base_num;
  frame->time_base_den = h.time_base_den;
  frame->flags = h.flags;
  frame->reserved = 0;
  memcpy(frame->user, h.user, sizeof frame->user);
}

bool take_format(const FrameHeader& h, uint64_t slot_bytes, fr_format* format) {
  fr_format f = {};
  f.dtype = once(h.dtype);
  f.ndim = once(h.ndim);
  f.plane_count = once(h.plane_count);
  uint64_t bytes = fr_dtype_size(f.dtype);
  if (bytes == 0 || f.ndim > FR_MAX_DIMS || f.plane_count > FR_MAX_PLANES) return false;
  for (uint32_t i = 0; i < f.ndim; ++i) {
    f.shape[i] = once(h.shape[i]);
    if (f.shape[i] == 0 || __builtin_mul_overflow(bytes, f.shape[i], &bytes)) return false;
  }
  if (bytes > slot_bytes) return false;
  for (uint32_t i = 0; i < f.plane_count; ++i) {
    f.planes[i].offset = once(h.planes[i].offset);
    f.planes[i].stride = once(h.planes[i].stride);
    if (f.planes[i].offset > slot_bytes || f.planes[i].stride > slot_bytes) return false;
  }
  f.fourcc = h.fourcc;
  f.width = h.width;
  f.height = h.height;
  f.color_primaries = h.color[0];
  f.color_transfer = h.color[1];
  f.color_matrix = h.color[2];
  f.color_range = h.color[3];
  *format = f;
  return true;
}

}  // namespace framering
