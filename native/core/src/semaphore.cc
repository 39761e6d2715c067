#include "semaphore.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

namespace framering {
namespace {

// Never the private forms: the two sides are two processes.
long futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* until) {
  return syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), operation, value, until, nullptr,
                 FUTEX_BITSET_MATCH_ANY);
}

}  // namespace

void Semaphore::post() {
  // Release: what was done before the post is seen after the wait.
  posted_.store(1, std::memory_order_release);
  futex(&posted_, FUTEX_WAKE, 1, nullptr);
}

void Semaphore::wait(int64_t deadline) {
  // Acquire pairs with the release above.
  if (posted_.exchange(0, std::memory_order_acquire) != 0) return;
  const timespec until = to_timespec(deadline);
  // FUTEX_WAIT_BITSET takes an absolute time of CLOCK_MONOTONIC. The kernel compares with 0 under
  // its own lock, so a post in between is not slept through. Every outcome is the same to the
  // caller.
  futex(&posted_, FUTEX_WAIT_BITSET, 0, &until);
  posted_.exchange(0, std::memory_order_acquire);
}

}  // namespace framering
