// A V4L2 device that exists only in this process and plays a recording: what a driver answered, and
// the frames it gave.
//
// A recording is text, one fact a line:
//
//   driver uvcvideo            card Cam Name         bus usb-0000:00:14.0-1      caps 0x04200001
//   format YUYV 0 YUYV 4:2:2                              in the order they are listed
//   size YUYV 640 480          steps YUYV 32 1920 2 32 1080 2
//   interval 1 30              intervals 1 60 1 1         of every format and size
//   mode YUYV 640 480 1 8 0 0 0 1280 614400               field, colorspace, ycbcr, quantization,
//                                                         transfer, then stride and size of each
//                                                         plane
//   control 0x980913 1 0 0 255 1 64 Gain                  id type flags min max step default name
//   choice 0x9a0901 1 Manual Mode                         id index name; number: id index value
//   frame 7 12 500000 0x2000 0                            sequence s us flags payload, then
//   bytesused
//                                                         and data_offset of each plane
//   unplug     hangup     error 5                         what happens in place of a frame
//   fail STREAMON 16 1                                    that ioctl: errno, so often (-1: always)
//   lie index 99                                          see Lie
//
// The first mode is what the device is set to; asked for one it has not, it stays where it is.
#pragma once

#include <linux/videodev2.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace framering::v4l2 {

struct FakeFormat {
  uint32_t code = 0;
  uint32_t flags = 0;
  std::string description;
  std::vector<v4l2_frmsizeenum> sizes;
};

struct FakePlane {
  uint32_t stride;
  uint32_t size;
};

struct FakeMode {
  uint32_t code = 0, width = 0, height = 0;
  uint32_t field = 0, colorspace = 0, ycbcr = 0, quantization = 0, transfer = 0;
  std::vector<FakePlane> planes;
};

struct FakeControl {
  v4l2_query_ext_ctrl query = {};
  std::map<uint32_t, v4l2_querymenu> menu;
  int64_t value = 0;
};

struct FakeEvent {
  enum Kind { kFrame, kUnplug, kHangUp, kError } kind = kFrame;
  int error = 0;
  uint32_t sequence = 0, flags = 0;
  int64_t seconds = 0, microseconds = 0;
  size_t payload = 0;
  std::vector<std::array<uint32_t, 2>> planes;  // bytesused, data_offset
};

struct Failure {
  int error = 0;
  int times = 0;
};

struct FakeDevice {
  // False, with what is wrong in `*problem`, for a recording that cannot be read.
  bool Parse(const std::string& recording, std::string* problem);
  bool multi_planar() const { return (caps & V4L2_CAP_VIDEO_CAPTURE) == 0; }
  // What a lie of that name says, or the truth.
  uint32_t Lie(const char* name, uint32_t truth) const;
  // The errno the next call of that ioctl fails with, 0 for none.
  int Fails(const std::string& name);

  std::string driver, card, bus;
  uint32_t caps = 0;
  std::vector<FakeFormat> formats;
  std::vector<v4l2_frmivalenum> intervals;
  std::vector<FakeMode> modes;
  std::vector<FakeControl> controls;  // by id, rising
  std::deque<FakeEvent> events;
  std::vector<std::vector<uint8_t>> payloads;
  std::map<std::string, Failure> failures;
  std::map<std::string, uint32_t> lies;

  size_t mode = 0;
  v4l2_fract interval = {1, 30};
  bool plugged = true;
  const void* streamer = nullptr;  // the handle that has the buffers
  int64_t allowance = 0;           // events that may still be played
  std::vector<std::string> log;    // names of the ioctls that change something

 private:
  bool ParseLine(const std::string& line);
};

}  // namespace framering::v4l2
