// All that this library asks of the kernel, so that a test can put a recorded device in its place:
// by linking another `TheSystem`, and nothing of that is in what users get.
#pragma once

#include <cstddef>
#include <cstdint>

namespace framering::v4l2 {

// Every call returns what the system call would, or the negated errno.
class System {
 public:
  virtual int Open(const char* path, int flags) = 0;
  virtual int Ioctl(int fd, unsigned long request, void* argument) = 0;
  // nullptr on failure, with the errno in `*error`.
  virtual void* Map(int fd, size_t length, int64_t offset, int* error) = 0;
  virtual void Unmap(void* address, size_t length) = 0;
  virtual void Close(int fd) = 0;

 protected:
  ~System() = default;
};

System& TheSystem();

}  // namespace framering::v4l2
