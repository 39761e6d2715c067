#include "fd_watch.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include "convert.h"
#include "uv-abi.h"

namespace framering {

FdWatch* FdWatch::Start(napi_env env, int fd, FdNews news, napi_value owner, napi_value on_news) {
  FdWatch* watch = new FdWatch(env);
  if (watch->Open(fd, news, owner, on_news)) return watch;
  watch->Close();
  return nullptr;
}

bool FdWatch::Open(int fd, FdNews news, napi_value owner, napi_value on_news) {
  if (!UvAbiMatches()) {
    ThrowError(env_, FR_UNSUPPORTED,
               "This runtime's event loop is not the libuv 1 this addon was built for: use Node.js "
               "itself.");
    return false;
  }
  if (!callback_.Open("framering.fd", owner, on_news) ||
      napi_add_async_cleanup_hook(env_, OnEnvironmentEnd, this, &hook_) != napi_ok) {
    ThrowError(env_, FR_CLOSED,
               "This thread is being terminated: nothing can be watched any more.");
    return false;
  }
  return Poll(fd, news);
}

bool FdWatch::Poll(int fd, FdNews news) {
  uv_loop_s* loop = nullptr;
  uv_poll_s* poll = static_cast<uv_poll_s*>(std::calloc(1, uv_handle_size(kUvPoll)));
  int problem = -ENOMEM;
  if (poll != nullptr && napi_get_uv_event_loop(env_, &loop) == napi_ok) {
    problem = uv_poll_init(loop, poll, fd);
  }
  if (problem != 0) {
    std::free(poll);
  } else {
    uv_handle_set_data(reinterpret_cast<uv_handle_s*>(poll), this);
    poll_ = poll;
    ++references_;
    const bool readable = news == FdNews::kReadable;
    problem = uv_poll_start(poll, readable ? kUvReadable | kUvDisconnect : kUvDisconnect, OnPoll);
    if (!readable) uv_unref(reinterpret_cast<uv_handle_s*>(poll));
  }
  if (problem == 0) return true;
  fr_error error = {};
  error.status = FR_SYSTEM;
  error.sys = -problem;
  const std::string message =
      std::string("The event loop cannot poll this file: ") + uv_strerror(problem) + ".";
  message.copy(error.message, sizeof(error.message) - 1);
  ThrowError(env_, error);
  return false;
}

void FdWatch::Close() {
  Stop();
  Unref();
}

void FdWatch::Stop() {
  if (stopped_) return;
  stopped_ = true;
  callback_.Forget();
  if (poll_ != nullptr) {
    uv_close(reinterpret_cast<uv_handle_s*>(poll_), OnClosed);
  } else if (hook_ != nullptr) {
    napi_remove_async_cleanup_hook(hook_);
  }
}

// With the handle open the environment's end has to wait for libuv: the hook goes with it.
void FdWatch::OnClosed(uv_handle_s* handle) {
  FdWatch* watch = static_cast<FdWatch*>(uv_handle_get_data(handle));
  std::free(handle);
  napi_remove_async_cleanup_hook(watch->hook_);
  watch->Unref();
}

// Runs on worker.terminate() and when the environment ends with the device still watched. Node
// keeps the environment until the hook is removed.
void FdWatch::OnEnvironmentEnd(napi_async_cleanup_hook_handle /*hook*/, void* watch) {
  static_cast<FdWatch*>(watch)->Stop();
}

void FdWatch::OnPoll(uv_poll_s* handle, int status, int events) {
  FdWatch* watch =
      static_cast<FdWatch*>(uv_handle_get_data(reinterpret_cast<uv_handle_s*>(handle)));
  if (watch->stopped_) return;
  const bool hung_up = status != 0 || (events & kUvDisconnect) != 0;
  // A hang-up lasts for ever: polled on, the loop would spin.
  if (hung_up) uv_poll_stop(handle);
  watch->Notify(hung_up);
}

void FdWatch::Notify(bool hung_up) {
  // Close may be called in it.
  ++references_;
  callback_.Call(hung_up);
  Unref();
}

void FdWatch::Unref() {
  if (--references_ == 0) delete this;
}

}  // namespace framering
