#include "writer.h"

#include <string>

#include "convert.h"

namespace framering {

namespace {

napi_value Closed(napi_env env) {
  return ThrowError(env, FR_CLOSED, "This writer is closed. Create another.");
}

}  // namespace

bool Writer::Define(napi_env env, BufferCount* count, napi_ref* type) {
  const napi_property_descriptor methods[] = {
      Method<Writer, &Writer::Buffer>("buffer"),       Method<Writer, &Writer::Abandon>("abandon"),
      Method<Writer, &Writer::Drop>("drop"),           Method<Writer, &Writer::Write>("write"),
      Method<Writer, &Writer::SetFormat>("setFormat"), Method<Writer, &Writer::Info>("info"),
      Method<Writer, &Writer::Stats>("stats"),         Method<Writer, &Writer::CloseCall>("close"),
  };
  return DefineClass<Writer>(env, "NativeWriter", count, methods, type);
}

Writer::Writer(BufferCount* count) : count_(count), target_(new Target<Writer>(this)) {
  count_->Ref();
}

bool Writer::Open(const Call& call) {
  const Object options = {call.env, call.arguments[0]};
  if (!IsType(options.env, options.value, napi_object)) {
    ThrowError(call.env, FR_OPTION_INVALID, "createWriter takes an object of options.");
    return false;
  }
  std::string directory;
  std::string name;
  std::string descriptor;
  Object format;
  fr_writer_options core = {};
  if (!GetString(options, "directory", &directory) || !GetString(options, "name", &name) ||
      !GetString(options, "descriptor", &descriptor) || !GetObject(options, "format", &format) ||
      !GetFormat(format, &core.format) || !GetUint64(options, "slotBytes", &core.slot_bytes) ||
      !GetUint32(options, "slotCount", &core.slot_count) ||
      !GetUint32(options, "maxReaders", &core.max_readers) ||
      !GetUint32(options, "mode", &core.mode) || !GetInt64(options, "group", &core.group) ||
      !GetUint32(options, "controlMode", &core.control_mode) ||
      !GetInt64(options, "controlGroup", &core.control_group) ||
      !GetUint32(options, "memoryLock", &core.memory_lock) ||
      !GetDuration(options, "reliableLimit", &core.reliable_limit)) {
    return false;
  }
  core.directory = directory.c_str();
  core.name = name.c_str();
  core.descriptor = descriptor.c_str();
  core.descriptor_bytes = static_cast<uint32_t>(descriptor.size());
  fr_error error;
  if (fr_writer_create(&core, &handle_, &error) != FR_OK) {
    handle_ = nullptr;
    ThrowError(call.env, error);
    return false;
  }
  ForgetSlots();
  return mailbox_.Open(call.env, call.self, kMetaLength) &&
         target_->Bind<&Writer::Loan>(call.env, call.self, "loan") &&
         target_->Bind<&Writer::Publish>(call.env, call.self, "publish");
}

Writer::~Writer() {
  Close();
  target_->Leave();
  count_->Unref();
}

void Writer::ForgetSlots() {
  fr_writer_info about;
  fr_writer_get_info(handle_, &about);
  slot_bytes_ = about.slot_bytes;
  data_.assign(about.slot_count, nullptr);
}

napi_value Writer::Loan(const Call& call) {
  fr_loan loan;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (fr_writer_loan(handle_, &loan, &error) != FR_OK) return ThrowError(call.env, error);
  if (loan.slot == FR_NO_SLOT) return Integer(call.env, -1);
  data_[loan.slot] = loan.data;
  return Integer(call.env, static_cast<int32_t>(loan.slot));
}

napi_value Writer::Buffer(const Call& call) {
  uint32_t slot;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint32(call.env, call.arguments[0], "slot", &slot)) return nullptr;
  if (slot >= data_.size() || data_[slot] == nullptr) {
    return ThrowError(call.env, FR_NOT_ON_LOAN, "That slot has not been on loan.");
  }
  return ExternalBuffer(call.env, count_, fr_writer_mapping(handle_), data_[slot], slot_bytes_);
}

