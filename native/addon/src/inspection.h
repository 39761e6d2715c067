// NativeInspection of src/native/inspection-binding.ts.
#ifndef FRAMERING_ADDON_INSPECTION_H_
#define FRAMERING_ADDON_INSPECTION_H_

#include <framering_inspect.h>
#include <node_api.h>

#include "buffers.h"
#include "call.h"

namespace framering {

class Inspection {
 public:
  static bool Define(napi_env env, BufferCount* count, napi_ref* type);
  explicit Inspection(BufferCount* /*count*/) {}
  ~Inspection() { Close(); }
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  // What the constructor's caller gave. False when it failed.
  bool Open(const Call& call);

 private:
  napi_value Ring(const Call& call);
  napi_value Format(const Call& call);
  napi_value Readers(const Call& call);
  napi_value Slots(const Call& call);
  napi_value Moments(const Call& call);
  napi_value Frame(const Call& call);
  napi_value CloseCall(const Call& call);

  void Close();

  fr_inspection* handle_ = nullptr;  // nullptr once closed
};

// { counts: Float64Array, sum, longest }, in ms.
napi_value LatencyObject(napi_env env, const fr_latency& latency);

}  // namespace framering

#endif  // FRAMERING_ADDON_INSPECTION_H_
