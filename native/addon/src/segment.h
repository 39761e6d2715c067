// NativeSegment of src/native/segment-binding.ts.
#ifndef FRAMERING_ADDON_SEGMENT_H_
#define FRAMERING_ADDON_SEGMENT_H_

#include <framering_segment.h>
#include <node_api.h>

#include "buffers.h"
#include "call.h"

namespace framering {

class Segment {
 public:
  static bool Define(napi_env env, BufferCount* count, napi_ref* type);
  explicit Segment(BufferCount* count);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  // What the constructor's caller gave. False when it failed.
  bool Open(const Call& call);

 private:
  napi_value Buffer(const Call& call);
  napi_value Info(const Call& call);
  napi_value Link(const Call& call);
  napi_value Sync(const Call& call);
  napi_value Lock(const Call& call);
  napi_value Unlock(const Call& call);
  napi_value CloseCall(const Call& call);

  using OnRange = fr_status (*)(fr_segment*, uint64_t, uint64_t, fr_error*);
  napi_value Range(const Call& call, OnRange function);
  void Close();

  BufferCount* count_;
  fr_segment* handle_ = nullptr;  // nullptr once closed
};

}  // namespace framering

#endif  // FRAMERING_ADDON_SEGMENT_H_
