#include "life_watch.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>

#include <cerrno>
#include <map>
#include <mutex>

#include "fork_fd.h"

namespace framering {
namespace {

// Never destroyed: the thread may still look at it while the process ends.
class Watcher {
 public:
  static Watcher& get() {
    static Watcher* const one = make();
    return *one;
  }

  uint64_t add(int life, Semaphore* sleeper) {
    const std::lock_guard<std::mutex> hold(mutex_);
    if (!running()) return 0;
    const uint64_t key = ++last_key_;
    epoll_event event = {};
    // Nothing asked for but the hang-up, which is always told; and that once.
    event.events = EPOLLONESHOT;
    event.data.u64 = key;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, life, &event) != 0) return 0;
    sleepers_[key] = sleeper;
    return key;
  }

  void remove(uint64_t key, int life) {
    const std::lock_guard<std::mutex> hold(mutex_);
    // Keys are never used twice: an event that is already on its way finds nothing.
    if (sleepers_.erase(key) != 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, life, nullptr);
  }

 private:
  static Watcher* make() {
    // Held across a fork, so that the child finds the list whole. Registered after ForkFd's
    // handler, hence run before it: the order in which running() takes the two locks.
    pthread_atfork([] { get().mutex_.lock(); }, [] { get().mutex_.unlock(); },
                   [] { get().mutex_.unlock(); });
    return new Watcher;
  }

  // A forked child has the object but not the thread.
  bool running() {
    if (epoll_.ok() && !process_.foreign()) return true;
    process_ = ProcessMark();
    sleepers_.clear();
    epoll_ = ForkFd(UniqueFd(epoll_create1(EPOLL_CLOEXEC)));
    if (!epoll_.ok()) return false;
    // The process's signals are for its own threads; faults are this one's own. It posts in control
    // objects that somebody may have cut off, and a blocked SIGBUS kills.
    sigset_t all, before;
    sigfillset(&all);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGSEGV);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    pthread_t thread;
    const int sys = pthread_create(&thread, &attributes, &Watcher::run, this);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (sys == 0) pthread_setname_np(thread, "framering");
    if (sys != 0) epoll_.reset();
    return sys == 0;
  }

  static void* run(void* watcher) {
    static_cast<Watcher*>(watcher)->serve();
    return nullptr;
  }

  void serve() {
    int epoll = -1;
    {
      const std::lock_guard<std::mutex> hold(mutex_);
      epoll = epoll_.get();
    }
    for (;;) {
      epoll_event events[16];
      const int count = epoll_wait(epoll, events, 16, -1);
      if (count < 0 && errno != EINTR) return;
      const std::lock_guard<std::mutex> hold(mutex_);
      for (int i = 0; i < count; ++i) {
        // Copied: the structure is packed, so a reference into it may be misaligned.
        const uint64_t key = events[i].data.u64;
        const auto found = sleepers_.find(key);
        if (found != sleepers_.end()) found->second->post();
      }
    }
  }

  std::mutex mutex_;
  ProcessMark process_;
  ForkFd epoll_;
  uint64_t last_key_ = 0;
  std::map<uint64_t, Semaphore*> sleepers_;
};

}  // namespace

bool LifeWatch::start(int life, Semaphore* sleeper) {
  if (running()) return true;
  key_ = Watcher::get().add(life, sleeper);
  life_ = life;
  return running();
}

void LifeWatch::stop() {
  if (!running()) return;
  Watcher::get().remove(key_, life_);
  key_ = 0;
}

}  // namespace framering
