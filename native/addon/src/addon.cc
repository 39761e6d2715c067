// What the addon exports: the bindings of src/native.
//
// One instance per environment (main thread, each worker); nothing is shared between them but code.
//
// The addon is written against plain Node-API, whose calls report a status: worker.terminate()
// makes any of them fail at any moment, and node-addon-api without C++ exceptions ends the process
// then. Every callback returns nullptr on a failure: an exception is pending, or nobody is left to
// see one.
#include <framering.h>
#include <node_api.h>
#include <time.h>

#include <cstdint>
#include <string>

#include "buffers.h"
#include "call.h"
#include "conversion.h"
#include "convert.h"
#include "hang_up.h"
#include "inspection.h"
#include "reader.h"
#include "segment.h"
#include "semaphore.h"
#include "v4l2_device.h"
#include "writer.h"

namespace framering {

namespace {

// The two clocks cannot be read at once, and the thread may be put aside between the readings: of a
// few attempts the shortest is the most exact.
int64_t OffsetFromMonotonic(clockid_t clock) {
  int64_t shortest = INT64_MAX;
  int64_t offset = 0;
  for (int i = 0; i < 5; ++i) {
    const int64_t before = ReadClock(CLOCK_MONOTONIC);
    const int64_t other = ReadClock(clock);
    const int64_t after = ReadClock(CLOCK_MONOTONIC);
    if (after - before < shortest) {
      shortest = after - before;
      offset = other - before - shortest / 2;
    }
  }
  return offset;
}

class Addon {
 public:
  // Fills `exports`. False when the environment is going down already.
  static bool Init(napi_env env, napi_value exports);
  Addon(const Addon&) = delete;
  Addon& operator=(const Addon&) = delete;

 private:
  explicit Addon(napi_env env) : env_(env), count_(BufferCount::New()) {}
  ~Addon();
  static void Finalise(napi_env /*env*/, void* addon, void* /*hint*/) {
    delete static_cast<Addon*>(addon);
  }

  template <napi_value (Addon::*method)(const Call&)>
  static napi_value Invoke(napi_env env, napi_callback_info info) {
    Call call;
    void* addon = nullptr;
    if (!TakeCall(env, info, &call, &addon)) return nullptr;
    return (static_cast<Addon*>(addon)->*method)(call);
  }

  template <napi_value (Addon::*method)(const Call&)>
  napi_property_descriptor Method(const char* name) {
    return {name, nullptr, Invoke<method>, nullptr, nullptr, nullptr, napi_default_method, this};
  }

  napi_value CreateWriter(const Call& call) { return Construct(call, writer_); }
  napi_value OpenReader(const Call& call) { return Construct(call, reader_); }
  napi_value WatchHangUp(const Call& call) { return Construct(call, hang_up_); }
  napi_value OpenInspection(const Call& call) { return Construct(call, inspection_); }
  napi_value OpenSegment(const Call& call) { return Construct(call, segment_); }
  napi_value OpenSemaphore(const Call& call) { return Construct(call, semaphore_); }
  napi_value OpenV4l2(const Call& call) { return Construct(call, v4l2_); }
  napi_value PendingBuffers(const Call& call) {
    return Number(call.env, static_cast<double>(count_->pending()));
  }
  static napi_value Construct(const Call& call, napi_ref type);

