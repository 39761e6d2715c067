// What a child process that forked without exec must not keep.
//
// A fork shares open file descriptions: a child that kept them would hold the parent's locks and
// its end of the life line, and nobody would learn of the parent's death. So in the child these
// descriptors are closed before fork() returns, zeros stand where the mappings were, and the
// parent's handles refuse to be used. The child is free to make handles of its own.
//
// Children made by posix_spawn, vfork or a bare clone run no such handler; they exec, and the
// descriptors are closed there.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <string>

#include "../include/framering.h"
#include "unique_fd.h"

namespace framering {

// A UniqueFd that is gone in a forked child.
class ForkFd {
 public:
  ForkFd() = default;
  explicit ForkFd(UniqueFd fd);
  // openat(2), errno as it leaves it. No fork comes between: a child that did would keep a
  // descriptor that nobody knows of, and with it every lock that is taken on it later.
  static ForkFd open(int directory, const char* path, int flags, mode_t mode = 0);
  static ForkFd open(const std::string& path, int flags, mode_t mode = 0);
  ForkFd(ForkFd&& other) noexcept;
  ForkFd& operator=(ForkFd&& other) noexcept;
  ForkFd(const ForkFd&) = delete;
  ForkFd& operator=(const ForkFd&) = delete;
  ~ForkFd();

  int get() const { return fd_.get(); }
  bool ok() const { return fd_.ok(); }
  void reset();

 private:
  static void stand_by();
  void link();
  void unlink();
  static void before();
  static void in_parent();
  static void in_child();

  UniqueFd fd_;
  ForkFd* previous_ = nullptr;
  ForkFd* next_ = nullptr;
};

// Tells a process from the one it forked from.
class ProcessMark {
 public:
  ProcessMark() : forks_(forks()) {}
  // Whether this was made before the fork that made this process.
  bool foreign() const { return forks_ != forks(); }
  // FR_CLOSED when it was.
  fr_status check(fr_error* err) const;

 private:
  static uint32_t forks();
  uint32_t forks_;
};

}  // namespace framering
