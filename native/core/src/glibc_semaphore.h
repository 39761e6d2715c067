// The semaphore that glibc's sem_open leaves in a file, worked on by glibc and by us at once:
//
//    byte  0  u32 value     units there; what waiters sleep on
//          4  u32 waiters   threads that sleep or are about to
//          8  i32 private   128: shared between processes
//         12      unused, up to byte 32
//
// value and waiters are one 64-bit word to every operation. glibc's own functions are not called:
// they hand `private` to the kernel as it stands and abort the process when that is refused, so
// whoever may write the file could kill everybody who has it open (I5). Here all words are numbers
// and any value is a valid one.
#pragma once

#include <atomic>
#include <cstdint>

#include "once.h"

namespace framering {

class GlibcSemaphore {
 public:
  static constexpr uint32_t kMost = INT32_MAX;
  static constexpr int32_t kShared = 128;

  // Whether this process's glibc lays its semaphores out as above.
  static bool layout_matches();

  explicit GlibcSemaphore(uint32_t value) : data_(value), rest_{kShared} {}
  bool is_shared() const { return once(rest_[0]) == kShared; }

  // False at kMost units.
  bool post();
  bool try_take() { return take(kUnit); }
  uint32_t value() const;

  // A thread that sleeps must be counted, or nobody wakes it. One that is killed meanwhile stays
  // counted for ever: posts then make a system call that wakes nobody, and that is all.
  void count_me() { data_.fetch_add(kWaiter, std::memory_order_relaxed); }
  void discount_me() { data_.fetch_sub(kWaiter, std::memory_order_relaxed); }
  // Takes a unit and the count of the caller in one step.
  bool try_take_counted() { return take(kUnit + kWaiter); }

  // Sleeps while there is no unit and `cancel` (may be null) is 0: until a post, until `deadline`
  // (ns, CLOCK_MONOTONIC) or for no reason at all. The caller looks again.
  void sleep(int64_t deadline, const std::atomic<uint32_t>* cancel);

 private:
  static constexpr uint64_t kUnit = 1;
  static constexpr uint64_t kWaiter = 1ull << 32;

  bool take(uint64_t what);

  std::atomic<uint64_t> data_;
  int32_t rest_[6];  // `private` and what is unused
};
static_assert(sizeof(GlibcSemaphore) == 32);
static_assert(std::atomic<uint64_t>::is_always_lock_free);
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "value must be the word's low half");

// Ends the sleep of whoever was given this word.
void set_cancel(std::atomic<uint32_t>* cancel);

}  // namespace framering
