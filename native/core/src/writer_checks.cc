#include "writer_checks.h"

#include <cinttypes>

#include "error.h"

namespace framering {

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
  // Readers refuse such a frame as damaged.
  for (uint32_t i = 0; i < f.plane_count; ++i) {
    if (f.planes[i].offset > slot_bytes || f.planes[i].stride > slot_bytes) {
      return fail(err, FR_OPTION_INVALID, 0,
                  "plane %u of the frame starts at byte %" PRIu64 " with rows %" PRIu64
                  " bytes apart, which does not fit a slot of %" PRIu64 " bytes",
                  i, f.planes[i].offset, f.planes[i].stride, slot_bytes);
    }
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
        "the world; use 0600, or 0660 with a group",
        o.mode);
  }
  if (o.control_mode != 0 && o.control_mode != 0600 && o.control_mode != 0660) {
    return fail(err, FR_OPTION_INVALID, 0,
                "control_mode %04o: use 0600 or 0660 (who may not write the control object may not "
                "read it, for reading is enough to lock others out)",
                o.control_mode);
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

}  // namespace framering

extern "C" uint32_t fr_dtype_size(uint32_t dtype) {
  static constexpr uint8_t kSizes[] = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 8, 16};
  return dtype < sizeof kSizes ? kSizes[dtype] : 0;
}
