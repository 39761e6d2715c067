// Waiting for a semaphore's units on the event loop: a SemaphoreThread that rings a uv_async.
//
// While a unit is wanted the loop is kept alive and so are the two JavaScript objects; at rest
// nothing is kept, and a semaphore that nobody has any more is collected with its thread.
#ifndef FRAMERING_ADDON_SEMAPHORE_WATCH_H_
#define FRAMERING_ADDON_SEMAPHORE_WATCH_H_

#include <framering_semaphore.h>
#include <node_api.h>

#include "semaphore_thread.h"

struct uv_async_s;
struct uv_handle_s;

namespace framering {

class SemaphoreWatch {
 public:
  // `on_unit` is called from the event loop for each unit that was wanted: it returns whether it
  // has found somebody to have it, or else the unit is posted back. On a failure it is called with
  // the error. nullptr with an exception pending when it failed.
  static SemaphoreWatch* Start(napi_env env, fr_semaphore* semaphore, napi_value owner,
                               napi_value on_unit);
  SemaphoreWatch(const SemaphoreWatch&) = delete;
  SemaphoreWatch& operator=(const SemaphoreWatch&) = delete;

  void Want();
  // True: a unit had been taken, and is the caller's now.
  bool Unwant();
  // Ends it, and gives up the caller's reference. No call of `on_unit` starts after this, and the
  // semaphore may be closed. Not legal inside `on_unit`.
  void Close();

 private:
  SemaphoreWatch(napi_env env, fr_semaphore* semaphore) : env_(env), semaphore_(semaphore) {}
  ~SemaphoreWatch();
  bool Open(napi_value owner, napi_value on_unit);
  void Stop();
  void Keep(bool wanted);
  void Deliver(SemaphoreThread::Outcome outcome, const fr_error& error);
  bool Call(napi_value owner, napi_value on_unit, SemaphoreThread::Outcome outcome,
            const fr_error& error);
  void Unref();

  static void Ring(void* watch);
  static void OnRing(uv_async_s* handle);
  static void OnClosed(uv_handle_s* handle);
  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle hook, void* watch);

  napi_env env_;
  fr_semaphore* semaphore_;
  napi_ref owner_ = nullptr;
  napi_ref on_unit_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  uv_async_s* bell_ = nullptr;
  SemaphoreThread* thread_ = nullptr;
  // The caller, the handle until libuv has closed it, and a call of JavaScript in progress.
  int references_ = 1;
  bool kept_ = false;
  bool stopped_ = false;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_SEMAPHORE_WATCH_H_
