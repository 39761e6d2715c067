// NativeHangUp of src/native/hang-up-binding.ts.
#ifndef FRAMERING_ADDON_HANG_UP_H_
#define FRAMERING_ADDON_HANG_UP_H_

#include <node_api.h>

#include "buffers.h"
#include "call.h"
#include "fd_watch.h"

namespace framering {

class HangUp {
 public:
  static bool Define(napi_env env, BufferCount* count, napi_ref* type);
  explicit HangUp(BufferCount* /*count*/) {}
  ~HangUp() { Close(); }
  HangUp(const HangUp&) = delete;
  HangUp& operator=(const HangUp&) = delete;

  // What the constructor's caller gave. False when it failed.
  bool Open(const Call& call);

 private:
  napi_value CloseCall(const Call& call);
  void Close();

  int fd_ = -1;  // of its own: libuv polls a descriptor once only
  FdWatch* watch_ = nullptr;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_HANG_UP_H_
