// libyuv's own functions on the memory that is given, for bench/convert.mjs:
//
//   yuvDirect(conversion, from, to, width, height) → false without libyuv or such a conversion
//
// In the process that measures framering's and on the same arrays: other memory is faster or slower
// by more than what is to be told apart.
#include <dlfcn.h>
#include <node_api.h>

#include <cstdint>
#include <cstring>

namespace {

using In = const uint8_t*;
using Out = uint8_t*;
using Three = int(In, int, In, int, In, int, Out, int, const void*, int, int);
using Two = int(In, int, In, int, Out, int, const void*, int, int);
using Packed = int(In, int, Out, int, int, int);
using Split = int(In, int, Out, int, Out, int, Out, int, int, int);

void* Library() {
  static void* const library = dlopen("libyuv.so.0", RTLD_NOW);
  return library;
}

template <typename T>
T* Function(const char* name) {
  return reinterpret_cast<T*>(Library() == nullptr ? nullptr : dlsym(Library(), name));
}

struct Work {
  In from;
  Out to;
  int w;
  int h;

  size_t area() const { return static_cast<size_t>(w) * static_cast<size_t>(h); }
  In u() const { return from + area(); }
  In v() const { return u() + area() / 4; }
};

bool Split3(const char* name, const Work& x, int step) {
  Split* split = Function<Split>(name);
  Out u = x.to + x.area();
  return split != nullptr &&
         split(x.from, step * x.w, x.to, x.w, u, x.w / 2, u + x.area() / 4, x.w / 2, x.w, x.h) == 0;
}

bool Pack(const char* name, const Work& x, int step) {
  Packed* pack = Function<Packed>(name);
  return pack != nullptr && pack(x.from, step * x.w, x.to, 4 * x.w, x.w, x.h) == 0;
}

// RGB3 has its bytes the other way round than libyuv's RGB24: so have U and V, and the constants.
bool Run(const char* conversion, const Work& x) {
  const auto is = [conversion](const char* name) { return std::strcmp(conversion, name) == 0; };
  const void* straight = Function<void>("kYuvI601Constants");
  const void* swapped = Function<void>("kYvuI601Constants");
  if (straight == nullptr || swapped == nullptr) return false;
  if (is("I420-RGB3")) {
    Three* three = Function<Three>("I420ToRGB24Matrix");
    return three != nullptr && three(x.from, x.w, x.v(), x.w / 2, x.u(), x.w / 2, x.to, 3 * x.w,
                                     swapped, x.w, x.h) == 0;
  }
  if (is("I420-BGRA")) {
    Three* three = Function<Three>("I420ToARGBMatrix");
    return three != nullptr && three(x.from, x.w, x.u(), x.w / 2, x.v(), x.w / 2, x.to, 4 * x.w,
                                     straight, x.w, x.h) == 0;
  }
  if (is("NV12-RGB3")) {
    Two* two = Function<Two>("NV21ToRGB24Matrix");
    return two != nullptr && two(x.from, x.w, x.u(), x.w, x.to, 3 * x.w, swapped, x.w, x.h) == 0;
  }
  if (is("YUYV-BGRA")) return Pack("YUY2ToARGB", x, 2);
  if (is("RGB3-BGRA")) return Pack("RAWToARGB", x, 3);
  if (is("YUYV-I420")) return Split3("YUY2ToI420", x, 2);
  if (is("RGB3-I420")) return Split3("RAWToI420", x, 3);
  if (is("BGRA-I420")) return Split3("ARGBToI420", x, 4);
  return false;
}

bool Bytes(napi_env env, napi_value view, void** data) {
  napi_typedarray_type type;
  size_t length;
  return napi_get_typedarray_info(env, view, &type, &length, data, nullptr, nullptr) == napi_ok &&
         type == napi_uint8_array;
}

napi_value YuvDirect(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5;
  char conversion[32];
  size_t length;
  void* from = nullptr;
  void* to = nullptr;
  int32_t w = 0;
  int32_t h = 0;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok ||
      napi_get_value_string_utf8(env, arguments[0], conversion, sizeof conversion, &length) !=
          napi_ok ||
      !Bytes(env, arguments[1], &from) || !Bytes(env, arguments[2], &to) ||
      napi_get_value_int32(env, arguments[3], &w) != napi_ok ||
      napi_get_value_int32(env, arguments[4], &h) != napi_ok || w < 2 || h < 2) {
    napi_throw_type_error(env, nullptr, "yuvDirect takes a conversion, two Uint8Arrays and a size");
    return nullptr;
  }
  napi_value done = nullptr;
  napi_get_boolean(env, Run(conversion, {static_cast<In>(from), static_cast<Out>(to), w, h}),
                   &done);
  return done;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "yuvDirect", NAPI_AUTO_LENGTH, YuvDirect, nullptr, &function) !=
          napi_ok ||
      napi_set_named_property(env, exports, "yuvDirect", function) != napi_ok) {
    return nullptr;
  }
  return exports;
}
