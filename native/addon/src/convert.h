// JavaScript values to the core's and back: numbers, errors, formats.
//
// A double from JavaScript may be NaN, negative, a fraction or 1e300, and casting one of those to
// an integer is undefined behaviour in C++. Every number therefore comes in through this file,
// which throws OPTION_INVALID naming the value that was wrong.
#ifndef FRAMERING_ADDON_CONVERT_H_
#define FRAMERING_ADDON_CONVERT_H_

#include <framering.h>
#include <node_api.h>

#include <ctime>
#include <string>

namespace framering {

inline constexpr double kMaxSafeInteger = 9007199254740991.0;
inline constexpr double kMaxUint32 = 4294967295.0;
// The largest double below 2^63, in ns: 292 years.
inline constexpr double kMaxNs = 9223372036854774784.0;

// An Error with `code`, `message`, `errno`, `needed` and `available`; nullptr when it failed.
napi_value ErrorObject(napi_env env, const fr_error& error);
// Sets such an Error as the pending exception.
// Returns nullptr, which is what a callback returns with an exception pending.
napi_value ThrowError(napi_env env, const fr_error& error);
napi_value ThrowError(napi_env env, fr_status status, const std::string& message);
void ClearException(napi_env env);

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

// ns
inline int64_t ReadClock(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

inline double ToMs(int64_t ns) { return static_cast<double>(ns) / 1e6; }
inline double ToMs(uint64_t ns) { return static_cast<double>(ns) / 1e6; }

// These throw and return false when `value` is not what they are named after; `what` is the name
// the message gives it.
bool GetDouble(napi_env env, napi_value value, const char* what, double* out);
bool GetUint64(napi_env env, napi_value value, const char* what, uint64_t* out);
bool GetUint32(napi_env env, napi_value value, const char* what, uint32_t* out);
bool GetDuration(napi_env env, napi_value value, const char* what, uint64_t* ns);

bool ToText(napi_env env, napi_value value, std::string* out);
bool IsType(napi_env env, napi_value value, napi_valuetype wanted);

// A JavaScript object that is read from.
struct Object {
  napi_env env;
  napi_value value;
};

// False with an exception pending when a getter threw.
bool GetProperty(const Object& object, const char* key, napi_value* out);

// As those above, for a property of an options object.
bool GetUint64(const Object& object, const char* key, uint64_t* out);
bool GetUint32(const Object& object, const char* key, uint32_t* out);
bool GetInt64(const Object& object, const char* key, int64_t* out);
bool GetDuration(const Object& object, const char* key, uint64_t* ns);
bool GetString(const Object& object, const char* key, std::string* out);
bool GetObject(const Object& object, const char* key, Object* out);

bool GetFormat(const Object& object, fr_format* out);
napi_value FormatObject(napi_env env, const fr_format& format);

// Builds a plain object. After a failure nothing more happens and Done gives nullptr.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(napi_env env) : env_(env) {
    ok_ = napi_create_object(env, &object_) == napi_ok;
  }
  ObjectBuilder(const ObjectBuilder&) = delete;
  ObjectBuilder& operator=(const ObjectBuilder&) = delete;
  void Set(const char* key, napi_value value);
  void Set(const char* key, double value);
  napi_value Done() const { return ok_ ? object_ : nullptr; }

 private:
  napi_env env_;
  napi_value object_ = nullptr;
  bool ok_;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_CONVERT_H_
