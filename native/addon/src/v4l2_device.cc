#include "v4l2_device.h"

#include <string>
#include <vector>

#include "convert.h"

namespace framering {

namespace {

bool GetRows(const Object& object, fr_v4l2_rows* out) {
  return GetUint32(object, "plane", &out->plane) && GetUint32(object, "rows", &out->rows) &&
         GetUint64(object, "sourceOffset", &out->source_offset) &&
         GetUint64(object, "sourceStride", &out->source_stride) &&
         GetUint64(object, "offset", &out->offset) && GetUint64(object, "stride", &out->stride) &&
         GetUint64(object, "rowBytes", &out->row_bytes);
}

bool GetAllRows(napi_env env, napi_value array, std::vector<fr_v4l2_rows>* out) {
  uint32_t length = 0;
  if (napi_get_array_length(env, array, &length) != napi_ok || length > FR_V4L2_MAX_ROWS) {
    ThrowError(env, FR_OPTION_INVALID, "rows must be an array of up to four row blocks.");
    return false;
  }
  out->resize(length);
  for (uint32_t i = 0; i < length; ++i) {
    napi_value entry;
    if (napi_get_element(env, array, i, &entry) != napi_ok) return false;
    if (!IsType(env, entry, napi_object)) {
      ThrowError(env, FR_OPTION_INVALID, "An entry of rows must be an object.");
      return false;
    }
    if (!GetRows({env, entry}, &(*out)[i])) return false;
  }
  return true;
}

}  // namespace

bool V4l2Device::Define(napi_env env, BufferCount* count, napi_ref* type) {
  const napi_property_descriptor methods[] = {
      Method<V4l2Device, &V4l2Device::Info>("info"),
      Method<V4l2Device, &V4l2Device::FormatAt>("formatAt"),
      Method<V4l2Device, &V4l2Device::SizeAt>("sizeAt"),
      Method<V4l2Device, &V4l2Device::IntervalAt>("intervalAt"),
      Method<V4l2Device, &V4l2Device::GetFormat>("getFormat"),
      Method<V4l2Device, &V4l2Device::SetFormat>("setFormat"),
      Method<V4l2Device, &V4l2Device::GetInterval>("getInterval"),
      Method<V4l2Device, &V4l2Device::SetInterval>("setInterval"),
      Method<V4l2Device, &V4l2Device::ControlAfter>("controlAfter"),
      Method<V4l2Device, &V4l2Device::MenuAt>("menuAt"),
      Method<V4l2Device, &V4l2Device::GetControl>("getControl"),
      Method<V4l2Device, &V4l2Device::SetControl>("setControl"),
      Method<V4l2Device, &V4l2Device::StartStream>("start"),
      Method<V4l2Device, &V4l2Device::Watch>("watch"),
      Method<V4l2Device, &V4l2Device::Unwatch>("unwatch"),
      Method<V4l2Device, &V4l2Device::Dequeue>("dequeue"),
      Method<V4l2Device, &V4l2Device::Copy>("copy"),
      Method<V4l2Device, &V4l2Device::StopStream>("stop"),
      Method<V4l2Device, &V4l2Device::CloseCall>("close"),
  };
  return DefineClass<V4l2Device>(env, "NativeV4l2", count, methods, type);
}

bool V4l2Device::Open(const Call& call) {
  const Object options = {call.env, call.arguments[0]};
  std::string path;
  fr_error error;
  if (!IsType(options.env, options.value, napi_object)) {
    ThrowError(call.env, FR_OPTION_INVALID, "openV4l2 takes an object of options.");
    return false;
  }
  if (!GetString(options, "path", &path)) return false;
  if (fr_v4l2_open(path.c_str(), &handle_, &error) == FR_OK) return true;
  ThrowError(call.env, error);
  return false;
}

bool V4l2Device::IsOpen(napi_env env) const {
  if (handle_ != nullptr) return true;
  ThrowError(env, FR_CLOSED, "This device is closed. Open it again.");
  return false;
}

napi_value V4l2Device::StartStream(const Call& call) {
  uint32_t buffers;
  std::vector<fr_v4l2_rows> rows;
  fr_error error;
  if (!IsOpen(call.env) || !GetUint32(call.env, call.arguments[0], "buffers", &buffers) ||
      !GetAllRows(call.env, call.arguments[1], &rows)) {
    return nullptr;
  }
  const uint32_t count = static_cast<uint32_t>(rows.size());
  if (fr_v4l2_start(handle_, buffers, rows.data(), count, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return nullptr;
}

napi_value V4l2Device::Watch(const Call& call) {
  if (!IsOpen(call.env)) return nullptr;
  if (!IsType(call.env, call.arguments[0], napi_function)) {
    return ThrowError(call.env, FR_OPTION_INVALID, "watch takes a function.");
  }
  EndWatch();
  watch_ = FdWatch::Start(call.env, fr_v4l2_fd(handle_), FdNews::kReadable, call.self,
                          call.arguments[0]);
  return nullptr;
}

napi_value V4l2Device::Unwatch(const Call& /*call*/) {
  EndWatch();
  return nullptr;
}

napi_value V4l2Device::Dequeue(const Call& call) {
  fr_v4l2_frame frame;
  fr_error error;
  if (!IsOpen(call.env)) return nullptr;
  if (fr_v4l2_dequeue(handle_, &frame, &error) != FR_OK) return ThrowError(call.env, error);
  ObjectBuilder object(call.env);
  object.Set("held", Boolean(call.env, frame.held != 0));
  object.Set("damaged", frame.damaged);
  object.Set("sequence", frame.sequence);
  object.Set("flags", frame.flags);
  object.Set("seconds", static_cast<double>(frame.seconds));
  object.Set("microseconds", static_cast<double>(frame.microseconds));
  object.Set("bytes", static_cast<double>(frame.bytes));
  return object.Done();
}

napi_value V4l2Device::Copy(const Call& call) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  uint64_t bytes = 0;
  fr_error error;
  if (!IsOpen(call.env)) return nullptr;
  if (napi_get_typedarray_info(call.env, call.arguments[0], &type, &length, &data, nullptr,
                               nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return ThrowError(call.env, FR_OPTION_INVALID, "copy takes a Uint8Array.");
  }
  if (fr_v4l2_copy(handle_, static_cast<uint8_t*>(data), length, &bytes, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return Number(call.env, static_cast<double>(bytes));
}

napi_value V4l2Device::StopStream(const Call& /*call*/) {
  EndWatch();
  if (handle_ != nullptr) fr_v4l2_stop(handle_);
  return nullptr;
}

napi_value V4l2Device::CloseCall(const Call& /*call*/) {
  Close();
  return nullptr;
}

void V4l2Device::EndWatch() {
  if (watch_ == nullptr) return;
  watch_->Close();
  watch_ = nullptr;
}

// The poll first: a descriptor that is closed under it could be another file's by then.
void V4l2Device::Close() {
  EndWatch();
  if (handle_ == nullptr) return;
  fr_v4l2_close(handle_);
  handle_ = nullptr;
}

}  // namespace framering
