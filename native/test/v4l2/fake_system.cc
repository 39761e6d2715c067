#include "fake_system.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace framering::v4l2 {

namespace {

constexpr uint32_t kNoSlot = UINT32_MAX;
constexpr size_t kPage = 4096;

size_t Pages(size_t length) { return (length + kPage - 1) / kPage * kPage; }

std::string NameOf(unsigned long request) {
  switch (request) {
    case VIDIOC_QUERYCAP:
      return "QUERYCAP";
    case VIDIOC_G_FMT:
      return "G_FMT";
    case VIDIOC_S_FMT:
      return "S_FMT";
    case VIDIOC_G_PARM:
      return "G_PARM";
    case VIDIOC_S_PARM:
      return "S_PARM";
    case VIDIOC_REQBUFS:
      return "REQBUFS";
    case VIDIOC_QUERYBUF:
      return "QUERYBUF";
    case VIDIOC_QBUF:
      return "QBUF";
    case VIDIOC_DQBUF:
      return "DQBUF";
    case VIDIOC_STREAMON:
      return "STREAMON";
    case VIDIOC_STREAMOFF:
      return "STREAMOFF";
    case VIDIOC_S_EXT_CTRLS:
      return "S_EXT_CTRLS";
    case VIDIOC_G_EXT_CTRLS:
      return "G_EXT_CTRLS";
    default:
      return "";
  }
}

}  // namespace

FakeSystem& TheFake() {
  static FakeSystem system;
  return system;
}

System& TheSystem() { return TheFake(); }

std::shared_ptr<FakeDevice> FakeSystem::Find(const std::string& path) {
  const auto found = devices_.find(path);
  return found == devices_.end() ? nullptr : found->second;
}

int FakeSystem::Open(const char* path, int /*flags*/) {
  const auto device = Find(path);
  if (device == nullptr) return -ENOENT;
  if (const int error = device->Fails("open"); error != 0) return -error;
  if (!device->plugged) return -ENODEV;
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return -errno;
  FakeHandle& handle = handles_[ends[0]];
  handle.device = device;
  handle.ready = ends[1];
  return ends[0];
}

void FakeSystem::Close(int fd) {
  FakeHandle& h = handles_.at(fd);
  if (h.device->streamer == &h) h.device->streamer = nullptr;
  if (h.ready >= 0) close(h.ready);
  close(fd);
  handles_.erase(fd);
}

void FakeSystem::Unplug(const std::string& path) {
  if (const auto device = Find(path); device != nullptr) Disconnect(*device);
  devices_.erase(path);
}

void FakeSystem::Disconnect(FakeDevice& d) {
  d.plugged = false;
  for (auto& [fd, h] : handles_) {
    if (h.device.get() != &d || h.ready < 0) continue;
    close(h.ready);
    h.ready = -1;
  }
}

void FakeSystem::Play(const std::string& path, int64_t events) {
  const auto device = Find(path);
  if (device == nullptr) return;
  device->allowance += events;
  for (auto& [fd, h] : handles_) {
    if (h.device == device) Advance(h);
  }
}

// Plays as many events as are allowed and find a buffer.
void FakeSystem::Advance(FakeHandle& h) {
  FakeDevice& d = *h.device;
  while (h.streaming && d.plugged && d.allowance > 0 && !d.events.empty()) {
    const FakeEvent event = d.events.front();
    if (event.kind == FakeEvent::kFrame && h.queued.empty()) return;
    d.events.pop_front();
    --d.allowance;
    if (event.kind == FakeEvent::kUnplug || event.kind == FakeEvent::kHangUp) {
      Disconnect(d);
      d.plugged = event.kind == FakeEvent::kHangUp;  // and every call answers as before
      return;
    }
    if (event.kind == FakeEvent::kError) {
      h.done.push_back(kNoSlot);
      h.errors.push_back(event.error);
    } else {
      const uint32_t index = h.queued.front();
      h.queued.pop_front();
      FakeHandle::Slot& slot = h.slots[index];
      slot.event = event;
      const std::vector<uint8_t>& payload = d.payloads[event.payload];
      size_t at = 0;
      for (size_t i = 0; i < slot.memory.size(); ++i) {
        const size_t size = d.modes[d.mode].planes[i].size;
        const size_t bytes = std::min(size, payload.size() - at);
        if (slot.memory[i] != nullptr) memcpy(slot.memory[i], payload.data() + at, bytes);
        at += bytes;
      }
      h.done.push_back(index);
    }
    if (h.ready < 0) return;
    const char byte = 0;
    if (write(h.ready, &byte, 1) != 1) return;
  }
}

int FakeSystem::Ioctl(int fd, unsigned long request, void* argument) {
  FakeHandle& h = handles_.at(fd);
  FakeDevice& d = *h.device;
  const std::string name = NameOf(request);
  if (!name.empty() && name[0] != 'G' && name != "DQBUF" && name != "QBUF") d.log.push_back(name);
  if (!d.plugged) return -ENODEV;
  if (const int error = d.Fails(name); error != 0) return -error;
  if (request == VIDIOC_DQBUF) return Dequeue(h, fd, static_cast<v4l2_buffer*>(argument));
  int result = Stream(h, request, argument);
  if (result == -ENOTTY) result = Settings(d, request, argument);
  if (result == -ENOTTY) result = Controls(d, request, argument);
  return result;
}

