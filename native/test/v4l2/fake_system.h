// The System of tests: no camera, but recordings of some. Not part of what users get.
#pragma once

#include <memory>

#include "../../v4l2/src/system.h"
#include "fake_device.h"

namespace framering::v4l2 {

// What one open() has: its descriptor is the reading end of a pipe with one byte per frame that is
// ready, which hangs up when the device is unplugged.
struct FakeHandle {
  struct Slot {
    std::vector<uint32_t> offsets;
    std::vector<uint8_t*> memory;  // nullptr: not mapped
    FakeEvent event;
  };
  std::shared_ptr<FakeDevice> device;
  int ready = -1;  // the writing end
  std::vector<Slot> slots;
  std::deque<uint32_t> queued;
  std::deque<uint32_t> done;  // kNoSlot: an error in place of a frame
  std::deque<int> errors;
  bool streaming = false;
};

class FakeSystem final : public System {
 public:
  // Puts a device there; one of the same path that is open is another one by then.
  void Plug(const std::string& path, const std::shared_ptr<FakeDevice>& device) {
    devices_[path] = device;
  }
  void Unplug(const std::string& path);
  // Lets so many more events happen.
  void Play(const std::string& path, int64_t events);
  std::shared_ptr<FakeDevice> Find(const std::string& path);
  size_t handles() const { return handles_.size(); }
  size_t mappings() const { return mappings_.size(); }

  int Open(const char* path, int flags) override;
  int Ioctl(int fd, unsigned long request, void* argument) override;
  void* Map(int fd, size_t length, int64_t offset, int* error) override;
  void Unmap(void* address, size_t length) override;
  void Close(int fd) override;

 private:
  int Settings(FakeDevice& d, unsigned long request, void* argument);
  int Controls(FakeDevice& d, unsigned long request, void* argument);
  int Stream(FakeHandle& h, unsigned long request, void* argument);
  void Advance(FakeHandle& h);
  void Disconnect(FakeDevice& d);
  int Dequeue(FakeHandle& h, int fd, v4l2_buffer* buffer);

  std::map<std::string, std::shared_ptr<FakeDevice>> devices_;
  std::map<int, FakeHandle> handles_;
  std::map<void*, size_t> mappings_;
};

FakeSystem& TheFake();

}  // namespace framering::v4l2
