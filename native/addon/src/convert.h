// JavaScript values to the core's and back: numbers, errors, formats.
//
// A double from JavaScript may be NaN, negative, a fraction or 1e300, and casting one of those to
// an integer is undefined behaviour in C++. Every number therefore comes in through this file,
// which throws OPTION_INVALID naming the value that was wrong.
#ifndef FRAMERING_ADDON_CONVERT_H_
#define FRAMERING_ADDON_CONVERT_H_

#include <framering.h>
#include <napi.h>

#include <string>

namespace framering {

inline constexpr double kMaxSafeInteger = 9007199254740991.0;
inline constexpr double kMaxUint32 = 4294967295.0;
// The largest double below 2^63, in ns: 292 years.
inline constexpr double kMaxNs = 9223372036854774784.0;

// Sets an Error with `code`, `message`, `errno`, `needed` and `available` as the pending exception.
// Returns nullptr, which is what a callback returns with an exception pending.
napi_value ThrowError(napi_env env, const fr_error& error);
napi_value ThrowError(napi_env env, fr_status status, const std::string& message);

// An integer in 0..max. False: not one.
inline bool ToUnsigned(double value, double max, uint64_t* out) {
  if (!(value >= 0 && value <= max)) return false;
  const uint64_t whole = static_cast<uint64_t>(value);
  if (static_cast<double>(whole) != value) return false;
  *out = whole;
  return true;
}

// An integer in -max..max. False: not one.
inline bool ToSigned(double value, double max, int64_t* out) {
  if (!(value >= -max && value <= max)) return false;
  const int64_t whole = static_cast<int64_t>(value);
  if (static_cast<double>(whole) != value) return false;
  *out = whole;
  return true;
}

// ms, fractions allowed, to ns. False: not a time.
inline bool ToNs(double ms, int64_t* out) {
  const double ns = ms * 1e6;
  if (!(ns >= -kMaxNs && ns <= kMaxNs)) return false;
  *out = static_cast<int64_t>(ns);
  return true;
}

inline double ToMs(int64_t ns) { return static_cast<double>(ns) / 1e6; }
inline double ToMs(uint64_t ns) { return static_cast<double>(ns) / 1e6; }

// These throw and return false when `value` is not what they are named after; `what` is the name
// the message gives it.
bool GetDouble(napi_env env, napi_value value, const char* what, double* out);
bool GetUint64(napi_env env, napi_value value, const char* what, uint64_t* out);
bool GetUint32(napi_env env, napi_value value, const char* what, uint32_t* out);
bool GetDuration(napi_env env, napi_value value, const char* what, uint64_t* ns);

// The same for a property of an options object.
bool GetUint64(const Napi::Object& object, const char* key, uint64_t* out);
bool GetUint32(const Napi::Object& object, const char* key, uint32_t* out);
bool GetInt64(const Napi::Object& object, const char* key, int64_t* out);
bool GetDuration(const Napi::Object& object, const char* key, uint64_t* ns);
bool GetString(const Napi::Object& object, const char* key, std::string* out);
bool GetObject(const Napi::Object& object, const char* key, Napi::Object* out);

bool GetFormat(const Napi::Object& object, fr_format* out);
Napi::Object FormatObject(Napi::Env env, const fr_format& format);

}  // namespace framering

#endif  // FRAMERING_ADDON_CONVERT_H_
