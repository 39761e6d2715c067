// NativeV4l2 of src/native/v4l2-binding.ts.
#ifndef FRAMERING_ADDON_V4L2_DEVICE_H_
#define FRAMERING_ADDON_V4L2_DEVICE_H_

#include <framering_v4l2.h>
#include <node_api.h>

#include "buffers.h"
#include "call.h"
#include "fd_watch.h"

namespace framering {

class V4l2Device {
 public:
  static bool Define(napi_env env, BufferCount* count, napi_ref* type);
  explicit V4l2Device(BufferCount* /*count*/) {}
  ~V4l2Device() { Close(); }
  V4l2Device(const V4l2Device&) = delete;
  V4l2Device& operator=(const V4l2Device&) = delete;

  // What the constructor's caller gave. False when it failed.
  bool Open(const Call& call);

 private:
  // What it offers and is set to: v4l2_settings.cc.
  napi_value Info(const Call& call);
  napi_value FormatAt(const Call& call);
  napi_value SizeAt(const Call& call);
  napi_value IntervalAt(const Call& call);
  napi_value GetFormat(const Call& call);
  napi_value SetFormat(const Call& call);
  napi_value GetInterval(const Call& call);
  napi_value SetInterval(const Call& call);
  napi_value ControlAfter(const Call& call);
  napi_value MenuAt(const Call& call);
  napi_value GetControl(const Call& call);
  napi_value SetControl(const Call& call);
  // Its life and its frames: v4l2_device.cc.
  napi_value StartStream(const Call& call);
  napi_value Watch(const Call& call);
  napi_value Unwatch(const Call& call);
  napi_value Dequeue(const Call& call);
  napi_value Copy(const Call& call);
  napi_value StopStream(const Call& call);
  napi_value CloseCall(const Call& call);

  // False with an exception pending once it is closed.
  bool IsOpen(napi_env env) const;
  void EndWatch();
  void Close();

  fr_v4l2* handle_ = nullptr;  // nullptr once closed
  FdWatch* watch_ = nullptr;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_V4L2_DEVICE_H_