  napi_env env_;
  BufferCount* count_;
  napi_ref writer_ = nullptr;
  napi_ref reader_ = nullptr;
  napi_ref hang_up_ = nullptr;
  napi_ref inspection_ = nullptr;
  napi_ref segment_ = nullptr;
  napi_ref semaphore_ = nullptr;
  napi_ref v4l2_ = nullptr;
};

napi_value Now(napi_env env, napi_callback_info /*info*/) { return Number(env, ToMs(fr_now())); }

napi_value ClockOffset(napi_env env, napi_callback_info info) {
  Call call;
  uint32_t clock;
  if (!TakeCall(env, info, &call) || !GetUint32(env, call.arguments[0], "clock", &clock)) {
    return nullptr;
  }
  if (clock != FR_CLOCK_REALTIME && clock != FR_CLOCK_TAI) {
    return ThrowError(env, FR_OPTION_INVALID, "clock must be 2 (realtime) or 3 (TAI).");
  }
  const clockid_t id = clock == FR_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_TAI;
  return Number(env, ToMs(OffsetFromMonotonic(id)));
}

napi_value RingBytes(napi_env env, napi_callback_info info) {
  Call call;
  uint64_t slot_bytes;
  uint32_t slot_count;
  uint32_t max_readers;
  if (!TakeCall(env, info, &call) || !GetUint64(env, call.arguments[0], "slotBytes", &slot_bytes) ||
      !GetUint32(env, call.arguments[1], "slotCount", &slot_count) ||
      !GetUint32(env, call.arguments[2], "maxReaders", &max_readers)) {
    return nullptr;
  }
  return Number(env, static_cast<double>(fr_ring_bytes(slot_bytes, slot_count, max_readers)));
}

// The callback of fr_clean: appends one found file to a JavaScript array.
struct StaleList {
  napi_env env;
  napi_value array;
  uint32_t length;
};

void AddStale(void* context, const fr_stale* stale) {
  StaleList* list = static_cast<StaleList*>(context);
  ObjectBuilder object(list->env);
  object.Set("ring", Text(list->env, stale->ring));
  object.Set("file", Text(list->env, stale->file));
  object.Set("bytes", static_cast<double>(stale->bytes));
  object.Set("removed", Boolean(list->env, stale->removed != 0));
  object.Set("kept", Text(list->env, stale->kept == FR_OK ? "" : fr_status_name(stale->kept)));
  object.Set("reason", Text(list->env, stale->reason));
  napi_value done = object.Done();
  // Where it fails the environment is going down: nobody reads the list.
  if (done != nullptr && napi_set_element(list->env, list->array, list->length, done) == napi_ok) {
    ++list->length;
  }
}

napi_value Clean(napi_env env, napi_callback_info info) {
  Call call;
  std::string directory, ring;
  bool dry_run = false;
  fr_error error;
  StaleList list = {env, nullptr, 0};
  if (!TakeCall(env, info, &call) || !ToText(env, call.arguments[0], &directory) ||
      !ToText(env, call.arguments[1], &ring) ||
      napi_get_value_bool(env, call.arguments[2], &dry_run) != napi_ok ||
      napi_create_array(env, &list.array) != napi_ok) {
    return ThrowError(env, FR_OPTION_INVALID,
                      "clean takes a directory, a ring or '' and whether to look only.");
  }
  if (fr_clean(directory.c_str(), ring.empty() ? nullptr : ring.c_str(), dry_run ? 1 : 0, AddStale,
               &list, &error) != FR_OK) {
    return ThrowError(env, error);
  }
  return list.array;
}

napi_value StatusName(napi_env env, napi_callback_info info) {
  Call call;
  uint32_t status;
  if (!TakeCall(env, info, &call) || !GetUint32(env, call.arguments[0], "status", &status)) {
    return nullptr;
  }
  if (status > FR_SYSTEM) {
    return ThrowError(env, FR_OPTION_INVALID, "No status has that number.");
  }
  return Text(env, fr_status_name(static_cast<fr_status>(status)));
}

napi_property_descriptor Function(const char* name, napi_callback callback) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

bool Addon::Init(napi_env env, napi_value exports) {
  Addon* addon = new Addon(env);
  if (napi_set_instance_data(env, addon, Finalise, nullptr) != napi_ok) {
    delete addon;
    return false;
  }
  const napi_property_descriptor functions[] = {
      addon->Method<&Addon::CreateWriter>("createWriter"),
      addon->Method<&Addon::OpenReader>("openReader"),
      addon->Method<&Addon::WatchHangUp>("watchHangUp"),
      addon->Method<&Addon::OpenInspection>("openInspection"),
      addon->Method<&Addon::OpenSegment>("openSegment"),
      addon->Method<&Addon::OpenSemaphore>("openSemaphore"),
      addon->Method<&Addon::OpenV4l2>("openV4l2"),
      addon->Method<&Addon::PendingBuffers>("pendingBuffers"),
      Function("clockOffset", ClockOffset),
      Function("clean", Clean),
      Function("ringBytes", RingBytes),
      Function("statusName", StatusName),
      Function("now", Now),
      Function("detach", Detach),
      Function("unlinkSemaphore", UnlinkSemaphore),
      Function("convertSync", ConvertSync),
      Function("convertAsync", ConvertAsync),
      Function("jpegSize", JpegSize),
      Function("converters", Converters),
  };
  return Writer::Define(env, addon->count_, &addon->writer_) &&
         Reader::Define(env, addon->count_, &addon->reader_) &&
         HangUp::Define(env, addon->count_, &addon->hang_up_) &&
         Inspection::Define(env, addon->count_, &addon->inspection_) &&
         Segment::Define(env, addon->count_, &addon->segment_) &&
         NamedSemaphore::Define(env, addon->count_, &addon->semaphore_) &&
         V4l2Device::Define(env, addon->count_, &addon->v4l2_) &&
         napi_define_properties(env, exports, sizeof(functions) / sizeof(functions[0]),
                                functions) == napi_ok;
}

Addon::~Addon() {
  if (writer_ != nullptr) napi_delete_reference(env_, writer_);
  if (reader_ != nullptr) napi_delete_reference(env_, reader_);
  if (hang_up_ != nullptr) napi_delete_reference(env_, hang_up_);
  if (inspection_ != nullptr) napi_delete_reference(env_, inspection_);
  if (segment_ != nullptr) napi_delete_reference(env_, segment_);
  if (semaphore_ != nullptr) napi_delete_reference(env_, semaphore_);
  if (v4l2_ != nullptr) napi_delete_reference(env_, v4l2_);
  count_->Unref();
}

napi_value Addon::Construct(const Call& call, napi_ref type) {
  napi_value constructor;
  napi_value object;
  if (napi_get_reference_value(call.env, type, &constructor) != napi_ok ||
      napi_new_instance(call.env, constructor, 1, call.arguments, &object) != napi_ok) {
    return nullptr;
  }
  return object;
}

}  // namespace

}  // namespace framering

NAPI_MODULE_INIT() { return framering::Addon::Init(env, exports) ? exports : nullptr; }
