#include "glibc_semaphore.h"

#include <linux/futex.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "clock.h"

// Linux 5.16; headers of older systems do not have it, their kernels may.
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

namespace framering {
namespace {

// struct futex_waitv, which older headers lack as well.
struct WaitOn {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};
constexpr uint32_t kWord32 = 2;  // FUTEX_32

// How long a thread sleeps without a look at `cancel`, where it cannot sleep on both words.
constexpr int64_t kSlice = 50'000'000;

// Relaxed: at worst another thread asks the kernel once more.
std::atomic<bool> g_no_waitv{false};

uint64_t address_of(const void* word) { return reinterpret_cast<uint64_t>(word); }

long futex(const void* word, int operation, uint32_t value, const timespec* until) {
  return syscall(SYS_futex, word, operation, value, until, nullptr, FUTEX_BITSET_MATCH_ANY);
}

// False where the kernel has no such call, or a container's filter hides it.
bool sleep_on_both(const void* units, const void* cancel, const timespec& until) {
  if (g_no_waitv.load(std::memory_order_relaxed)) return false;
  const WaitOn words[] = {{0, address_of(units), kWord32, 0},
                          {0, address_of(cancel), kWord32 | FUTEX_PRIVATE_FLAG, 0}};
  if (syscall(SYS_futex_waitv, words, 2, 0, &until, CLOCK_MONOTONIC) >= 0) return true;
  if (errno != ENOSYS && errno != EPERM) return true;
  g_no_waitv.store(true, std::memory_order_relaxed);
  return false;
}

}  // namespace

bool GlibcSemaphore::layout_matches() {
  static const bool matches = [] {
    sem_t theirs;
    static_assert(sizeof theirs == sizeof(GlibcSemaphore));
    memset(&theirs, 0, sizeof theirs);
    // A post as well: it tells a count of units from flags that happen to be equal.
    if (sem_init(&theirs, 1, 41) != 0 || sem_post(&theirs) != 0) return false;
    const GlibcSemaphore ours(42);
    uint8_t bytes[2][sizeof theirs];
    memcpy(bytes[0], &theirs, sizeof theirs);
    memcpy(bytes[1], static_cast<const void*>(&ours), sizeof ours);
    return memcmp(bytes[0], bytes[1], sizeof theirs) == 0;
  }();
  return matches;
}

bool GlibcSemaphore::post() {
  uint64_t seen = data_.load(std::memory_order_relaxed);
  do {
    if (static_cast<uint32_t>(seen) >= kMost) return false;
    // Release: what was done before the post is seen by whoever takes the unit.
  } while (!data_.compare_exchange_weak(seen, seen + kUnit, std::memory_order_release,
                                        std::memory_order_relaxed));
  if (seen < kWaiter) return true;
  // As many as there are units, where glibc wakes one: a waiter that was killed after it was woken
  // left its unit lying while others slept on. They get it with this post, and need no other.
  futex(&data_, FUTEX_WAKE, static_cast<uint32_t>(seen) + 1, nullptr);
  return true;
}

bool GlibcSemaphore::take(uint64_t what) {
  uint64_t seen = data_.load(std::memory_order_relaxed);
  do {
    if (static_cast<uint32_t>(seen) == 0) return false;
    // Acquire pairs with the post's release; of a unit that is not taken nothing is read.
  } while (!data_.compare_exchange_weak(seen, seen - what, std::memory_order_acquire,
                                        std::memory_order_relaxed));
  return true;
}

uint32_t GlibcSemaphore::value() const {
  // Relaxed: a figure that may be out of date when it is read orders nothing.
  return static_cast<uint32_t>(data_.load(std::memory_order_relaxed));
}

// The kernel compares with 0 under its own lock, so a post or a cancel in between is not slept
// through. Every outcome is the same to the caller. Never the private form on the semaphore: the
// other side is another process.
void GlibcSemaphore::sleep(int64_t deadline, const std::atomic<uint32_t>* cancel) {
  timespec until = to_timespec(deadline);
  if (cancel != nullptr) {
    if (sleep_on_both(&data_, cancel, until)) return;
    until = to_timespec(std::min(deadline, now() + kSlice));
  }
  futex(&data_, FUTEX_WAIT_BITSET, 0, &until);
}

void set_cancel(std::atomic<uint32_t>* cancel) {
  // Release: what led to the cancel is seen by the thread that it ends the wait of.
  cancel->store(1, std::memory_order_release);
  futex(cancel, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr);
}

}  // namespace framering
