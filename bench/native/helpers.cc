// Native helpers of the rows in JavaScript: reading every byte of a frame at the speed of memory,
// the bare floors that stand beside framering in the same process, and sleeping to a time.
//
//   sum(view) → number             reads every byte
//   sleepUntil(ms)                 CLOCK_MONOTONIC; blocks the thread
//   watch(fd, onStamp) → unwatch   uv_poll on a FIFO that carries times: onStamp(ms) for each
//   copyPlain(to, from), copyStream(to, from)   memcpy, non-temporal
//   populate(path)                 opens, maps, populates, reads a byte, unmaps
#include <fcntl.h>
#include <node_api.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "native/addon/src/uv-abi.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace {

napi_value Throw(napi_env env, const char* what) {
  napi_throw_error(env, nullptr, what);
  return nullptr;
}

template <size_t n>
bool Arguments(napi_env env, napi_callback_info info, napi_value (&arguments)[n], void** data) {
  size_t count = n;
  return napi_get_cb_info(env, info, &count, arguments, nullptr, data) == napi_ok;
}

bool Bytes(napi_env env, napi_value view, uint8_t** data, size_t* length) {
  napi_typedarray_type type;
  void* start = nullptr;
  const bool found =
      napi_get_typedarray_info(env, view, &type, length, &start, nullptr, nullptr) == napi_ok &&
      type == napi_uint8_array;
  *data = static_cast<uint8_t*>(start);
  return found;
}

napi_value Number(napi_env env, double number) {
  napi_value value = nullptr;
  napi_create_double(env, number, &value);
  return value;
}

napi_value Sum(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  uint8_t* data;
  size_t length;
  if (!Arguments(env, info, arguments, nullptr) || !Bytes(env, arguments[0], &data, &length)) {
    return Throw(env, "sum takes a Uint8Array");
  }
  // Four sums: one alone would wait for its own additions and not for memory.
  uint64_t sums[4] = {};
  size_t i = 0;
  for (; i + 32 <= length; i += 32) {
    uint64_t words[4];
    std::memcpy(words, data + i, sizeof(words));
    for (int k = 0; k < 4; ++k) sums[k] += words[k];
  }
  for (; i < length; ++i) sums[0] += data[i];
  return Number(env, static_cast<double>(sums[0] + sums[1] + sums[2] + sums[3]));
}

napi_value SleepUntil(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  double ms;
  if (!Arguments(env, info, arguments, nullptr) ||
      napi_get_value_double(env, arguments[0], &ms) != napi_ok) {
    return Throw(env, "sleepUntil takes milliseconds");
  }
  prctl(PR_SET_TIMERSLACK, 1);
  const int64_t ns = std::llround(ms * 1e6);
  const timespec until = {ns / 1000000000, ns % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
  }
  return nullptr;
}

// The floor of an event-driven reader: the way of native/addon/src/bell.cc without a ring behind
// it.
struct Watch {
  napi_env env;
  int fd;
  napi_ref callback;
  napi_async_context context;
};

void OnStamp(uv_poll_s* handle, int /*status*/, int /*events*/) {
  Watch* watch = static_cast<Watch*>(uv_handle_get_data(reinterpret_cast<uv_handle_s*>(handle)));
  int64_t stamp;
  if (read(watch->fd, &stamp, sizeof(stamp)) != sizeof(stamp)) {
    uv_poll_stop(handle);  // the other end is gone
    return;
  }
  napi_handle_scope scope;
  if (napi_open_handle_scope(watch->env, &scope) != napi_ok) return;
  napi_value callback = nullptr;
  napi_value self = nullptr;
  napi_value time = Number(watch->env, static_cast<double>(stamp) / 1e6);
  napi_value result = nullptr;
  if (napi_get_reference_value(watch->env, watch->callback, &callback) == napi_ok &&
      napi_get_global(watch->env, &self) == napi_ok) {
    napi_make_callback(watch->env, watch->context, self, callback, 1, &time, &result);
  }
  napi_close_handle_scope(watch->env, scope);
}

napi_value Unwatch(napi_env env, napi_callback_info info) {
  napi_value none[1];
  void* handle = nullptr;
  if (Arguments(env, info, none, &handle)) {
    uv_poll_stop(static_cast<uv_poll_s*>(handle));
    uv_unref(static_cast<uv_handle_s*>(handle));
  }
  return nullptr;
}

