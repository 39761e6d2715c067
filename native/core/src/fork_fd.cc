#include "fork_fd.h"

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <mutex>

#include "error.h"
#include "fault_guard.h"
#include "late_memory.h"

namespace framering {
namespace {

std::mutex g_list;
ForkFd* g_first = nullptr;
std::atomic<uint32_t> g_forks{0};

}  // namespace

uint32_t ProcessMark::forks() {
  // Relaxed: changed only where there is one thread, in a child that has just been forked.
  return g_forks.load(std::memory_order_relaxed);
}

fr_status ProcessMark::check(fr_error* err) const {
  if (!foreign()) return FR_OK;
  return fail(err, FR_CLOSED, 0,
              "this handle belongs to the process that forked this one: open it again here");
}

void ForkFd::stand_by() {
  // The code is linked never to be unloaded, so the handlers cannot dangle.
  static std::once_flag installed;
  std::call_once(installed, [] { pthread_atfork(&before, &in_parent, &in_child); });
}

ForkFd ForkFd::open(int directory, const char* path, int flags, mode_t mode) {
  stand_by();
  ForkFd opened;
  int sys = 0;
  {
    const std::lock_guard<std::mutex> hold(g_list);
    opened.fd_.reset(::openat(directory, path, flags, mode));
    sys = errno;
    opened.link();
  }
  errno = sys;
  return opened;
}

ForkFd ForkFd::open(const std::string& path, int flags, mode_t mode) {
  return open(AT_FDCWD, path.c_str(), flags, mode);
}

ForkFd::ForkFd(UniqueFd fd) : fd_(std::move(fd)) {
  if (!fd_.ok()) return;
  stand_by();
  const std::lock_guard<std::mutex> hold(g_list);
  link();
}

ForkFd::ForkFd(ForkFd&& other) noexcept { *this = std::move(other); }

ForkFd& ForkFd::operator=(ForkFd&& other) noexcept {
  if (this == &other) return *this;
  const std::lock_guard<std::mutex> hold(g_list);
  unlink();
  fd_ = std::move(other.fd_);
  other.unlink();
  link();
  return *this;
}

ForkFd::~ForkFd() { reset(); }

void ForkFd::reset() {
  // Closed under the lock: a fork in between must not close the number again, for it may be
  // somebody else's by then.
  const std::lock_guard<std::mutex> hold(g_list);
  unlink();
  fd_.reset();
}

void ForkFd::link() {
  if (!fd_.ok()) return;
  previous_ = nullptr;
  next_ = g_first;
  if (next_ != nullptr) next_->previous_ = this;
  g_first = this;
}

void ForkFd::unlink() {
  if (next_ != nullptr) next_->previous_ = previous_;
  if (previous_ != nullptr) {
    previous_->next_ = next_;
  } else if (g_first == this) {
    g_first = next_;
  }
  previous_ = next_ = nullptr;
}

// All lists are held across the fork, so that the child finds them whole. None of the locks is ever
// taken under another of them.
void ForkFd::before() {
  g_list.lock();
  Region::hold_all();
  hold_late_memory();
}

void ForkFd::in_parent() {
  free_late_memory();
  Region::free_all();
  g_list.unlock();
}

// Nothing but system calls: threads that are not there hold the locks of everything else.
void ForkFd::in_child() {
  g_forks.fetch_add(1, std::memory_order_relaxed);
  for (ForkFd* fd = g_first; fd != nullptr;) {
    ForkFd* next = fd->next_;
    fd->previous_ = fd->next_ = nullptr;
    fd->fd_.reset();
    fd = next;
  }
  g_first = nullptr;
  Region::stand_in_all();
  free_late_memory();
  Region::free_all();
  g_list.unlock();
}

}  // namespace framering