napi_value Writer::Publish(const Call& call) {
  uint32_t slot;
  uint64_t sequence;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint32(call.env, call.arguments[0], "slot", &slot) ||
      !TakeMeta(call.env, mailbox_.figures(), &meta_)) {
    return nullptr;
  }
  if (fr_writer_publish(handle_, slot, &meta_, &sequence, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return Number(call.env, static_cast<double>(sequence));
}

napi_value Writer::Abandon(const Call& call) {
  uint32_t slot;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint32(call.env, call.arguments[0], "slot", &slot)) return nullptr;
  if (fr_writer_abandon(handle_, slot, &error) != FR_OK) return ThrowError(call.env, error);
  return nullptr;
}

napi_value Writer::Drop(const Call& call) {
  uint64_t sequence;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!TakeMeta(call.env, mailbox_.figures(), &meta_)) return nullptr;
  if (fr_writer_drop(handle_, &meta_, &sequence, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return Number(call.env, static_cast<double>(sequence));
}

napi_value Writer::Write(const Call& call) {
  napi_typedarray_type type;
  size_t length;
  void* bytes;
  uint64_t sequence;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (napi_get_typedarray_info(call.env, call.arguments[0], &type, &length, &bytes, nullptr,
                               nullptr) != napi_ok ||
      (type != napi_uint8_array && type != napi_uint8_clamped_array)) {
    return ThrowError(call.env, FR_OPTION_INVALID, "write takes a Uint8Array.");
  }
  if (!TakeMeta(call.env, mailbox_.figures(), &meta_)) return nullptr;
  if (fr_writer_write(handle_, bytes, length, &meta_, &sequence, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return Number(call.env, static_cast<double>(sequence));
}

napi_value Writer::SetFormat(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  const Object given = {call.env, call.arguments[0]};
  std::string descriptor;
  fr_format format;
  uint64_t slot_bytes;
  fr_error error;
  if (!IsType(call.env, given.value, napi_object) ||
      !ToText(call.env, call.arguments[2], &descriptor)) {
    return ThrowError(call.env, FR_OPTION_INVALID,
                      "setFormat takes a format, a number of bytes and a text.");
  }
  if (!GetFormat(given, &format) ||
      !GetUint64(call.env, call.arguments[1], "slotBytes", &slot_bytes)) {
    return nullptr;
  }
  // A getter in the format may have closed this writer.
  if (handle_ == nullptr) return Closed(call.env);
  if (fr_writer_set_format(handle_, &format, slot_bytes, descriptor.c_str(),
                           static_cast<uint32_t>(descriptor.size()), &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  fr_writer_info about;
  fr_writer_get_info(handle_, &about);
  // New objects: what is known of the old ones' slots is an address in another mapping.
  if (about.slot_bytes != slot_bytes_) ForgetSlots();
  return nullptr;
}

napi_value Writer::Info(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_writer_info info;
  fr_writer_get_info(handle_, &info);
  ObjectBuilder object(call.env);
  object.Set("generation", static_cast<double>(info.generation));
  object.Set("session", static_cast<double>(info.session));
  object.Set("totalBytes", static_cast<double>(info.total_bytes));
  object.Set("slotBytes", static_cast<double>(info.slot_bytes));
  object.Set("slotCount", info.slot_count);
  object.Set("maxReaders", info.max_readers);
  object.Set("locked", info.locked);
  object.Set("lockErrno", info.lock_errno);
  object.Set("lockedBytes", static_cast<double>(info.locked_bytes));
  return object.Done();
}

napi_value Writer::Stats(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_writer_stats stats;
  fr_writer_get_stats(handle_, &stats);
  ObjectBuilder object(call.env);
  object.Set("head", static_cast<double>(stats.head));
  object.Set("published", static_cast<double>(stats.published));
  object.Set("dropped", static_cast<double>(stats.dropped));
  object.Set("sourceLost", static_cast<double>(stats.source_lost));
  object.Set("abandoned", static_cast<double>(stats.abandoned));
  object.Set("bells", static_cast<double>(stats.bells));
  object.Set("reclaimed", static_cast<double>(stats.reclaimed));
  object.Set("waited", ToMs(stats.waited_ns));
  object.Set("readers", stats.readers);
  object.Set("lagging", stats.lagging);
  object.Set("epoch", stats.epoch);
  return object.Done();
}

napi_value Writer::CloseCall(const Call& /*call*/) {
  Close();
  return nullptr;
}

void Writer::Close() {
  if (handle_ == nullptr) return;
  fr_writer_close(handle_);
  handle_ = nullptr;
  data_.clear();
}

}  // namespace framering
