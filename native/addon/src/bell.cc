#include "bell.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "convert.h"
#include "uv-abi.h"

namespace framering {

Bell* Bell::Start(napi_env env, fr_reader* reader, napi_value owner, napi_value on_bell) {
  Bell* bell = new Bell(env, reader);
  if (bell->Open(owner, on_bell)) return bell;
  bell->Close();
  return nullptr;
}

bool Bell::Open(napi_value owner, napi_value on_bell) {
  fr_error error;
  int bell_fd = -1;
  int life_fd = -1;
  if (!UvAbiMatches()) {
    ThrowError(env_, FR_UNSUPPORTED,
               "This runtime's event loop is not the libuv 1 this addon was built for. Use "
               "waitSync in a worker thread, or Node.js itself.");
    return false;
  }
  if (fr_reader_doorbell(reader_, &bell_fd, &life_fd, &error) != FR_OK) {
    ThrowError(env_, error);
    return false;
  }
  if (!callback_.Open("framering.bell", owner, on_bell) ||
      napi_add_async_cleanup_hook(env_, OnEnvironmentEnd, this, &hook_) != napi_ok) {
    ThrowError(env_, FR_CLOSED,
               "This thread is being terminated: nothing can be watched any more.");
    return false;
  }
  return Poll(&bell_, bell_fd, kUvReadable | kUvDisconnect) && Poll(&life_, life_fd, kUvDisconnect);
}

bool Bell::Poll(uv_poll_s** handle, int fd, int events) {
  uv_loop_s* loop = nullptr;
  uv_poll_s* poll = static_cast<uv_poll_s*>(std::calloc(1, uv_handle_size(kUvPoll)));
  int problem = -12;  // ENOMEM
  if (poll != nullptr && napi_get_uv_event_loop(env_, &loop) == napi_ok) {
    problem = uv_poll_init(loop, poll, fd);
  }
  if (problem != 0) {
    std::free(poll);
  } else {
    uv_handle_set_data(reinterpret_cast<uv_handle_s*>(poll), this);
    *handle = poll;
    ++references_;
    ++open_handles_;
    problem = uv_poll_start(poll, events, OnPoll);
  }
  if (problem == 0) return true;
  fr_error error = {};
  error.status = FR_SYSTEM;
  error.sys = -problem;
  const std::string message =
      std::string("The event loop cannot poll the doorbell: ") + uv_strerror(problem) + ".";
  message.copy(error.message, sizeof(error.message) - 1);
  ThrowError(env_, error);
  return false;
}

bool Bell::RingAt(uint64_t time) {
  if (stopped_ || time == rings_at_) return true;
  if (timer_ == nullptr) {
    if (timer_fd_ < 0) timer_fd_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer_fd_ < 0) return true;
    if (!Poll(&timer_, timer_fd_, kUvReadable)) return false;
  }
  itimerspec at = {};
  at.it_value.tv_sec = static_cast<time_t>(time / 1'000'000'000);
  at.it_value.tv_nsec = static_cast<long>(time % 1'000'000'000);
  timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &at, nullptr);
  rings_at_ = time;
  return true;
}

void Bell::Close() {
  Stop();
  Unref();
}

void Bell::Stop() {
  if (stopped_) return;
  stopped_ = true;
  for (uv_poll_s* handle : {bell_, life_, timer_}) {
    if (handle != nullptr) uv_close(reinterpret_cast<uv_handle_s*>(handle), OnClosed);
  }
  if (timer_fd_ >= 0) close(timer_fd_);
  callback_.Forget();
  // With handles open the environment's end has to wait for libuv: the hook goes with the last one.
  if (open_handles_ == 0 && hook_ != nullptr) napi_remove_async_cleanup_hook(hook_);
}

void Bell::OnClosed(uv_handle_s* handle) {
  Bell* bell = static_cast<Bell*>(uv_handle_get_data(handle));
  std::free(handle);
  if (--bell->open_handles_ == 0) napi_remove_async_cleanup_hook(bell->hook_);
  bell->Unref();
}

// Runs on worker.terminate() and when the environment ends with a reader still watched. Node keeps
// the environment until the hook is removed.
void Bell::OnEnvironmentEnd(napi_async_cleanup_hook_handle /*hook*/, void* bell) {
  static_cast<Bell*>(bell)->Stop();
}

void Bell::OnPoll(uv_poll_s* handle, int status, int events) {
  Bell* bell = static_cast<Bell*>(uv_handle_get_data(reinterpret_cast<uv_handle_s*>(handle)));
  if (bell->stopped_) return;
  if (handle == bell->bell_) fr_reader_drain(bell->reader_);
  if (handle == bell->timer_ && !bell->TimeIsUp()) return;
  if (status != 0 || (events & kUvDisconnect) != 0) uv_poll_stop(handle);
  bell->Notify();
}

// False for one that was set anew after libuv had heard of it.
bool Bell::TimeIsUp() {
  uint64_t expirations;
  if (read(timer_fd_, &expirations, sizeof(expirations)) != sizeof(expirations)) return false;
  rings_at_ = 0;
  return true;
}

void Bell::Notify() {
  // Close may be called in it.
  ++references_;
  callback_.Call();
  Unref();
}

void Bell::Unref() {
  if (--references_ == 0) delete this;
}

}  // namespace framering
