#include "reader.h"

#include <cstring>
#include <string>

#include "bell.h"
#include "convert.h"
#include "inspection.h"

namespace framering {

namespace {

napi_value Closed(napi_env env) {
  return ThrowError(env, FR_CLOSED, "This reader is closed. Open another.");
}

bool GetPosition(const Object& options, fr_reader_options* out) {
  napi_value given;
  if (!GetProperty(options, "position", &given)) return false;
  if (IsType(options.env, given, napi_undefined)) return true;
  Object position;
  out->has_position = 1;
  return GetObject(options, "position", &position) &&
         GetUint64(position, "session", &out->position.session) &&
         GetUint64(position, "sequence", &out->position.sequence) &&
         GetUint64(position, "head", &out->position.head) &&
         GetUint64(position, "counted", &out->position.counted) &&
         GetUint64(position, "dropped", &out->position.dropped) &&
         GetUint64(position, "sourceLost", &out->position.source_lost) &&
         GetUint64(position, "restart", &out->position.restart) &&
         GetUint64(position, "aged", &out->position.aged);
}

}  // namespace

bool Reader::Define(napi_env env, BufferCount* count, napi_ref* type) {
  const napi_property_descriptor methods[] = {
      Method<Reader, &Reader::Wait>("wait"),
      Method<Reader, &Reader::Buffer>("buffer"),
      Method<Reader, &Reader::Copy>("copy"),
      Method<Reader, &Reader::Format>("format"),
      Method<Reader, &Reader::Info>("info"),
      Method<Reader, &Reader::Position>("position"),
      Method<Reader, &Reader::Leases>("leases"),
      Method<Reader, &Reader::Latency>("latency"),
      Method<Reader, &Reader::WriterAlive>("writerAlive"),
      Method<Reader, &Reader::Watch>("watch"),
      Method<Reader, &Reader::Unwatch>("unwatch"),
      Method<Reader, &Reader::WakeAt>("wakeAt"),
      Method<Reader, &Reader::Poll>("poll"),
      Method<Reader, &Reader::CloseCall>("close"),
  };
  return DefineClass<Reader>(env, "NativeReader", count, methods, type);
}

Reader::Reader(BufferCount* count) : count_(count), target_(new Target<Reader>(this)) {
  count_->Ref();
}

bool Reader::Open(const Call& call) {
  const Object options = {call.env, call.arguments[0]};
  if (!IsType(options.env, options.value, napi_object)) {
    ThrowError(call.env, FR_OPTION_INVALID, "openReader takes an object of options.");
    return false;
  }
  std::string directory;
  std::string name;
  fr_reader_options core = {};
  if (!GetString(options, "directory", &directory) || !GetString(options, "name", &name) ||
      !GetUint32(options, "delivery", &core.delivery) ||
      !GetUint32(options, "maxLeases", &core.max_leases) ||
      !GetUint32(options, "replay", &core.replay) ||
      !GetDuration(options, "reliableWait", &core.reliable_wait) ||
      !GetUint64(options, "notGeneration", &core.not_generation) ||
      !GetDuration(options, "observe", &core.observe) || !GetPosition(options, &core)) {
    return false;
  }
  core.timed = 1;
  core.directory = directory.c_str();
  core.name = name.c_str();
  fr_error error;
  if (fr_reader_open(&core, &handle_, &error) != FR_OK) {
    handle_ = nullptr;
    ThrowError(call.env, error);
    return false;
  }
  fr_reader_info about;
  fr_reader_get_info(handle_, &about);
  slot_bytes_ = about.slot_bytes;
  data_.assign(about.slot_count, nullptr);
  return mailbox_.Open(call.env, call.self, kMailLength) &&
         target_->Bind<&Reader::Next>(call.env, call.self, "next") &&
         target_->Bind<&Reader::Retain>(call.env, call.self, "retain") &&
         target_->Bind<&Reader::Release>(call.env, call.self, "release");
}

Reader::~Reader() {
  Close();
  target_->Leave();
  count_->Unref();
}

napi_value Reader::Next(const Call& call) {
  uint32_t arm;
  uint64_t max_age;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint32(call.env, call.arguments[0], "arm", &arm) ||
      !GetDuration(call.env, call.arguments[1], "maxAge", &max_age)) {
    return nullptr;
  }
  fr_frame frame;
  fr_error error;
  const fr_next next = fr_reader_next(handle_, arm, max_age, &frame, &error);
  return Delivered(call.env, next, frame, error);
}

napi_value Reader::Wait(const Call& call) {
  uint64_t timeout;
  uint64_t max_age;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetDuration(call.env, call.arguments[0], "timeout", &timeout) ||
      !GetDuration(call.env, call.arguments[1], "maxAge", &max_age)) {
    return nullptr;
  }
  fr_frame frame;
  fr_error error;
  const fr_next next = fr_reader_wait(handle_, timeout, max_age, &frame, &error);
  return Delivered(call.env, next, frame, error);
}

napi_value Reader::Delivered(napi_env env, fr_next next, const fr_frame& frame,
                             const fr_error& error) {
  if (next == FR_FAILED) return ThrowError(env, error);
  if (next == FR_FRAME) {
    data_[frame.slot] = frame.data;
    PutFrame(frame, mailbox_.figures());
  }
  return Integer(env, next);
}

napi_value Reader::Retain(const Call& call) {
  uint32_t slot;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint32(call.env, call.arguments[0], "slot", &slot)) return nullptr;
  if (fr_reader_retain(handle_, slot, &error) != FR_OK) return ThrowError(call.env, error);
  return nullptr;
}

