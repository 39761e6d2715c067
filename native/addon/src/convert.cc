#include "convert.h"

#include <algorithm>
#include <cstring>

#include "call.h"

namespace framering {

namespace {

std::string Shown(napi_env env, napi_value value) {
  napi_value string;
  std::string text;
  if (napi_coerce_to_string(env, value, &string) != napi_ok || !ToText(env, string, &text)) {
    ClearException(env);  // a Symbol, or an object whose toString throws
    return "something that cannot be shown";
  }
  return text.substr(0, 80);
}

bool Refuse(napi_env env, napi_value value, const char* what, const char* wanted) {
  ThrowError(env, FR_OPTION_INVALID,
             std::string(what) + " must be " + wanted + ", not " + Shown(env, value) + ".");
  return false;
}

bool GetByte(const Object& object, const char* key, uint8_t* out) {
  uint32_t value;
  if (!GetUint32(object, key, &value)) return false;
  if (value > 255) {
    ThrowError(object.env, FR_OPTION_INVALID, std::string(key) + " must be at most 255.");
    return false;
  }
  *out = static_cast<uint8_t>(value);
  return true;
}

// Lengths are read once: a getter in an element could lengthen the array afterwards.
bool GetArray(const Object& object, const char* key, uint32_t limit, napi_value* out,
              uint32_t* length) {
  if (!GetProperty(object, key, out)) return false;
  if (napi_get_array_length(object.env, *out, length) != napi_ok) {
    return Refuse(object.env, *out, key, "an array");
  }
  if (*length > limit) {
    ThrowError(object.env, FR_OPTION_INVALID,
               std::string(key) + " must have at most " + std::to_string(limit) + " entries, not " +
                   std::to_string(*length) + ".");
    return false;
  }
  return true;
}

void SetNumber(napi_env env, napi_value object, const char* key, double value) {
  napi_value number;
  if (napi_create_double(env, value, &number) != napi_ok) return;
  napi_set_named_property(env, object, key, number);
}

}  // namespace

napi_value ErrorObject(napi_env env, const fr_error& error) {
  napi_value code;
  napi_value message;
  napi_value object;
  const char* name = fr_status_name(error.status);
  const size_t length = strnlen(error.message, sizeof(error.message));
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, error.message, length, &message) != napi_ok ||
      napi_create_error(env, code, message, &object) != napi_ok) {
    return nullptr;
  }
  if (error.sys != 0) SetNumber(env, object, "errno", error.sys);
  if (error.needed != 0 || error.available != 0) {
    SetNumber(env, object, "needed", static_cast<double>(error.needed));
    SetNumber(env, object, "available", static_cast<double>(error.available));
  }
  return object;
}

napi_value ThrowError(napi_env env, const fr_error& error) {
  const napi_value object = ErrorObject(env, error);
  if (object != nullptr) napi_throw(env, object);
  return nullptr;
}

napi_value ThrowError(napi_env env, fr_status status, const std::string& message) {
  fr_error error = {};
  error.status = status;
  message.copy(error.message, sizeof(error.message) - 1);
  return ThrowError(env, error);
}

void ClearException(napi_env env) {
  napi_value exception;
  napi_get_and_clear_last_exception(env, &exception);
}

bool GetDouble(napi_env env, napi_value value, const char* what, double* out) {
  if (napi_get_value_double(env, value, out) == napi_ok) return true;
  return Refuse(env, value, what, "a number");
}

bool GetUint64(napi_env env, napi_value value, const char* what, uint64_t* out) {
  double number;
  if (!GetDouble(env, value, what, &number)) return false;
  if (ToUnsigned(number, kMaxSafeInteger, out)) return true;
  return Refuse(env, value, what, "a whole number from 0 to 2^53 - 1");
}

bool GetUint32(napi_env env, napi_value value, const char* what, uint32_t* out) {
  double number;
  uint64_t whole;
  if (!GetDouble(env, value, what, &number)) return false;
  if (!ToUnsigned(number, kMaxUint32, &whole)) {
    return Refuse(env, value, what, "a whole number from 0 to 2^32 - 1");
  }
  *out = static_cast<uint32_t>(whole);
  return true;
}

bool GetDuration(napi_env env, napi_value value, const char* what, uint64_t* ns) {
  double ms;
  int64_t signed_ns;
  if (!GetDouble(env, value, what, &ms)) return false;
  if (!ToNs(ms, &signed_ns) || signed_ns < 0) {
    return Refuse(env, value, what, "milliseconds from 0 to 9e12");
  }
  *ns = static_cast<uint64_t>(signed_ns);
  return true;
}

bool ToText(napi_env env, napi_value value, std::string* out) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  out->resize(length);
  return napi_get_value_string_utf8(env, value, out->data(), length + 1, nullptr) == napi_ok;
}

bool IsType(napi_env env, napi_value value, napi_valuetype wanted) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == wanted;
}

bool GetProperty(const Object& object, const char* key, napi_value* out) {
  return napi_get_named_property(object.env, object.value, key, out) == napi_ok;
}

bool GetUint64(const Object& object, const char* key, uint64_t* out) {
  napi_value value;
  return GetProperty(object, key, &value) && GetUint64(object.env, value, key, out);
}

