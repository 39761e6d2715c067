// NativeBinding of src/native/binding.ts: what the addon exports.
//
// One instance per environment (main thread, each worker); nothing is shared between them but code.
#include <framering.h>
#include <napi.h>
#include <time.h>

#include <algorithm>
#include <cstdint>

#include "buffers.h"
#include "call.h"
#include "convert.h"
#include "reader.h"
#include "writer.h"

namespace framering {

namespace {

int64_t ReadClock(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

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

napi_property_descriptor Function(const char* name, napi_callback callback) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

napi_value Now(napi_env env, napi_callback_info /*info*/) { return Number(env, ToMs(fr_now())); }

}  // namespace

class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) : count_(BufferCount::New()) {
    writer_ = Napi::Persistent(Writer::Define(env, count_));
    reader_ = Napi::Persistent(Reader::Define(env, count_));
    DefineAddon(exports, {
                             InstanceMethod("createWriter", &Addon::CreateWriter),
                             InstanceMethod("openReader", &Addon::OpenReader),
                             InstanceMethod("pendingBuffers", &Addon::PendingBuffers),
                             InstanceMethod("clockOffset", &Addon::ClockOffset),
                             InstanceMethod("ringBytes", &Addon::RingBytes),
                             InstanceMethod("statusName", &Addon::StatusName),
                             Function("now", Now),
                             Function("detach", Detach),
                         });
  }
  ~Addon() { count_->Unref(); }
  Addon(const Addon&) = delete;
  Addon& operator=(const Addon&) = delete;

 private:
  Napi::Value CreateWriter(const Napi::CallbackInfo& info) { return writer_.New({info[0]}); }

  Napi::Value OpenReader(const Napi::CallbackInfo& info) { return reader_.New({info[0]}); }

  Napi::Value PendingBuffers(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(count_->pending()));
  }

  Napi::Value ClockOffset(const Napi::CallbackInfo& info) {
    uint32_t clock;
    if (!GetUint32(info.Env(), info[0], "clock", &clock)) return {};
    if (clock != FR_CLOCK_REALTIME && clock != FR_CLOCK_TAI) {
      ThrowError(info.Env(), FR_OPTION_INVALID, "clock must be 2 (realtime) or 3 (TAI).");
      return {};
    }
    const clockid_t id = clock == FR_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_TAI;
    return Napi::Number::New(info.Env(), ToMs(OffsetFromMonotonic(id)));
  }

  Napi::Value RingBytes(const Napi::CallbackInfo& info) {
    uint64_t slot_bytes;
    uint32_t slot_count;
    uint32_t max_readers;
    if (!GetUint64(info.Env(), info[0], "slotBytes", &slot_bytes) ||
        !GetUint32(info.Env(), info[1], "slotCount", &slot_count) ||
        !GetUint32(info.Env(), info[2], "maxReaders", &max_readers)) {
      return {};
    }
    return Napi::Number::New(
        info.Env(), static_cast<double>(fr_ring_bytes(slot_bytes, slot_count, max_readers)));
  }

  Napi::Value StatusName(const Napi::CallbackInfo& info) {
    uint32_t status;
    if (!GetUint32(info.Env(), info[0], "status", &status)) return {};
    if (status > FR_SYSTEM) {
      ThrowError(info.Env(), FR_OPTION_INVALID, "No status has that number.");
      return {};
    }
    return Napi::String::New(info.Env(), fr_status_name(static_cast<fr_status>(status)));
  }

  BufferCount* count_;
  Napi::FunctionReference writer_;
  Napi::FunctionReference reader_;
};

}  // namespace framering

using framering::Addon;
NODE_API_NAMED_ADDON(framering, Addon)
