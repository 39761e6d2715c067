// A reader's doorbell on the event loop: two file descriptors that libuv polls.
//
//   bell: readable after a ring. Level-triggered, so it is drained before JavaScript hears of it.
//   life: nothing but its hang-up is asked for. What somebody writes into it is not looked at.
//
// Both hang up when the writer dies. A hang-up lasts for ever, so a descriptor is polled no further
// after its own, or the loop would spin.
//
// And a third, when asked for: a timer of the kernel. Those of libuv count whole milliseconds.
#ifndef FRAMERING_ADDON_BELL_H_
#define FRAMERING_ADDON_BELL_H_

#include <framering.h>
#include <node_api.h>

#include "loop_callback.h"

struct uv_handle_s;
struct uv_poll_s;

namespace framering {

class Bell {
 public:
  // Calls `on_bell` from the event loop until Close. `owner`, the reader's object, is kept from the
  // garbage collector meanwhile. nullptr with an exception pending when it failed.
  static Bell* Start(napi_env env, fr_reader* reader, napi_value owner, napi_value on_bell);
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;
  // Ends it and gives up the caller's reference. No call of `on_bell` starts after this, and the
  // file descriptors may be closed. Legal inside `on_bell`.
  void Close();
  // Calls `on_bell` at that time of CLOCK_MONOTONIC too, in ns; 0 = not any more. Without a word
  // where the system has no timer left: the doorbell rings all the same. False with an exception
  // pending when the event loop cannot poll it.
  bool RingAt(uint64_t time);

 private:
  Bell(napi_env env, fr_reader* reader) : env_(env), reader_(reader), callback_(env) {}
  ~Bell() = default;
  bool Open(napi_value owner, napi_value on_bell);
  bool Poll(uv_poll_s** handle, int fd, int events);
  void Stop();
  bool TimeIsUp();
  void Notify();
  void Unref();

  static void OnPoll(uv_poll_s* handle, int status, int events);
  static void OnClosed(uv_handle_s* handle);
  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle hook, void* bell);

  napi_env env_;
  fr_reader* reader_;
  LoopCallback callback_;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  uv_poll_s* bell_ = nullptr;
  uv_poll_s* life_ = nullptr;
  uv_poll_s* timer_ = nullptr;
  int timer_fd_ = -1;
  uint64_t rings_at_ = 0;  // ns of CLOCK_MONOTONIC, 0 = not
  // The caller, each handle until libuv has closed it, and a call of JavaScript in progress.
  int references_ = 1;
  int open_handles_ = 0;
  bool stopped_ = false;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_BELL_H_
