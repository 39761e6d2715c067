#include "semaphore_thread.h"

#include <signal.h>

namespace framering {

SemaphoreThread* SemaphoreThread::Start(fr_semaphore* semaphore, void (*ring)(void*), void* context,
                                        int* sys) {
  SemaphoreThread* made = new SemaphoreThread(semaphore, ring, context);
  // The process's signals are for its own threads; faults are this one's own: the semaphore's file
  // may be cut off, and a blocked SIGBUS kills.
  sigset_t all, before;
  sigfillset(&all);
  sigdelset(&all, SIGBUS);
  sigdelset(&all, SIGSEGV);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 << 10);
  *sys = pthread_create(&made->thread_, &attributes, Main, made);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (*sys == 0) {
    pthread_setname_np(made->thread_, "framering-sem");
    return made;
  }
  made->thread_ = {};
  delete made;
  return nullptr;
}

SemaphoreThread::~SemaphoreThread() {
  if (thread_ == pthread_t{}) return;
  {
    const std::lock_guard<std::mutex> hold(mutex_);
    ending_ = true;
  }
  fr_cancel_set(&cancel_);
  changed_.notify_one();
  pthread_join(thread_, nullptr);
  if (outcome_ == Outcome::kUnit) fr_semaphore_post(semaphore_, nullptr);
}

void SemaphoreThread::Want() {
  const std::lock_guard<std::mutex> hold(mutex_);
  wanted_ = true;
  // The thread may not have come back from a wait that was cancelled: it goes on with it then.
  fr_cancel_clear(&cancel_);
  changed_.notify_one();
}

bool SemaphoreThread::Unwant() {
  const std::lock_guard<std::mutex> hold(mutex_);
  wanted_ = false;
  fr_cancel_set(&cancel_);
  const bool taken = outcome_ == Outcome::kUnit;
  outcome_ = Outcome::kNothing;
  return taken;
}

SemaphoreThread::Outcome SemaphoreThread::Collect(fr_error* error) {
  const std::lock_guard<std::mutex> hold(mutex_);
  const Outcome outcome = outcome_;
  if (outcome == Outcome::kNothing) return outcome;
  outcome_ = Outcome::kNothing;
  wanted_ = false;
  *error = error_;
  return outcome;
}

void* SemaphoreThread::Main(void* self) {
  static_cast<SemaphoreThread*>(self)->Run();
  return nullptr;
}

void SemaphoreThread::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || (wanted_ && outcome_ == Outcome::kNothing); });
    if (ending_) return;
    lock.unlock();
    fr_error error = {};
    const fr_wait end = fr_semaphore_wait(semaphore_, INT64_MAX, &cancel_, &error);
    lock.lock();
    if (end == FR_CANCELLED) continue;
    if (!wanted_ || ending_) {
      // Taken just before the cancel: whoever waits elsewhere must not miss it.
      if (end == FR_ACQUIRED) fr_semaphore_post(semaphore_, nullptr);
      continue;
    }
    outcome_ = end == FR_ACQUIRED ? Outcome::kUnit : Outcome::kFailed;
    error_ = error;
    ring_(context_);
  }
}

}  // namespace framering
