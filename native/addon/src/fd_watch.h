// A file descriptor that the event loop polls, until it hangs up or somebody has enough.
#ifndef FRAMERING_ADDON_FD_WATCH_H_
#define FRAMERING_ADDON_FD_WATCH_H_

#include <node_api.h>

#include "loop_callback.h"

struct uv_handle_s;
struct uv_poll_s;

namespace framering {

class FdWatch {
 public:
  // Calls `on_ready` from the event loop while `fd` is readable, with whether it has hung up, which
  // is the last call. Keeps the loop alive, and `owner` from the garbage collector. nullptr with an
  // exception pending when it failed.
  static FdWatch* Start(napi_env env, int fd, napi_value owner, napi_value on_ready);
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;
  // Ends it and gives up the caller's reference. No call of `on_ready` starts after this, and the
  // descriptor may be closed. Legal inside `on_ready`.
  void Close();

 private:
  explicit FdWatch(napi_env env) : env_(env), callback_(env) {}
  ~FdWatch() = default;
  bool Open(int fd, napi_value owner, napi_value on_ready);
  bool Poll(int fd);
  void Stop();
  void Notify(bool hung_up);
  void Unref();

  static void OnPoll(uv_poll_s* handle, int status, int events);
  static void OnClosed(uv_handle_s* handle);
  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle hook, void* watch);

  napi_env env_;
  LoopCallback callback_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  uv_poll_s* poll_ = nullptr;
  // The caller, the handle until libuv has closed it, and a call of JavaScript in progress.
  int references_ = 1;
  bool stopped_ = false;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_FD_WATCH_H_
