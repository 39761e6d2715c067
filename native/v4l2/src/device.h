// An open device: what every part of this library works on.
#pragma once

#include <framering_v4l2.h>
#include <linux/videodev2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "system.h"

namespace framering::v4l2 {

// A piece of the driver's memory.
struct Mapped {
  uint8_t* data = nullptr;
  size_t length = 0;
};

struct Buffer {
  std::array<Mapped, FR_V4L2_MAX_PLANES> planes;
};

// What a dequeued buffer holds, checked: every plane lies within its mapping.
struct Held {
  uint32_t index = 0;
  std::array<const uint8_t*, FR_V4L2_MAX_PLANES> data = {};
  std::array<size_t, FR_V4L2_MAX_PLANES> bytes = {};
};

}  // namespace framering::v4l2

struct fr_v4l2 {
  fr_v4l2() : system(framering::v4l2::TheSystem()) {}
  ~fr_v4l2();
  fr_v4l2(const fr_v4l2&) = delete;
  fr_v4l2& operator=(const fr_v4l2&) = delete;

  // As System::Ioctl, on this device.
  int Ioctl(unsigned long request, void* argument) { return system.Ioctl(fd, request, argument); }
  // The error of a call that returned `result`; `doing` completes "… cannot ".
  fr_status Failed(int result, const char* doing, fr_error* err) const;
  // Stops the stream and frees what belongs to it.
  void Stop();

  framering::v4l2::System& system;
  std::string path;
  int fd = -1;
  fr_v4l2_info info = {};
  uint32_t buffer_type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

  // Of the stream.
  bool allocated = false;
  bool streaming = false;
  uint32_t plane_count = 0;  // of a buffer
  std::vector<framering::v4l2::Buffer> buffers;
  std::vector<fr_v4l2_rows> rows;
  std::vector<bool> queued;
  bool holds = false;
  framering::v4l2::Held held;
};
