// A binary semaphore between processes, on a futex word that anybody may have scribbled over.
//
// Not a POSIX sem_t: glibc keeps the flag of its futex call in the semaphore itself and aborts the
// process when the kernel refuses what stands there, so whoever may write the ring's control object
// could kill everybody (I5; a scribbling test did). Here the word is a number and nothing else: any
// value is a valid one, and the worst that a forged one does is a wake-up too many or too few.
#pragma once

#include <atomic>
#include <cstdint>

namespace framering {

class Semaphore {
 public:
  // Makes the next wait return, or the one that is going on. Posts do not add up.
  void post();
  // Sleeps until a post or until `deadline` (ns, CLOCK_MONOTONIC), or for no reason at all: the
  // caller looks again at what it waits for.
  void wait(int64_t deadline);
  void reset() { posted_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<uint32_t> posted_;
};
static_assert(sizeof(Semaphore) == 4);

}  // namespace framering
