// A thread that takes units of a semaphore, each when it is asked for one. Nothing here knows of
// JavaScript.
//
// A thread of its own and none of libuv's four: those must not all sleep on semaphores while files
// wait to be read.
#ifndef FRAMERING_ADDON_SEMAPHORE_THREAD_H_
#define FRAMERING_ADDON_SEMAPHORE_THREAD_H_

#include <framering_semaphore.h>
#include <pthread.h>

#include <condition_variable>
#include <mutex>

namespace framering {

class SemaphoreThread {
 public:
  enum class Outcome { kNothing, kUnit, kFailed };

  // Calls `ring(context)` from the thread when there is something to collect. nullptr with the
  // reason in `sys`. `semaphore` must outlive it.
  static SemaphoreThread* Start(fr_semaphore* semaphore, void (*ring)(void*), void* context,
                                int* sys);
  // Ends it. A unit that nobody collected is posted back.
  ~SemaphoreThread();
  SemaphoreThread(const SemaphoreThread&) = delete;
  SemaphoreThread& operator=(const SemaphoreThread&) = delete;

  // Asks for one unit.
  void Want();
  // Asks for none any more. True: one had been taken, and is the caller's now.
  bool Unwant();
  // What became of the last Want, once: after it, the thread rests until the next.
  Outcome Collect(fr_error* error);

 private:
  SemaphoreThread(fr_semaphore* semaphore, void (*ring)(void*), void* context)
      : semaphore_(semaphore), ring_(ring), context_(context) {}
  static void* Main(void* self);
  void Run();

  fr_semaphore* const semaphore_;
  void (*const ring_)(void*);
  void* const context_;
  pthread_t thread_ = {};
  fr_cancel cancel_ = {};

  std::mutex mutex_;  // for all below
  std::condition_variable changed_;
  bool wanted_ = false;
  bool ending_ = false;
  Outcome outcome_ = Outcome::kNothing;
  fr_error error_ = {};
};

}  // namespace framering

#endif  // FRAMERING_ADDON_SEMAPHORE_THREAD_H_
