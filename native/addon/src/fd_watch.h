// A file descriptor that the event loop polls, until it hangs up or somebody has enough.
#ifndef FRAMERING_ADDON_FD_WATCH_H_
#define FRAMERING_ADDON_FD_WATCH_H_

#include <node_api.h>

#include "loop_callback.h"

struct uv_handle_s;
struct uv_poll_s;

namespace framering {

// What is waited for.
enum class FdNews {
  kReadable,  // and hanging up; keeps the loop alive
  kHangUp,    // only that; the loop may end before
};

class FdWatch {
 public:
  // Calls `on_news` from the event loop when `fd` has them, with whether it has hung up, which is
  // the last call. Keeps `owner` from the garbage collector. nullptr with an exception pending when
  // it failed.
  static FdWatch* Start(napi_env env, int fd, FdNews news, napi_value owner, napi_value on_news);
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;
  // Ends it and gives up the caller's reference. No call of `on_news` starts after this, and the
  // descriptor may be closed. Legal inside `on_news`.
  void Close();

 private:
  explicit FdWatch(napi_env env) : env_(env), callback_(env) {}
  ~FdWatch() = default;
  bool Open(int fd, FdNews news, napi_value owner, napi_value on_news);
  bool Poll(int fd, FdNews news);
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
