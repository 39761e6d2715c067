#include "semaphore.h"

#include <string>

#include "convert.h"
#include "semaphore_watch.h"

namespace framering {

namespace {

napi_value Closed(napi_env env) {
  return ThrowError(env, FR_CLOSED, "This semaphore is closed. Open it again.");
}

napi_value Answer(napi_env env, fr_wait end, const fr_error& error) {
  if (end == FR_WAIT_FAILED) return ThrowError(env, error);
  return Boolean(env, end == FR_ACQUIRED);
}

}  // namespace

bool NamedSemaphore::Define(napi_env env, BufferCount* count, napi_ref* type) {
  const napi_property_descriptor methods[] = {
      Method<NamedSemaphore, &NamedSemaphore::Post>("post"),
      Method<NamedSemaphore, &NamedSemaphore::TryWait>("tryWait"),
      Method<NamedSemaphore, &NamedSemaphore::Wait>("wait"),
      Method<NamedSemaphore, &NamedSemaphore::Value>("value"),
      Method<NamedSemaphore, &NamedSemaphore::Want>("want"),
      Method<NamedSemaphore, &NamedSemaphore::Unwant>("unwant"),
      Method<NamedSemaphore, &NamedSemaphore::CloseCall>("close"),
  };
  return DefineClass<NamedSemaphore>(env, "NativeSemaphore", count, methods, type);
}

bool NamedSemaphore::Open(const Call& call) {
  const Object options = {call.env, call.arguments[0]};
  if (!IsType(options.env, options.value, napi_object)) {
    ThrowError(call.env, FR_OPTION_INVALID, "openSemaphore takes an object of options.");
    return false;
  }
  std::string name;
  uint32_t create;
  uint32_t exclusive;
  fr_semaphore_options core = {};
  if (!GetString(options, "name", &name) || !GetUint32(options, "create", &create) ||
      !GetUint32(options, "exclusive", &exclusive) || !GetUint32(options, "mode", &core.mode) ||
      !GetUint32(options, "value", &core.value)) {
    return false;
  }
  core.name = name.c_str();
  core.create = create != 0 ? 1 : 0;
  core.exclusive = exclusive != 0 ? 1 : 0;
  fr_error error;
  if (fr_semaphore_open(&core, &handle_, &error) == FR_OK) return true;
  handle_ = nullptr;
  ThrowError(call.env, error);
  return false;
}

napi_value NamedSemaphore::Post(const Call& call) {
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (fr_semaphore_post(handle_, &error) != FR_OK) return ThrowError(call.env, error);
  return nullptr;
}

napi_value NamedSemaphore::TryWait(const Call& call) {
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  return Answer(call.env, fr_semaphore_try_wait(handle_, &error), error);
}

napi_value NamedSemaphore::Wait(const Call& call) {
  uint64_t timeout;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetDuration(call.env, call.arguments[0], "timeout", &timeout)) return nullptr;
  const int64_t now = fr_now();
  const int64_t room = INT64_MAX - now;
  const int64_t deadline =
      timeout < static_cast<uint64_t>(room) ? now + static_cast<int64_t>(timeout) : INT64_MAX;
  return Answer(call.env, fr_semaphore_wait(handle_, deadline, nullptr, &error), error);
}

napi_value NamedSemaphore::Value(const Call& call) {
  uint32_t value;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (fr_semaphore_value(handle_, &value, &error) != FR_OK) return ThrowError(call.env, error);
  return Number(call.env, value);
}

napi_value NamedSemaphore::Want(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  if (watch_ == nullptr) {
    if (!IsType(call.env, call.arguments[0], napi_function)) {
      return ThrowError(call.env, FR_OPTION_INVALID, "want takes a function.");
    }
    watch_ = SemaphoreWatch::Start(call.env, handle_, call.self, call.arguments[0]);
    if (watch_ == nullptr) return nullptr;
  }
  watch_->Want();
  return nullptr;
}

napi_value NamedSemaphore::Unwant(const Call& call) {
  return Boolean(call.env, watch_ != nullptr && watch_->Unwant());
}

napi_value NamedSemaphore::CloseCall(const Call& /*call*/) {
  Close();
  return nullptr;
}

void NamedSemaphore::Close() {
  if (handle_ == nullptr) return;
  // It waits on the handle.
  if (watch_ != nullptr) watch_->Close();
  watch_ = nullptr;
  fr_semaphore_close(handle_);
  handle_ = nullptr;
}

napi_value UnlinkSemaphore(napi_env env, napi_callback_info info) {
  Call call;
  std::string name;
  fr_error error;
  if (!TakeCall(env, info, &call)) return nullptr;
  if (!IsType(env, call.arguments[0], napi_object)) {
    return ThrowError(env, FR_OPTION_INVALID, "unlinkSemaphore takes an object with the name.");
  }
  if (!GetString({env, call.arguments[0]}, "name", &name)) return nullptr;
  if (fr_semaphore_unlink(name.c_str(), &error) != FR_OK) return ThrowError(env, error);
  return nullptr;
}

}  // namespace framering
