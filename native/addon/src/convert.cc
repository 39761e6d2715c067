#include "convert.h"

#include <algorithm>
#include <cstring>

namespace framering {

namespace {

std::string Shown(Napi::Env env, napi_value value) {
  napi_value text;
  if (napi_coerce_to_string(env, value, &text) != napi_ok) {
    env.GetAndClearPendingException();  // a Symbol, or an object whose toString throws
    return "something that cannot be shown";
  }
  return Napi::String(env, text).Utf8Value().substr(0, 80);
}

bool Refuse(napi_env env, napi_value value, const char* what, const char* wanted) {
  ThrowError(env, FR_OPTION_INVALID,
             std::string(what) + " must be " + wanted + ", not " + Shown(env, value) + ".");
  return false;
}

// An undefined value stands for a property whose getter threw: the exception is pending then.
bool GetProperty(const Napi::Object& object, const char* key, napi_value* out) {
  return napi_get_named_property(object.Env(), object, key, out) == napi_ok;
}

bool GetByte(const Napi::Object& object, const char* key, uint8_t* out) {
  uint32_t value;
  if (!GetUint32(object, key, &value)) return false;
  if (value > 255) {
    ThrowError(object.Env(), FR_OPTION_INVALID, std::string(key) + " must be at most 255.");
    return false;
  }
  *out = static_cast<uint8_t>(value);
  return true;
}

bool GetArray(const Napi::Object& object, const char* key, uint32_t limit, Napi::Array* out) {
  napi_value value;
  if (!GetProperty(object, key, &value)) return false;
  bool is_array = false;
  if (napi_is_array(object.Env(), value, &is_array) != napi_ok || !is_array) {
    return Refuse(object.Env(), value, key, "an array");
  }
  *out = Napi::Array(object.Env(), value);
  if (out->Length() > limit) {
    ThrowError(object.Env(), FR_OPTION_INVALID,
               std::string(key) + " must have at most " + std::to_string(limit) + " entries, not " +
                   std::to_string(out->Length()) + ".");
    return false;
  }
  return true;
}

bool GetElement(const Napi::Array& array, uint32_t index, napi_value* out) {
  return napi_get_element(array.Env(), array, index, out) == napi_ok;
}

void SetNumber(napi_env env, napi_value object, const char* key, double value) {
  napi_value number;
  if (napi_create_double(env, value, &number) != napi_ok) return;
  napi_set_named_property(env, object, key, number);
}

}  // namespace

napi_value ThrowError(napi_env env, const fr_error& error) {
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
  napi_throw(env, object);
  return nullptr;
}

napi_value ThrowError(napi_env env, fr_status status, const std::string& message) {
  fr_error error = {};
  error.status = status;
  message.copy(error.message, sizeof(error.message) - 1);
  return ThrowError(env, error);
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

bool GetUint64(const Napi::Object& object, const char* key, uint64_t* out) {
  napi_value value;
  return GetProperty(object, key, &value) && GetUint64(object.Env(), value, key, out);
}

bool GetUint32(const Napi::Object& object, const char* key, uint32_t* out) {
  napi_value value;
  return GetProperty(object, key, &value) && GetUint32(object.Env(), value, key, out);
}

bool GetInt64(const Napi::Object& object, const char* key, int64_t* out) {
  napi_value value;
  double number;
  if (!GetProperty(object, key, &value) || !GetDouble(object.Env(), value, key, &number)) {
    return false;
  }
  if (ToSigned(number, kMaxSafeInteger, out)) return true;
  return Refuse(object.Env(), value, key, "a whole number");
}

bool GetDuration(const Napi::Object& object, const char* key, uint64_t* ns) {
  napi_value value;
  return GetProperty(object, key, &value) && GetDuration(object.Env(), value, key, ns);
}

bool GetString(const Napi::Object& object, const char* key, std::string* out) {
  napi_value value;
  if (!GetProperty(object, key, &value)) return false;
  napi_valuetype type;
  if (napi_typeof(object.Env(), value, &type) != napi_ok || type != napi_string) {
    return Refuse(object.Env(), value, key, "a string");
  }
  *out = Napi::String(object.Env(), value).Utf8Value();
  // The core takes C strings: "front\0x" would silently be the ring "front".
  if (out->find('\0') != std::string::npos) {
    ThrowError(object.Env(), std::strcmp(key, "name") == 0 ? FR_NAME_INVALID : FR_OPTION_INVALID,
               std::string(key) + " must not contain a NUL character.");
    return false;
  }
  return true;
}

bool GetObject(const Napi::Object& object, const char* key, Napi::Object* out) {
  napi_value value;
  if (!GetProperty(object, key, &value)) return false;
  napi_valuetype type;
  if (napi_typeof(object.Env(), value, &type) != napi_ok || type != napi_object) {
    return Refuse(object.Env(), value, key, "an object");
  }
  *out = Napi::Object(object.Env(), value);
  return true;
}

bool GetFormat(const Napi::Object& object, fr_format* out) {
  *out = {};
  Napi::Array shape;
  Napi::Array planes;
  if (!GetUint32(object, "dtype", &out->dtype) || !GetUint32(object, "fourcc", &out->fourcc) ||
      !GetUint32(object, "width", &out->width) || !GetUint32(object, "height", &out->height) ||
      !GetByte(object, "colorPrimaries", &out->color_primaries) ||
      !GetByte(object, "colorTransfer", &out->color_transfer) ||
      !GetByte(object, "colorMatrix", &out->color_matrix) ||
      !GetByte(object, "colorRange", &out->color_range) ||
      !GetArray(object, "shape", FR_MAX_DIMS, &shape) ||
      !GetArray(object, "planes", FR_MAX_PLANES, &planes)) {
    return false;
  }
  // Lengths are read once: a getter in an element could lengthen the array afterwards.
  out->ndim = std::min<uint32_t>(shape.Length(), FR_MAX_DIMS);
  for (uint32_t i = 0; i < out->ndim; ++i) {
    napi_value value;
    if (!GetElement(shape, i, &value) ||
        !GetUint64(object.Env(), value, "an entry of shape", &out->shape[i])) {
      return false;
    }
  }
  out->plane_count = std::min<uint32_t>(planes.Length(), FR_MAX_PLANES);
  for (uint32_t i = 0; i < out->plane_count; ++i) {
    napi_value value;
    napi_valuetype type;
    if (!GetElement(planes, i, &value)) return false;
    if (napi_typeof(object.Env(), value, &type) != napi_ok || type != napi_object) {
      return Refuse(object.Env(), value, "an entry of planes", "an object");
    }
    const Napi::Object plane(object.Env(), value);
    if (!GetUint64(plane, "offset", &out->planes[i].offset) ||
        !GetUint64(plane, "stride", &out->planes[i].stride)) {
      return false;
    }
  }
  return true;
}

Napi::Object FormatObject(Napi::Env env, const fr_format& format) {
  const uint32_t ndim = std::min<uint32_t>(format.ndim, FR_MAX_DIMS);
  const uint32_t plane_count = std::min<uint32_t>(format.plane_count, FR_MAX_PLANES);
  Napi::Array shape = Napi::Array::New(env, ndim);
  for (uint32_t i = 0; i < ndim; ++i) shape.Set(i, static_cast<double>(format.shape[i]));
  Napi::Array planes = Napi::Array::New(env, plane_count);
  for (uint32_t i = 0; i < plane_count; ++i) {
    Napi::Object plane = Napi::Object::New(env);
    plane.Set("offset", static_cast<double>(format.planes[i].offset));
    plane.Set("stride", static_cast<double>(format.planes[i].stride));
    planes.Set(i, plane);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("dtype", format.dtype);
  object.Set("shape", shape);
  object.Set("fourcc", format.fourcc);
  object.Set("width", format.width);
  object.Set("height", format.height);
  object.Set("planes", planes);
  object.Set("colorPrimaries", static_cast<uint32_t>(format.color_primaries));
  object.Set("colorTransfer", static_cast<uint32_t>(format.color_transfer));
  object.Set("colorMatrix", static_cast<uint32_t>(format.color_matrix));
  object.Set("colorRange", static_cast<uint32_t>(format.color_range));
  return object;
}

}  // namespace framering
