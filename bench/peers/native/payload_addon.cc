// payload.h for peers in JavaScript, so that writing and reading a frame costs them what it costs
// the peers in C++. Plain Node-API; a callback that fails returns nullptr with the exception
// pending.
#include <node_api.h>
#include <sched.h>
#include <sys/resource.h>

#include "payload.h"

namespace {

struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

// The arguments of `(bytes?, number?)`.
struct Call {
  Bytes bytes;
  double number = 0;

  bool Read(napi_env env, napi_callback_info info, bool has_bytes, bool has_number) {
    napi_value given[2];
    size_t count = 2;
    if (napi_get_cb_info(env, info, &count, given, nullptr, nullptr) != napi_ok) return false;
    size_t next = 0;
    if (has_bytes) {
      void* data = nullptr;
      if (napi_get_buffer_info(env, given[next++], &data, &bytes.length) != napi_ok ||
          bytes.length < payload::kFillAt || bytes.length % 8 != 0) {
        napi_throw_range_error(env, nullptr, "a frame is a Uint8Array of 16, 24, 32 … bytes");
        return false;
      }
      bytes.data = static_cast<uint8_t*>(data);
    }
    if (has_number && napi_get_value_double(env, given[next], &number) != napi_ok) {
      napi_throw_type_error(env, nullptr, "a number is missing");
      return false;
    }
    return true;
  }
};

napi_value Number(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

napi_value Boolean(napi_env env, bool is) {
  napi_value value = nullptr;
  napi_get_boolean(env, is, &value);
  return value;
}

napi_value Now(napi_env env, napi_callback_info) {
  return Number(env, static_cast<double>(payload::Now()));
}

napi_value SleepUntil(napi_env env, napi_callback_info info) {
  Call call;
  if (call.Read(env, info, false, true)) payload::SleepUntil(static_cast<uint64_t>(call.number));
  return nullptr;
}

napi_value Write(napi_env env, napi_callback_info info) {
  Call call;
  if (!call.Read(env, info, true, true)) return nullptr;
  payload::Write(call.bytes.data, call.bytes.length, static_cast<uint64_t>(call.number));
  return nullptr;
}

napi_value Read(napi_env env, napi_callback_info info) {
  Call call;
  if (!call.Read(env, info, true, true)) return nullptr;
  const auto sequence = static_cast<uint64_t>(call.number);
  return Boolean(env, payload::Read(call.bytes.data, call.bytes.length, sequence));
}

napi_value Stamp(napi_env env, napi_callback_info info) {
  Call call;
  if (call.Read(env, info, true, false)) payload::Stamp(call.bytes.data);
  return nullptr;
}

napi_value Age(napi_env env, napi_callback_info info) {
  Call call;
  if (!call.Read(env, info, true, false)) return nullptr;
  return Number(env, static_cast<double>(payload::Age(call.bytes.data)));
}

// Binds the calling thread to a processor; process.exit's and V8's own threads stay where they are.
napi_value PinThread(napi_env env, napi_callback_info info) {
  Call call;
  if (!call.Read(env, info, false, true)) return nullptr;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(call.number), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    napi_throw_error(env, nullptr, "sched_setaffinity refused that processor");
  }
  return nullptr;
}

// [seconds of processor time, minor faults, major faults, voluntary switches] of the calling
// thread.
napi_value ThreadUsage(napi_env env, napi_callback_info) {
  rusage used;
  getrusage(RUSAGE_THREAD, &used);
  const auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  const double figures[] = {
      seconds(used.ru_utime) + seconds(used.ru_stime), static_cast<double>(used.ru_minflt),
      static_cast<double>(used.ru_majflt), static_cast<double>(used.ru_nvcsw)};
  napi_value list = nullptr;
  if (napi_create_array(env, &list) != napi_ok) return nullptr;
  for (uint32_t i = 0; i < 4; i++) {
    if (napi_set_element(env, list, i, Number(env, figures[i])) != napi_ok) return nullptr;
  }
  return list;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback callback;
  } functions[] = {{"now", Now},
                   {"sleepUntil", SleepUntil},
                   {"write", Write},
                   {"read", Read},
                   {"stamp", Stamp},
                   {"age", Age},
                   {"pinThread", PinThread},
                   {"threadUsage", ThreadUsage}};
  for (const auto& [name, callback] : functions) {
    napi_value function = nullptr;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) !=
            napi_ok ||
        napi_set_named_property(env, exports, name, function) != napi_ok) {
      return nullptr;
    }
  }
  return exports;
}
