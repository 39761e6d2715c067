// The stream: buffers of the driver's, mapped, queued, dequeued, copied out of.
#include <linux/videodev2.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../../core/src/copy_in.h"
#include "../../core/src/error.h"
#include "device.h"

using framering::fail;
using framering::v4l2::Buffer;
using framering::v4l2::Held;
using framering::v4l2::Mapped;

namespace {

constexpr size_t kMaxPlane = size_t{1} << 30;  // bytes; 8K in 64 bits per pixel is a quarter of it

// A v4l2_buffer and the planes it may point to, which must outlive the call.
struct Message {
  explicit Message(const fr_v4l2& d, uint32_t index = 0) {
    buffer.index = index;
    buffer.type = d.buffer_type;
    buffer.memory = V4L2_MEMORY_MMAP;
    if (d.info.multi_planar == 0) return;
    buffer.m.planes = planes;
    buffer.length = FR_V4L2_MAX_PLANES;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;
  v4l2_buffer buffer = {};
  v4l2_plane planes[FR_V4L2_MAX_PLANES] = {};
};

fr_status Lies(const fr_v4l2& d, const char* what, fr_error* err) {
  return fail(
      err, FR_UNSUPPORTED, 0,
      "The driver of %s says what cannot be (%s). Use the ffmpeg source, or another kernel.",
      d.path.c_str(), what);
}

// rows * stride without an overflow: the caller's numbers are not trusted either.
bool End(uint64_t offset, uint64_t stride, uint32_t rows, uint64_t row_bytes, uint64_t* end) {
  uint64_t span;
  return rows > 0 && !__builtin_mul_overflow(stride, uint64_t{rows} - 1, &span) &&
         !__builtin_add_overflow(span, row_bytes, &span) &&
         !__builtin_add_overflow(span, offset, end);
}

uint64_t FrameBytes(const fr_v4l2& d) {
  uint64_t bytes = 0;
  for (const fr_v4l2_rows& r : d.rows) {
    uint64_t end = 0;
    End(r.offset, r.stride, r.rows, r.row_bytes, &end);
    bytes = std::max(bytes, end);
  }
  return bytes;
}

fr_status MapBuffer(fr_v4l2& d, uint32_t index, fr_error* err) {
  Message query(d, index);
  const int result = d.Ioctl(VIDIOC_QUERYBUF, &query.buffer);
  if (result < 0) return d.Failed(result, "describe its buffers", err);
  const bool multi = d.info.multi_planar != 0;
  const uint32_t planes = multi ? query.buffer.length : 1;
  if (planes < 1 || planes > FR_V4L2_MAX_PLANES || (index > 0 && planes != d.plane_count)) {
    return Lies(d, "the number of a buffer's planes", err);
  }
  d.plane_count = planes;
  d.buffers.emplace_back();
  for (uint32_t i = 0; i < planes; ++i) {
    const size_t length = multi ? query.planes[i].length : query.buffer.length;
    const uint32_t offset = multi ? query.planes[i].m.mem_offset : query.buffer.m.offset;
    if (length == 0 || length > kMaxPlane) return Lies(d, "the length of a buffer", err);
    int sys = 0;
    void* address = d.system.Map(d.fd, length, offset, &sys);
    if (address == nullptr) return d.Failed(-sys, "map its buffers", err);
    d.buffers.back().planes[i] = {static_cast<uint8_t*>(address), length};
  }
  return FR_OK;
}

fr_status CheckRows(const fr_v4l2& d, fr_error* err) {
  for (const fr_v4l2_rows& r : d.rows) {
    uint64_t end;
    uint64_t target;
    bool fits = r.plane < d.plane_count && r.row_bytes > 0 &&
                End(r.source_offset, r.source_stride, r.rows, r.row_bytes, &end) &&
                End(r.offset, r.stride, r.rows, r.row_bytes, &target);
    for (size_t i = 0; fits && i < d.buffers.size(); ++i) {
      fits = end <= d.buffers[i].planes[r.plane].length;
    }
    if (fits) continue;
    return fail(err, FR_OPTION_INVALID, 0,
                "The buffers of %s are too small for a frame of this format: its driver does not "
                "keep its word. Choose another format or size.",
                d.path.c_str());
  }
  if (d.rows.empty() && d.plane_count != 1) {
    return fail(err, FR_UNSUPPORTED, 0, "Compressed frames of %s come in several planes.",
                d.path.c_str());
  }
  return FR_OK;
}

fr_status Queue(fr_v4l2& d, uint32_t index, fr_error* err) {
  Message message(d, index);
  if (d.info.multi_planar != 0) message.buffer.length = d.plane_count;
  const int result = d.Ioctl(VIDIOC_QBUF, &message.buffer);
  if (result < 0) return d.Failed(result, "take a buffer back", err);
  d.queued[index] = true;
  return FR_OK;
}

fr_status Allocate(fr_v4l2& d, uint32_t count, fr_error* err) {
  v4l2_requestbuffers request = {};
  request.count = count;
  request.type = d.buffer_type;
  request.memory = V4L2_MEMORY_MMAP;
  int result = d.Ioctl(VIDIOC_REQBUFS, &request);
  if (result == -EINVAL) {
    return fail(err, FR_UNSUPPORTED, EINVAL,
                "%s has no streaming through mmap: use the ffmpeg source.", d.path.c_str());
  }
  if (result < 0) return d.Failed(result, "give its buffers", err);
  d.allocated = true;
  // One that is filled and one that is read: with less a stream stands still.
  if (request.count < 2) return d.Failed(-ENOMEM, "give two buffers", err);
  if (request.count > FR_V4L2_MAX_BUFFERS) return Lies(d, "the number of its buffers", err);
  d.queued.assign(request.count, false);
  for (uint32_t i = 0; i < request.count; ++i) {
    const fr_status status = MapBuffer(d, i, err);
    if (status != FR_OK) return status;
  }
  fr_status status = CheckRows(d, err);
  for (uint32_t i = 0; status == FR_OK && i < request.count; ++i) status = Queue(d, i, err);
  if (status != FR_OK) return status;
  int type = static_cast<int>(d.buffer_type);
  result = d.Ioctl(VIDIOC_STREAMON, &type);
  if (result < 0) return d.Failed(result, "start its stream", err);
  d.streaming = true;
  return FR_OK;
}

// False for a plane that does not lie within its mapping.
bool Locate(const fr_v4l2& d, const Message& message, Held* held) {
  const Buffer& buffer = d.buffers[held->index];
  for (uint32_t i = 0; i < d.plane_count; ++i) {
    const bool multi = d.info.multi_planar != 0;
    const size_t skipped = multi ? message.planes[i].data_offset : 0;
    const size_t used = multi ? message.planes[i].bytesused : message.buffer.bytesused;
    if (used > buffer.planes[i].length || skipped > used) return false;
    held->data[i] = buffer.planes[i].data + skipped;
    held->bytes[i] = used - skipped;
  }
  return true;
}

bool IsWhole(const fr_v4l2& d, const Held& held) {
  if (d.rows.empty()) return held.bytes[0] > 0;
  return std::all_of(d.rows.begin(), d.rows.end(), [&held](const fr_v4l2_rows& r) {
    uint64_t end = 0;
    return End(r.source_offset, r.source_stride, r.rows, r.row_bytes, &end) &&
           end <= held.bytes[r.plane];
  });
}

void CopyBlock(uint8_t* to, const uint8_t* from, size_t bytes) {
  if (reinterpret_cast<uintptr_t>(to) % 16 == 0) {
    framering::copy_in(to, from, bytes);
  } else {
    memcpy(to, from, bytes);
  }
}

void CopyRows(const fr_v4l2_rows& r, const uint8_t* plane, uint8_t* target) {
  const uint8_t* from = plane + r.source_offset;
  uint8_t* to = target + r.offset;
  if (r.source_stride == r.row_bytes && r.stride == r.row_bytes) {
    CopyBlock(to, from, r.row_bytes * r.rows);
    return;
  }
  for (uint32_t i = 0; i < r.rows; ++i, from += r.source_stride, to += r.stride) {
    memcpy(to, from, r.row_bytes);
  }
}

}  // namespace

void fr_v4l2::Stop() {
  int type = static_cast<int>(buffer_type);
  if (streaming) Ioctl(VIDIOC_STREAMOFF, &type);
  for (const Buffer& buffer : buffers) {
    for (const Mapped& plane : buffer.planes) {
      if (plane.data != nullptr) system.Unmap(plane.data, plane.length);
    }
  }
  // After the unmapping, or the driver would refuse. Until then nobody else can stream.
  if (allocated) {
    v4l2_requestbuffers none = {};
    none.type = buffer_type;
    none.memory = V4L2_MEMORY_MMAP;
    Ioctl(VIDIOC_REQBUFS, &none);
  }
  buffers.clear();
  rows.clear();
  queued.clear();
  plane_count = 0;
  streaming = allocated = holds = false;
}

extern "C" {

fr_status fr_v4l2_start(fr_v4l2* d, uint32_t buffers, const fr_v4l2_rows* rows, uint32_t row_count,
                        fr_error* err) {
  if (d->allocated) {
    return fail(err, FR_OPTION_INVALID, 0, "%s streams already: stop it first.", d->path.c_str());
  }
  if (buffers < 2 || buffers > FR_V4L2_MAX_BUFFERS || row_count > FR_V4L2_MAX_ROWS) {
    return fail(err, FR_OPTION_INVALID, 0, "A stream has 2 to %d buffers and up to %d row blocks.",
                FR_V4L2_MAX_BUFFERS, FR_V4L2_MAX_ROWS);
  }
  d->rows.assign(rows, rows + row_count);
  const fr_status status = Allocate(*d, buffers, err);
  if (status != FR_OK) d->Stop();
  return status;
}

fr_status fr_v4l2_dequeue(fr_v4l2* d, fr_v4l2_frame* out, fr_error* err) {
  *out = {};
  if (!d->streaming) {
    return fail(err, FR_OPTION_INVALID, 0, "%s does not stream: start it first.", d->path.c_str());
  }
  fr_status status = fr_v4l2_requeue(d, err);
  // A driver with nothing but damaged frames must not keep the caller here.
  for (size_t tries = 0; status == FR_OK && tries < d->buffers.size(); ++tries) {
    Message message(*d);
    const int result = d->Ioctl(VIDIOC_DQBUF, &message.buffer);
    if (result == -EAGAIN) return FR_OK;
    if (result < 0) return d->Failed(result, "give its next frame", err);
    Held held;
    held.index = message.buffer.index;
    if (held.index >= d->buffers.size() || !d->queued[held.index]) {
      return Lies(*d, "which buffer it has filled", err);
    }
    d->queued[held.index] = false;
    d->holds = true;
    d->held = held;
    const bool damaged = (message.buffer.flags & V4L2_BUF_FLAG_ERROR) != 0;
    if (!damaged && Locate(*d, message, &d->held) && IsWhole(*d, d->held)) {
      out->held = 1;
      out->sequence = message.buffer.sequence;
      out->flags = message.buffer.flags;
      out->seconds = message.buffer.timestamp.tv_sec;
      out->microseconds = message.buffer.timestamp.tv_usec;
      out->bytes = d->rows.empty() ? d->held.bytes[0] : FrameBytes(*d);
      return FR_OK;
    }
    ++out->damaged;
    status = fr_v4l2_requeue(d, err);
  }
  return status;
}

fr_status fr_v4l2_copy(fr_v4l2* d, uint8_t* target, uint64_t capacity, uint64_t* bytes,
                       fr_error* err) {
  if (!d->holds) {
    return fail(err, FR_OPTION_INVALID, 0, "No frame of %s is held: dequeue one first.",
                d->path.c_str());
  }
  const Held& held = d->held;
  const uint64_t needed = d->rows.empty() ? held.bytes[0] : FrameBytes(*d);
  if (needed > capacity) {
    return framering::fail_short(err, FR_FRAME_TOO_LARGE, needed, capacity,
                                 "A frame of %s has %llu bytes, and there is room for %llu.",
                                 d->path.c_str(), static_cast<unsigned long long>(needed),
                                 static_cast<unsigned long long>(capacity));
  }
  if (d->rows.empty()) CopyBlock(target, held.data[0], needed);
  for (const fr_v4l2_rows& r : d->rows) CopyRows(r, held.data[r.plane], target);
  *bytes = needed;
  return fr_v4l2_requeue(d, err);
}

fr_status fr_v4l2_requeue(fr_v4l2* d, fr_error* err) {
  if (!d->holds) return FR_OK;
  d->holds = false;
  return Queue(*d, d->held.index, err);
}

void fr_v4l2_stop(fr_v4l2* d) { d->Stop(); }

}  // extern "C"
