// What a device offers: formats, sizes, intervals.
#include <cerrno>
#include <cstring>

#include "device.h"

namespace {

// EINVAL ends a list, and so does a driver that has no such list.
bool IsEnd(int result) { return result == -EINVAL || result == -ENOTTY; }

fr_status Ended(const fr_v4l2& d, int result, int* found, const char* doing, fr_error* err) {
  *found = 0;
  return IsEnd(result) ? FR_OK : d.Failed(result, doing, err);
}

}  // namespace

extern "C" {

fr_status fr_v4l2_format_at(fr_v4l2* d, uint32_t index, fr_v4l2_format_entry* out, int* found,
                            fr_error* err) {
  v4l2_fmtdesc entry = {};
  entry.index = index;
  entry.type = d->buffer_type;
  const int result = d->Ioctl(VIDIOC_ENUM_FMT, &entry);
  if (result < 0) return Ended(*d, result, found, "list its formats", err);
  *found = 1;
  out->pixelformat = entry.pixelformat;
  out->flags = entry.flags;
  static_assert(sizeof out->description == sizeof entry.description);
  memcpy(out->description, entry.description, sizeof entry.description);
  return FR_OK;
}

fr_status fr_v4l2_size_at(fr_v4l2* d, uint32_t pixelformat, uint32_t index, fr_v4l2_size_entry* out,
                          int* found, fr_error* err) {
  v4l2_frmsizeenum entry = {};
  entry.index = index;
  entry.pixel_format = pixelformat;
  const int result = d->Ioctl(VIDIOC_ENUM_FRAMESIZES, &entry);
  if (result < 0) return Ended(*d, result, found, "list its sizes", err);
  *found = 1;
  if (entry.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
    const uint32_t width = entry.discrete.width;
    const uint32_t height = entry.discrete.height;
    *out = {0, width, width, 1, height, height, 1};
  } else {
    const v4l2_frmsize_stepwise& s = entry.stepwise;
    *out = {1, s.min_width, s.max_width, s.step_width, s.min_height, s.max_height, s.step_height};
  }
  return FR_OK;
}

fr_status fr_v4l2_interval_at(fr_v4l2* d, uint32_t pixelformat, uint32_t width, uint32_t height,
                              uint32_t index, fr_v4l2_interval_entry* out, int* found,
                              fr_error* err) {
  v4l2_frmivalenum entry = {};
  entry.index = index;
  entry.pixel_format = pixelformat;
  entry.width = width;
  entry.height = height;
  const int result = d->Ioctl(VIDIOC_ENUM_FRAMEINTERVALS, &entry);
  if (result < 0) return Ended(*d, result, found, "list its frame rates", err);
  *found = 1;
  const bool discrete = entry.type == V4L2_FRMIVAL_TYPE_DISCRETE;
  const v4l2_fract min = discrete ? entry.discrete : entry.stepwise.min;
  const v4l2_fract max = discrete ? entry.discrete : entry.stepwise.max;
  *out = {discrete ? 0U : 1U, {min.numerator, min.denominator}, {max.numerator, max.denominator}};
  return FR_OK;
}

}  // extern "C"
