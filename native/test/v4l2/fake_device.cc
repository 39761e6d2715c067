#include "fake_device.h"

#include <algorithm>
#include <cstring>
#include <sstream>

namespace framering::v4l2 {

namespace {

// Numbers as 7 or 0x2000.
template <class T>
bool Number(std::istream& in, T* out) {
  std::string word;
  if (!(in >> word)) return false;
  char* end = nullptr;
  const int64_t value = std::strtoll(word.c_str(), &end, 0);
  *out = static_cast<T>(value);
  return *end == '\0';
}

template <class... T>
bool Numbers(std::istream& in, T*... out) {
  return (Number(in, out) && ...);
}

bool Code(std::istream& in, uint32_t* out) {
  std::string four;
  if (!(in >> four) || four.size() > 4) return false;
  four.resize(4, ' ');
  memcpy(out, four.data(), 4);
  return true;
}

std::string Rest(std::istream& in) {
  std::string rest;
  std::getline(in >> std::ws, rest);
  return rest;
}

}  // namespace

bool FakeDevice::Parse(const std::string& recording, std::string* problem) {
  std::istringstream lines(recording);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && !ParseLine(line)) {
      *problem = line;
      return false;
    }
  }
  return true;
}

bool FakeDevice::ParseLine(const std::string& line) {
  std::istringstream in(line);
  std::string what;
  in >> what;
  if (what == "driver") return !(driver = Rest(in)).empty();
  if (what == "card") return !(card = Rest(in)).empty();
  if (what == "bus") return !(bus = Rest(in)).empty();
  if (what == "caps") return Number(in, &caps);
  if (what == "format") {
    FakeFormat format;
    if (!Code(in, &format.code) || !Number(in, &format.flags)) return false;
    format.description = Rest(in);
    formats.push_back(format);
    return true;
  }
  if (what == "size" || what == "steps") {
    v4l2_frmsizeenum size = {};
    if (!Code(in, &size.pixel_format)) return false;
    v4l2_frmsize_stepwise& s = size.stepwise;
    size.type = what == "size" ? V4L2_FRMSIZE_TYPE_DISCRETE : V4L2_FRMSIZE_TYPE_STEPWISE;
    const bool read = what == "size" ? Numbers(in, &size.discrete.width, &size.discrete.height)
                                     : Numbers(in, &s.min_width, &s.max_width, &s.step_width,
                                               &s.min_height, &s.max_height, &s.step_height);
    for (FakeFormat& format : formats) {
      if (format.code == size.pixel_format) format.sizes.push_back(size);
    }
    return read;
  }
  if (what == "interval" || what == "intervals") {
    v4l2_frmivalenum entry = {};
    const bool one = what == "interval";
    entry.type = one ? V4L2_FRMIVAL_TYPE_DISCRETE : V4L2_FRMIVAL_TYPE_STEPWISE;
    intervals.push_back(entry);
    v4l2_frmivalenum& e = intervals.back();
    return one ? Numbers(in, &e.discrete.numerator, &e.discrete.denominator)
               : Numbers(in, &e.stepwise.min.numerator, &e.stepwise.min.denominator,
                         &e.stepwise.max.numerator, &e.stepwise.max.denominator);
  }
  if (what == "mode") {
    FakeMode m;
    if (!Code(in, &m.code) || !Numbers(in, &m.width, &m.height, &m.field, &m.colorspace, &m.ycbcr,
                                       &m.quantization, &m.transfer)) {
      return false;
    }
    for (FakePlane plane; Number(in, &plane.stride) && Number(in, &plane.size);) {
      m.planes.push_back(plane);
    }
    modes.push_back(m);
    return !m.planes.empty();
  }
  if (what == "control") {
    FakeControl control;
    v4l2_query_ext_ctrl& q = control.query;
    if (!Numbers(in, &q.id, &q.type, &q.flags, &q.minimum, &q.maximum, &q.step, &q.default_value)) {
      return false;
    }
    const std::string name = Rest(in);
    memcpy(q.name, name.data(), std::min(sizeof q.name, name.size()));
    control.value = q.default_value;
    controls.push_back(control);
    return true;
  }
  if (what == "choice" || what == "number") {
    v4l2_querymenu entry = {};
    uint32_t id;
    uint32_t index;
    if (!Numbers(in, &id, &index)) return false;
    entry.id = id;
    entry.index = index;
    if (what == "number") {
      int64_t value;
      if (!Number(in, &value)) return false;
      entry.value = value;
    } else {
      const std::string name = Rest(in);
      memcpy(entry.name, name.data(), std::min(sizeof entry.name, name.size()));
    }
    for (FakeControl& control : controls) {
      if (control.query.id == id) control.menu[index] = entry;
    }
    return true;
  }
  if (what == "frame") {
    FakeEvent event;
    if (!Numbers(in, &event.sequence, &event.seconds, &event.microseconds, &event.flags,
                 &event.payload)) {
      return false;
    }
    for (std::array<uint32_t, 2> plane; Numbers(in, &plane[0], &plane[1]);) {
      event.planes.push_back(plane);
    }
    events.push_back(event);
    return true;
  }
  if (what == "unplug" || what == "hangup" || what == "error") {
    FakeEvent event;
    event.kind = what == "unplug"   ? FakeEvent::kUnplug
                 : what == "hangup" ? FakeEvent::kHangUp
                                    : FakeEvent::kError;
    events.push_back(event);
    return what != "error" || Number(in, &events.back().error);
  }
  if (what == "fail") {
    std::string name;
    Failure failure;
    if (!(in >> name) || !Numbers(in, &failure.error, &failure.times)) return false;
    failures[name] = failure;
    return true;
  }
  if (what == "lie") {
    std::string name;
    return (in >> name) && Number(in, &lies[name]);
  }
  return false;
}

uint32_t FakeDevice::Lie(const char* name, uint32_t truth) const {
  const auto found = lies.find(name);
  return found == lies.end() ? truth : found->second;
}

int FakeDevice::Fails(const std::string& name) {
  const auto found = failures.find(name);
  if (found == failures.end() || found->second.times == 0) return 0;
  if (found->second.times > 0) --found->second.times;
  return found->second.error;
}

}  // namespace framering::v4l2
