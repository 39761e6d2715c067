#include "semaphore_watch.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include "convert.h"
#include "uv-abi.h"

namespace framering {

namespace {

uv_handle_s* AsHandle(uv_async_s* async) { return reinterpret_cast<uv_handle_s*>(async); }

}  // namespace

SemaphoreWatch* SemaphoreWatch::Start(napi_env env, fr_semaphore* semaphore, napi_value owner,
                                      napi_value on_unit) {
  SemaphoreWatch* watch = new SemaphoreWatch(env, semaphore);
  if (watch->Open(owner, on_unit)) return watch;
  watch->Close();
  return nullptr;
}

bool SemaphoreWatch::Open(napi_value owner, napi_value on_unit) {
  if (!UvAbiMatches()) {
    ThrowError(env_, FR_UNSUPPORTED,
               "This runtime's event loop is not the libuv 1 this addon was built for. Use "
               "waitSync in a worker thread, or Node.js itself.");
    return false;
  }
  napi_value name;
  uv_loop_s* loop = nullptr;
  if (napi_create_string_utf8(env_, "framering.semaphore", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env_, nullptr, name, &context_) != napi_ok ||
      napi_create_reference(env_, owner, 0, &owner_) != napi_ok ||
      napi_create_reference(env_, on_unit, 0, &on_unit_) != napi_ok ||
      napi_get_uv_event_loop(env_, &loop) != napi_ok ||
      napi_add_async_cleanup_hook(env_, OnEnvironmentEnd, this, &hook_) != napi_ok) {
    ThrowError(env_, FR_CLOSED,
               "This thread is being terminated: nothing can be awaited any more.");
    return false;
  }
  uv_async_s* bell = static_cast<uv_async_s*>(std::calloc(1, uv_handle_size(kUvAsync)));
  int sys = bell == nullptr ? ENOMEM : -uv_async_init(loop, bell, OnRing);
  if (sys != 0) {
    std::free(bell);
  } else {
    bell_ = bell;
    ++references_;
    uv_handle_set_data(AsHandle(bell_), this);
    uv_unref(AsHandle(bell_));
    thread_ = SemaphoreThread::Start(semaphore_, Ring, this, &sys);
  }
  if (sys == 0) return true;
  fr_error error = {};
  error.status = FR_SYSTEM;
  error.sys = sys;
  const std::string message =
      "No thread can be had to wait for the semaphore: raise the limit (ulimit -u; "
      "systemd: TasksMax=; Docker: --pids-limit), or use waitSync in a worker thread.";
  message.copy(error.message, sizeof(error.message) - 1);
  ThrowError(env_, error);
  return false;
}

void SemaphoreWatch::Want() {
  if (stopped_) return;
  Keep(true);
  thread_->Want();
}

bool SemaphoreWatch::Unwant() {
  if (stopped_) return false;
  Keep(false);
  return thread_->Unwant();
}

void SemaphoreWatch::Keep(bool wanted) {
  if (kept_ == wanted) return;
  kept_ = wanted;
  // Where these fail the environment is going down, and nothing is kept any more.
  for (napi_ref reference : {owner_, on_unit_}) {
    uint32_t count;
    static_cast<void>(wanted ? napi_reference_ref(env_, reference, &count)
                             : napi_reference_unref(env_, reference, &count));
  }
  if (wanted) {
    uv_ref(AsHandle(bell_));
  } else {
    uv_unref(AsHandle(bell_));
  }
}

void SemaphoreWatch::Close() {
  Stop();
  Unref();
}

void SemaphoreWatch::Stop() {
  if (stopped_) return;
  stopped_ = true;
  // First: nobody may ring a handle that is closed.
  delete thread_;
  thread_ = nullptr;
  if (owner_ != nullptr) napi_delete_reference(env_, owner_);
  if (on_unit_ != nullptr) napi_delete_reference(env_, on_unit_);
  if (bell_ != nullptr) {
    uv_close(AsHandle(bell_), OnClosed);
  } else if (hook_ != nullptr) {
    napi_remove_async_cleanup_hook(hook_);
  }
}

// With the handle open the environment's end has to wait for libuv: the hook goes with it.
void SemaphoreWatch::OnClosed(uv_handle_s* handle) {
  SemaphoreWatch* watch = static_cast<SemaphoreWatch*>(uv_handle_get_data(handle));
  std::free(handle);
  napi_remove_async_cleanup_hook(watch->hook_);
  watch->Unref();
}

// Runs on worker.terminate() and when the environment ends with the semaphore open. Node keeps the
// environment until the hook is removed.
void SemaphoreWatch::OnEnvironmentEnd(napi_async_cleanup_hook_handle /*hook*/, void* watch) {
  static_cast<SemaphoreWatch*>(watch)->Stop();
}

// On the thread.
void SemaphoreWatch::Ring(void* watch) {
  uv_async_send(static_cast<SemaphoreWatch*>(watch)->bell_);
}

void SemaphoreWatch::OnRing(uv_async_s* handle) {
  SemaphoreWatch* watch = static_cast<SemaphoreWatch*>(uv_handle_get_data(AsHandle(handle)));
  fr_error error;
  if (watch->stopped_) return;
  const SemaphoreThread::Outcome outcome = watch->thread_->Collect(&error);
  // A ring may be late: what it told of was given to Unwant.
  if (outcome != SemaphoreThread::Outcome::kNothing) watch->Deliver(outcome, error);
}

void SemaphoreWatch::Deliver(SemaphoreThread::Outcome outcome, const fr_error& error) {
  ++references_;
  bool accepted = false;
  napi_handle_scope scope = nullptr;
  napi_callback_scope turn = nullptr;
  napi_value owner = nullptr;
  napi_value on_unit = nullptr;
  if (napi_open_handle_scope(env_, &scope) == napi_ok &&
      napi_get_reference_value(env_, owner_, &owner) == napi_ok && owner != nullptr &&
      napi_get_reference_value(env_, on_unit_, &on_unit) == napi_ok && on_unit != nullptr &&
      napi_open_callback_scope(env_, owner, context_, &turn) == napi_ok) {
    Keep(false);
    accepted = Call(owner, on_unit, outcome, error);
  }
  // Before the turn ends and whoever got the unit runs: he may post it and be terminated then, and
  // nobody could tell any more that it had been accepted.
  if (outcome == SemaphoreThread::Outcome::kUnit && !accepted) {
    fr_semaphore_post(semaphore_, nullptr);
  }
  if (turn != nullptr) napi_close_callback_scope(env_, turn);
  if (scope != nullptr) napi_close_handle_scope(env_, scope);
  Unref();
}

bool SemaphoreWatch::Call(napi_value owner, napi_value on_unit, SemaphoreThread::Outcome outcome,
                          const fr_error& error) {
  napi_value problem = nullptr;
  napi_value result = nullptr;
  bool accepted = false;
  if (outcome == SemaphoreThread::Outcome::kFailed) problem = ErrorObject(env_, error);
  if (napi_call_function(env_, owner, on_unit, problem == nullptr ? 0 : 1, &problem, &result) ==
      napi_ok) {
    static_cast<void>(napi_get_value_bool(env_, result, &accepted));
  }
  bool thrown = false;
  napi_value exception;
  if (napi_is_exception_pending(env_, &thrown) == napi_ok && thrown &&
      napi_get_and_clear_last_exception(env_, &exception) == napi_ok) {
    napi_fatal_exception(env_, exception);
  }
  return accepted;
}

void SemaphoreWatch::Unref() {
  if (--references_ == 0) delete this;
}

SemaphoreWatch::~SemaphoreWatch() {
  if (context_ != nullptr) napi_async_destroy(env_, context_);
}

}  // namespace framering
