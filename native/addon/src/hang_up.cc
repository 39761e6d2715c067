#include "hang_up.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "convert.h"

namespace framering {

bool HangUp::Define(napi_env env, BufferCount* count, napi_ref* type) {
  const napi_property_descriptor methods[] = {
      Method<HangUp, &HangUp::CloseCall>("close"),
  };
  return DefineClass<HangUp>(env, "NativeHangUp", count, methods, type);
}

bool HangUp::Open(const Call& call) {
  const Object options = {call.env, call.arguments[0]};
  uint32_t fd;
  napi_value on_hang_up;
  if (!IsType(options.env, options.value, napi_object)) {
    ThrowError(call.env, FR_OPTION_INVALID, "watchHangUp takes an object of options.");
    return false;
  }
  if (!GetUint32(options, "fd", &fd) || !GetProperty(options, "onHangUp", &on_hang_up)) {
    return false;
  }
  if (!IsType(call.env, on_hang_up, napi_function)) {
    ThrowError(call.env, FR_OPTION_INVALID, "onHangUp is not a function.");
    return false;
  }
  fd_ = fcntl(static_cast<int>(fd), F_DUPFD_CLOEXEC, 0);
  if (fd_ < 0) {
    fr_error error = {};
    error.status = FR_SYSTEM;
    error.sys = errno;
    ThrowError(call.env, error);
    return false;
  }
  watch_ = FdWatch::Start(call.env, fd_, FdNews::kHangUp, call.self, on_hang_up);
  return watch_ != nullptr;
}

napi_value HangUp::CloseCall(const Call& /*call*/) {
  Close();
  return nullptr;
}

void HangUp::Close() {
  if (watch_ != nullptr) watch_->Close();
  watch_ = nullptr;
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace framering