bool GetUint32(const Object& object, const char* key, uint32_t* out) {
  napi_value value;
  return GetProperty(object, key, &value) && GetUint32(object.env, value, key, out);
}

bool GetInt64(const Object& object, const char* key, int64_t* out) {
  napi_value value;
  double number;
  if (!GetProperty(object, key, &value) || !GetDouble(object.env, value, key, &number)) {
    return false;
  }
  if (ToSigned(number, kMaxSafeInteger, out)) return true;
  return Refuse(object.env, value, key, "a whole number");
}

bool GetDuration(const Object& object, const char* key, uint64_t* ns) {
  napi_value value;
  return GetProperty(object, key, &value) && GetDuration(object.env, value, key, ns);
}

bool GetString(const Object& object, const char* key, std::string* out) {
  napi_value value;
  if (!GetProperty(object, key, &value)) return false;
  if (!ToText(object.env, value, out)) return Refuse(object.env, value, key, "a string");
  // The core takes C strings: "front\0x" would silently be the ring "front".
  if (out->find('\0') != std::string::npos) {
    ThrowError(object.env, std::strcmp(key, "name") == 0 ? FR_NAME_INVALID : FR_OPTION_INVALID,
               std::string(key) + " must not contain a NUL character.");
    return false;
  }
  return true;
}

bool GetObject(const Object& object, const char* key, Object* out) {
  napi_value value;
  if (!GetProperty(object, key, &value)) return false;
  if (!IsType(object.env, value, napi_object)) {
    return Refuse(object.env, value, key, "an object");
  }
  *out = {object.env, value};
  return true;
}

bool GetFormat(const Object& object, fr_format* out) {
  *out = {};
  const napi_env env = object.env;
  napi_value shape;
  napi_value planes;
  if (!GetUint32(object, "dtype", &out->dtype) || !GetUint32(object, "fourcc", &out->fourcc) ||
      !GetUint32(object, "width", &out->width) || !GetUint32(object, "height", &out->height) ||
      !GetByte(object, "colorPrimaries", &out->color_primaries) ||
      !GetByte(object, "colorTransfer", &out->color_transfer) ||
      !GetByte(object, "colorMatrix", &out->color_matrix) ||
      !GetByte(object, "colorRange", &out->color_range) ||
      !GetArray(object, "shape", FR_MAX_DIMS, &shape, &out->ndim) ||
      !GetArray(object, "planes", FR_MAX_PLANES, &planes, &out->plane_count)) {
    return false;
  }
  for (uint32_t i = 0; i < out->ndim; ++i) {
    napi_value value;
    if (napi_get_element(env, shape, i, &value) != napi_ok ||
        !GetUint64(env, value, "an entry of shape", &out->shape[i])) {
      return false;
    }
  }
  for (uint32_t i = 0; i < out->plane_count; ++i) {
    napi_value value;
    if (napi_get_element(env, planes, i, &value) != napi_ok) return false;
    if (!IsType(env, value, napi_object)) {
      return Refuse(env, value, "an entry of planes", "an object");
    }
    const Object plane = {env, value};
    if (!GetUint64(plane, "offset", &out->planes[i].offset) ||
        !GetUint64(plane, "stride", &out->planes[i].stride)) {
      return false;
    }
  }
  return true;
}

napi_value FormatObject(napi_env env, const fr_format& format) {
  const uint32_t ndim = std::min<uint32_t>(format.ndim, FR_MAX_DIMS);
  const uint32_t plane_count = std::min<uint32_t>(format.plane_count, FR_MAX_PLANES);
  napi_value shape;
  napi_value planes;
  if (napi_create_array_with_length(env, ndim, &shape) != napi_ok ||
      napi_create_array_with_length(env, plane_count, &planes) != napi_ok) {
    return nullptr;
  }
  for (uint32_t i = 0; i < ndim; ++i) {
    const napi_value entry = Number(env, static_cast<double>(format.shape[i]));
    if (napi_set_element(env, shape, i, entry) != napi_ok) return nullptr;
  }
  for (uint32_t i = 0; i < plane_count; ++i) {
    ObjectBuilder plane(env);
    plane.Set("offset", static_cast<double>(format.planes[i].offset));
    plane.Set("stride", static_cast<double>(format.planes[i].stride));
    if (napi_set_element(env, planes, i, plane.Done()) != napi_ok) return nullptr;
  }
  ObjectBuilder object(env);
  object.Set("dtype", format.dtype);
  object.Set("shape", shape);
  object.Set("fourcc", format.fourcc);
  object.Set("width", format.width);
  object.Set("height", format.height);
  object.Set("planes", planes);
  object.Set("colorPrimaries", format.color_primaries);
  object.Set("colorTransfer", format.color_transfer);
  object.Set("colorMatrix", format.color_matrix);
  object.Set("colorRange", format.color_range);
  return object.Done();
}

// A value of nullptr, from a call that failed, is refused by Node-API.
void ObjectBuilder::Set(const char* key, napi_value value) {
  ok_ = ok_ && napi_set_named_property(env_, object_, key, value) == napi_ok;
}

void ObjectBuilder::Set(const char* key, double value) { Set(key, Number(env_, value)); }

}  // namespace framering
