#include "segment.h"

#include <string>

#include "convert.h"

namespace framering {

namespace {

napi_value Closed(napi_env env) {
  return ThrowError(env, FR_CLOSED, "This memory is closed. Open it again.");
}

// A path must come through whole: cut at a NUL it would be another one.
bool GetPath(napi_env env, napi_value value, std::string* out) {
  if (!ToText(env, value, out) || out->empty() || out->find('\0') != std::string::npos) {
    ThrowError(env, FR_NAME_INVALID, "A path is a string that is not empty and has no NUL.");
    return false;
  }
  return true;
}

}  // namespace

bool Segment::Define(napi_env env, BufferCount* count, napi_ref* type) {
  const napi_property_descriptor methods[] = {
      Method<Segment, &Segment::Buffer>("buffer"),   Method<Segment, &Segment::Info>("info"),
      Method<Segment, &Segment::Link>("link"),       Method<Segment, &Segment::Sync>("sync"),
      Method<Segment, &Segment::Lock>("lock"),       Method<Segment, &Segment::Unlock>("unlock"),
      Method<Segment, &Segment::CloseCall>("close"),
  };
  return DefineClass<Segment>(env, "NativeSegment", count, methods, type);
}

Segment::Segment(BufferCount* count) : count_(count) { count_->Ref(); }

bool Segment::Open(const Call& call) {
  const Object options = {call.env, call.arguments[0]};
  std::string kind;
  std::string path;
  uint64_t bytes;
  uint32_t mode;
  uint32_t flags;
  if (!IsType(options.env, options.value, napi_object)) {
    ThrowError(call.env, FR_OPTION_INVALID, "openSegment takes an object of options.");
    return false;
  }
  if (!GetString(options, "kind", &kind) || !GetString(options, "path", &path) ||
      !GetUint64(options, "bytes", &bytes) || !GetUint32(options, "mode", &mode) ||
      !GetUint32(options, "flags", &flags)) {
    return false;
  }
  if (path.find('\0') != std::string::npos) {
    ThrowError(call.env, FR_NAME_INVALID, "A path has no NUL.");
    return false;
  }
  fr_error error;
  fr_status status;
  if (kind == "create") {
    status = fr_segment_create(path.c_str(), bytes, mode, &handle_, &error);
  } else if (kind == "open") {
    status = fr_segment_open(path.c_str(), flags, &handle_, &error);
  } else if (kind == "anonymous") {
    status = fr_segment_anonymous(bytes, &handle_, &error);
  } else if (kind == "attach") {
    status = fr_segment_attach(path.c_str(), flags, &handle_, &error);
  } else {
    ThrowError(call.env, FR_OPTION_INVALID, "openSegment knows no kind " + kind + ".");
    return false;
  }
  if (status != FR_OK) {
    handle_ = nullptr;
    ThrowError(call.env, error);
    return false;
  }
  return true;
}

Segment::~Segment() {
  Close();
  count_->Unref();
}

napi_value Segment::Buffer(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_segment_info info;
  fr_segment_get_info(handle_, &info);
  return ExternalBuffer(call.env, count_, fr_segment_mapping(handle_), info.data, info.bytes);
}

napi_value Segment::Info(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_segment_info info;
  fr_segment_get_info(handle_, &info);
  ObjectBuilder object(call.env);
  object.Set("bytes", static_cast<double>(info.bytes));
  object.Set("mode", info.mode);
  object.Set("readOnly", Boolean(call.env, info.read_only != 0));
  object.Set("truncated", Boolean(call.env, info.truncated != 0));
  object.Set("device", Text(call.env, std::to_string(info.device).c_str()));
  object.Set("inode", Text(call.env, std::to_string(info.inode).c_str()));
  object.Set("name", Text(call.env, info.name));
  return object.Done();
}

napi_value Segment::Link(const Call& call) {
  std::string path;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetPath(call.env, call.arguments[0], &path)) return nullptr;
  if (fr_segment_link(handle_, path.c_str(), &error) != FR_OK) return ThrowError(call.env, error);
  return nullptr;
}

napi_value Segment::Sync(const Call& call) {
  uint64_t offset;
  uint64_t length;
  uint32_t flags;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint64(call.env, call.arguments[0], "offset", &offset) ||
      !GetUint64(call.env, call.arguments[1], "length", &length) ||
      !GetUint32(call.env, call.arguments[2], "flags", &flags)) {
    return nullptr;
  }
  if (fr_segment_sync(handle_, offset, length, static_cast<int32_t>(flags), &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return nullptr;
}

napi_value Segment::Range(const Call& call, OnRange function) {
  uint64_t offset;
  uint64_t length;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint64(call.env, call.arguments[0], "offset", &offset) ||
      !GetUint64(call.env, call.arguments[1], "length", &length)) {
    return nullptr;
  }
  if (function(handle_, offset, length, &error) != FR_OK) return ThrowError(call.env, error);
  return nullptr;
}

napi_value Segment::Lock(const Call& call) { return Range(call, fr_segment_lock); }

napi_value Segment::Unlock(const Call& call) { return Range(call, fr_segment_unlock); }

napi_value Segment::CloseCall(const Call& /*call*/) {
  Close();
  return nullptr;
}

void Segment::Close() {
  if (handle_ == nullptr) return;
  fr_segment_close(handle_);
  handle_ = nullptr;
}

}  // namespace framering
