#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "system.h"

namespace framering::v4l2 {

namespace {

class LinuxSystem final : public System {
 public:
  int Open(const char* path, int flags) override {
    const int fd = open(path, flags);
    return fd < 0 ? -errno : fd;
  }

  int Ioctl(int fd, unsigned long request, void* argument) override {
    int result;
    do {
      result = ioctl(fd, request, argument);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
  }

  void* Map(int fd, size_t length, int64_t offset, int* error) override {
    void* address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    if (address != MAP_FAILED) return address;
    *error = errno;
    return nullptr;
  }

  void Unmap(void* address, size_t length) override { munmap(address, length); }

  void Close(int fd) override { close(fd); }
};

}  // namespace

System& TheSystem() {
  static LinuxSystem system;
  return system;
}

}  // namespace framering::v4l2