napi_value Reader::Release(const Call& call) {
  uint32_t slot;
  fr_error error;
  if (!GetUint32(call.env, call.arguments[0], "slot", &slot)) return nullptr;
  return Integer(call.env,
                 handle_ == nullptr ? FR_CLOSED : fr_reader_release(handle_, slot, &error));
}

bool Reader::SlotData(const Call& call, const uint8_t** data) {
  uint32_t slot;
  if (handle_ == nullptr) {
    Closed(call.env);
    return false;
  }
  if (!GetUint32(call.env, call.arguments[0], "slot", &slot)) return false;
  if (slot >= data_.size() || data_[slot] == nullptr) {
    ThrowError(call.env, FR_NOT_LEASED, "This reader has had no frame in that slot.");
    return false;
  }
  *data = data_[slot];
  return true;
}

napi_value Reader::Buffer(const Call& call) {
  const uint8_t* data;
  if (!SlotData(call, &data)) return nullptr;
  return ExternalBuffer(call.env, count_, fr_reader_mapping(handle_), data, slot_bytes_);
}

napi_value Reader::Copy(const Call& call) {
  const uint8_t* data;
  uint64_t length;
  if (!SlotData(call, &data) || !GetUint64(call.env, call.arguments[1], "length", &length)) {
    return nullptr;
  }
  if (length > slot_bytes_) {
    return ThrowError(call.env, FR_OPTION_INVALID, "length is more than a slot holds.");
  }
  void* bytes = nullptr;
  napi_value buffer = nullptr;
  if (napi_create_arraybuffer(call.env, length, &bytes, &buffer) != napi_ok) return nullptr;
  if (length != 0) std::memcpy(bytes, data, length);
  return buffer;
}

napi_value Reader::Format(const Call& call) {
  uint32_t slot;
  fr_format format;
  fr_error error;
  char descriptor[FR_MAX_DESCRIPTOR];
  uint32_t length = sizeof(descriptor);
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint32(call.env, call.arguments[0], "slot", &slot)) return nullptr;
  if (fr_reader_format(handle_, slot, &format, descriptor, &length, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  ObjectBuilder object(call.env);
  object.Set("format", FormatObject(call.env, format));
  object.Set("descriptor", Text(call.env, descriptor, length));
  return object.Done();
}

napi_value Reader::Info(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_reader_info info;
  fr_reader_get_info(handle_, &info);
  ObjectBuilder object(call.env);
  object.Set("generation", static_cast<double>(info.generation));
  object.Set("session", static_cast<double>(info.session));
  object.Set("slotBytes", static_cast<double>(info.slot_bytes));
  object.Set("slotCount", info.slot_count);
  object.Set("maxReaders", info.max_readers);
  object.Set("entry", info.entry);
  object.Set("writerPid", info.writer_pid);
  return object.Done();
}

napi_value Reader::Position(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_position position;
  fr_reader_get_position(handle_, &position);
  ObjectBuilder object(call.env);
  object.Set("session", static_cast<double>(position.session));
  object.Set("sequence", static_cast<double>(position.sequence));
  object.Set("head", static_cast<double>(position.head));
  object.Set("counted", static_cast<double>(position.counted));
  object.Set("dropped", static_cast<double>(position.dropped));
  object.Set("sourceLost", static_cast<double>(position.source_lost));
  object.Set("restart", static_cast<double>(position.restart));
  object.Set("aged", static_cast<double>(position.aged));
  return object.Done();
}

napi_value Reader::Leases(const Call& call) {
  return Number(call.env, handle_ == nullptr ? 0 : fr_reader_leases(handle_));
}

napi_value Reader::Latency(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_latency latency;
  fr_reader_get_latency(handle_, &latency);
  return LatencyObject(call.env, latency);
}

napi_value Reader::WriterAlive(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  return Boolean(call.env, fr_reader_writer_alive(handle_) != 0);
}

napi_value Reader::Watch(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  if (!IsType(call.env, call.arguments[0], napi_function)) {
    return ThrowError(call.env, FR_OPTION_INVALID, "watch takes a function.");
  }
  CloseBell();
  bell_ = Bell::Start(call.env, handle_, call.self, call.arguments[0]);
  return nullptr;
}

napi_value Reader::Unwatch(const Call& /*call*/) {
  CloseBell();
  return nullptr;
}

napi_value Reader::WakeAt(const Call& call) {
  uint64_t time;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetDuration(call.env, call.arguments[0], "time", &time)) return nullptr;
  if (bell_ == nullptr) {
    return ThrowError(call.env, FR_OPTION_INVALID, "wakeAt needs a watch that it can call.");
  }
  bell_->RingAt(time);
  return nullptr;
}

napi_value Reader::Poll(const Call& call) {
  uint64_t timeout;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetDuration(call.env, call.arguments[0], "timeout", &timeout)) return nullptr;
  return Boolean(call.env, fr_reader_poll(handle_, timeout) != 0);
}

napi_value Reader::CloseCall(const Call& /*call*/) {
  Close();
  return nullptr;
}

void Reader::CloseBell() {
  if (bell_ == nullptr) return;
  bell_->Close();
  bell_ = nullptr;
}

void Reader::Close() {
  // Before the core closes the file descriptors: epoll would report on whatever gets their numbers.
  CloseBell();
  if (handle_ == nullptr) return;
  fr_reader_close(handle_);
  handle_ = nullptr;
  data_.clear();
}

}  // namespace framering