int FakeSystem::Stream(FakeHandle& h, unsigned long request, void* argument) {
  FakeDevice& d = *h.device;
  const std::vector<FakePlane>& planes = d.modes[d.mode].planes;
  switch (request) {
    case VIDIOC_S_FMT:
      return d.streamer != nullptr ? -EBUSY : -ENOTTY;
    case VIDIOC_REQBUFS: {
      auto* r = static_cast<v4l2_requestbuffers*>(argument);
      if (r->memory != V4L2_MEMORY_MMAP) return -EINVAL;
      if (d.streamer != nullptr && d.streamer != &h) return -EBUSY;
      for (const FakeHandle::Slot& slot : h.slots) {
        for (const uint8_t* memory : slot.memory) {
          if (memory != nullptr) return -EBUSY;  // still mapped
        }
      }
      r->count = r->count == 0 ? 0 : d.Lie("buffers", r->count);
      d.streamer = r->count == 0 ? nullptr : &h;
      h.slots.assign(std::min<size_t>(r->count, 64), {});
      for (size_t i = 0; i < h.slots.size(); ++i) {
        for (size_t p = 0; p < planes.size(); ++p) {
          h.slots[i].offsets.push_back(static_cast<uint32_t>((i * 8 + p + 1) * kPage));
        }
        h.slots[i].memory.assign(planes.size(), nullptr);
      }
      return 0;
    }
    case VIDIOC_QUERYBUF: {
      auto* b = static_cast<v4l2_buffer*>(argument);
      if (b->index >= h.slots.size()) return -EINVAL;
      const FakeHandle::Slot& slot = h.slots[b->index];
      if (!d.multi_planar()) {
        b->length = d.Lie("length", planes[0].size);
        b->m.offset = d.Lie("offset", slot.offsets[0]);
        return 0;
      }
      if (b->length < planes.size()) return -EINVAL;
      b->length = d.Lie("planes", static_cast<uint32_t>(planes.size()));
      for (size_t p = 0; p < planes.size(); ++p) {
        b->m.planes[p].length = d.Lie("length", planes[p].size);
        b->m.planes[p].m.mem_offset = d.Lie("offset", slot.offsets[p]);
      }
      return 0;
    }
    case VIDIOC_QBUF: {
      const auto* b = static_cast<v4l2_buffer*>(argument);
      if (b->index >= h.slots.size()) return -EINVAL;
      if (std::find(h.queued.begin(), h.queued.end(), b->index) != h.queued.end()) return -EINVAL;
      h.queued.push_back(b->index);
      Advance(h);
      return 0;
    }
    case VIDIOC_STREAMON:
      h.streaming = true;
      Advance(h);
      return 0;
    case VIDIOC_STREAMOFF:
      h.streaming = false;
      h.queued.clear();
      h.done.clear();
      return 0;
    default:
      return -ENOTTY;
  }
}

int FakeSystem::Dequeue(FakeHandle& h, int fd, v4l2_buffer* b) {
  const FakeDevice& d = *h.device;
  char byte;
  if (h.done.empty()) return -EAGAIN;
  if (read(fd, &byte, 1) != 1) return -EAGAIN;
  const uint32_t index = h.done.front();
  h.done.pop_front();
  if (index == kNoSlot) {
    const int error = h.errors.front();
    h.errors.pop_front();
    return -error;
  }
  const FakeEvent& event = h.slots[index].event;
  b->index = d.Lie("index", index);
  b->sequence = event.sequence;
  b->flags = event.flags;
  b->timestamp.tv_sec = event.seconds;
  b->timestamp.tv_usec = event.microseconds;
  const std::vector<FakePlane>& planes = d.modes[d.mode].planes;
  const auto used = [&](size_t plane) {
    if (plane < event.planes.size()) return event.planes[plane];
    const uint32_t bytes = static_cast<uint32_t>(d.payloads[event.payload].size());
    return std::array<uint32_t, 2>{planes.size() == 1 ? bytes : planes[plane].size, 0};
  };
  if (!d.multi_planar()) {
    b->bytesused = used(0)[0];
    return 0;
  }
  for (size_t p = 0; p < planes.size(); ++p) {
    b->m.planes[p].bytesused = used(p)[0];
    b->m.planes[p].data_offset = used(p)[1];
  }
  return 0;
}

// With a page behind it that must not be touched.
void* FakeSystem::Map(int fd, size_t length, int64_t offset, int* error) {
  FakeHandle& h = handles_.at(fd);
  const FakeDevice& d = *h.device;
  *error = EINVAL;
  for (FakeHandle::Slot& slot : h.slots) {
    for (size_t p = 0; p < slot.offsets.size(); ++p) {
      if (slot.offsets[p] != offset || length > d.modes[d.mode].planes[p].size) continue;
      void* address = mmap(nullptr, Pages(length) + kPage, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (address == MAP_FAILED) return nullptr;
      mprotect(static_cast<uint8_t*>(address) + Pages(length), kPage, PROT_NONE);
      mappings_[address] = length;
      slot.memory[p] = static_cast<uint8_t*>(address);
      return address;
    }
  }
  return nullptr;
}

void FakeSystem::Unmap(void* address, size_t length) {
  mappings_.erase(address);
  munmap(address, Pages(length) + kPage);
  for (auto& [fd, h] : handles_) {
    for (FakeHandle::Slot& slot : h.slots) {
      std::replace(slot.memory.begin(), slot.memory.end(), static_cast<uint8_t*>(address),
                   static_cast<uint8_t*>(nullptr));
    }
  }
}

}  // namespace framering::v4l2
