// NativeSemaphore of src/native/semaphore-binding.ts. The core has a Semaphore of another kind.
#ifndef FRAMERING_ADDON_SEMAPHORE_H_
#define FRAMERING_ADDON_SEMAPHORE_H_

#include <framering_semaphore.h>
#include <node_api.h>

#include "buffers.h"
#include "call.h"

namespace framering {

class SemaphoreWatch;

class NamedSemaphore {
 public:
  static bool Define(napi_env env, BufferCount* count, napi_ref* type);
  explicit NamedSemaphore(BufferCount* /*count*/) {}
  ~NamedSemaphore() { Close(); }
  NamedSemaphore(const NamedSemaphore&) = delete;
  NamedSemaphore& operator=(const NamedSemaphore&) = delete;

  // What the constructor's caller gave. False when it failed.
  bool Open(const Call& call);

 private:
  napi_value Post(const Call& call);
  napi_value TryWait(const Call& call);
  napi_value Wait(const Call& call);
  napi_value Value(const Call& call);
  napi_value Want(const Call& call);
  napi_value Unwant(const Call& call);
  napi_value CloseCall(const Call& call);

  void Close();

  fr_semaphore* handle_ = nullptr;   // nullptr once closed
  SemaphoreWatch* watch_ = nullptr;  // from the first Want on
};

// unlinkSemaphore of NativeBinding.
napi_value UnlinkSemaphore(napi_env env, napi_callback_info info);

}  // namespace framering

#endif  // FRAMERING_ADDON_SEMAPHORE_H_