napi_value StartWatch(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  Watch* watch = new Watch();
  watch->env = env;
  napi_value name;
  napi_value unwatch = nullptr;
  uv_loop_s* loop = nullptr;
  if (!framering::UvAbiMatches() || !Arguments(env, info, arguments, nullptr) ||
      napi_get_value_int32(env, arguments[0], &watch->fd) != napi_ok ||
      napi_create_reference(env, arguments[1], 1, &watch->callback) != napi_ok ||
      napi_create_string_utf8(env, "bench.watch", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env, nullptr, name, &watch->context) != napi_ok ||
      napi_get_uv_event_loop(env, &loop) != napi_ok) {
    return Throw(env, "watch takes a file descriptor and a function");
  }
  // Neither is freed: a row watches once, and ends with its process.
  uv_poll_s* poll = static_cast<uv_poll_s*>(std::calloc(1, uv_handle_size(framering::kUvPoll)));
  if (poll == nullptr || uv_poll_init(loop, poll, watch->fd) != 0)
    return Throw(env, "uv_poll_init");
  uv_handle_set_data(reinterpret_cast<uv_handle_s*>(poll), watch);
  if (uv_poll_start(poll, framering::kUvReadable | framering::kUvDisconnect, OnStamp) != 0 ||
      napi_create_function(env, "unwatch", NAPI_AUTO_LENGTH, Unwatch, poll, &unwatch) != napi_ok) {
    return Throw(env, "uv_poll_start");
  }
  return unwatch;
}

void CopyStream(uint8_t* to, const uint8_t* from, size_t length) {
#if defined(__x86_64__)
  size_t i = 0;
  for (; i + 64 <= length; i += 64) {
    const __m128i* source = reinterpret_cast<const __m128i*>(from + i);
    __m128i* target = reinterpret_cast<__m128i*>(to + i);
    const __m128i a = _mm_loadu_si128(source);
    const __m128i b = _mm_loadu_si128(source + 1);
    const __m128i c = _mm_loadu_si128(source + 2);
    const __m128i d = _mm_loadu_si128(source + 3);
    _mm_stream_si128(target, a);
    _mm_stream_si128(target + 1, b);
    _mm_stream_si128(target + 2, c);
    _mm_stream_si128(target + 3, d);
  }
  std::memcpy(to + i, from + i, length - i);
  _mm_sfence();  // as publishing needs it: streamed stores are not ordered by later ones
#else
  std::memcpy(to, from, length);
#endif
}

template <bool stream>
napi_value Copy(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint8_t* to;
  uint8_t* from;
  size_t room;
  size_t length;
  if (!Arguments(env, info, arguments, nullptr) || !Bytes(env, arguments[0], &to, &room) ||
      !Bytes(env, arguments[1], &from, &length) || length > room) {
    return Throw(env, "copy takes a Uint8Array to fill and one that fits into it");
  }
  if (stream) {
    CopyStream(to, from, length);
  } else {
    std::memcpy(to, from, length);
  }
  return nullptr;
}

napi_value Populate(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  char path[4096];
  size_t length;
  if (!Arguments(env, info, arguments, nullptr) ||
      napi_get_value_string_utf8(env, arguments[0], path, sizeof(path), &length) != napi_ok) {
    return Throw(env, "populate takes a path");
  }
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat about;
  if (fd < 0 || fstat(fd, &about) != 0) return Throw(env, "populate: the file cannot be opened");
  const size_t bytes = static_cast<size_t>(about.st_size);
  void* start = mmap(nullptr, bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
  close(fd);
  if (start == MAP_FAILED) return Throw(env, "populate: the file cannot be mapped");
  napi_value first = Number(env, *static_cast<volatile uint8_t*>(start));
  munmap(start, bytes);
  return first;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback callback;
  } functions[] = {
      {"sum", Sum},
      {"sleepUntil", SleepUntil},
      {"watch", StartWatch},
      {"copyPlain", Copy<false>},
      {"copyStream", Copy<true>},
      {"populate", Populate},
  };
  for (const auto& f : functions) {
    napi_value made;
    if (napi_create_function(env, f.name, NAPI_AUTO_LENGTH, f.callback, nullptr, &made) !=
            napi_ok ||
        napi_set_named_property(env, exports, f.name, made) != napi_ok) {
      return nullptr;
    }
  }
  return exports;
}
