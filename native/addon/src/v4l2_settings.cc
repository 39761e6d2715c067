// What a V4L2 device offers, and is set to.
#include <cstring>
#include <string>

#include "convert.h"
#include "v4l2_device.h"

namespace framering {

namespace {

template <size_t size>
napi_value FixedText(napi_env env, const char (&text)[size]) {
  return Text(env, text, strnlen(text, size));
}

napi_value Undefined(napi_env env) {
  napi_value undefined = nullptr;
  napi_get_undefined(env, &undefined);
  return undefined;
}

napi_value Numbers(napi_env env, const uint32_t* values, uint32_t count) {
  napi_value array;
  if (napi_create_array_with_length(env, count, &array) != napi_ok) return nullptr;
  for (uint32_t i = 0; i < count; ++i) {
    if (napi_set_element(env, array, i, Number(env, values[i])) != napi_ok) return nullptr;
  }
  return array;
}

napi_value FormatOf(napi_env env, const fr_v4l2_format& format) {
  ObjectBuilder object(env);
  object.Set("pixelformat", format.pixelformat);
  object.Set("width", format.width);
  object.Set("height", format.height);
  object.Set("field", format.field);
  object.Set("strides", Numbers(env, format.stride, format.plane_count));
  object.Set("bytes", Numbers(env, format.bytes, format.plane_count));
  object.Set("colorspace", format.colorspace);
  object.Set("ycbcr", format.ycbcr);
  object.Set("quantization", format.quantization);
  object.Set("transfer", format.transfer);
  return object.Done();
}

napi_value IntervalOf(napi_env env, const fr_v4l2_interval& interval) {
  const uint32_t parts[] = {interval.numerator, interval.denominator};
  return Numbers(env, parts, 2);
}

}  // namespace

napi_value V4l2Device::Info(const Call& call) {
  if (!IsOpen(call.env)) return nullptr;
  fr_v4l2_info info;
  fr_v4l2_get_info(handle_, &info);
  ObjectBuilder object(call.env);
  object.Set("driver", FixedText(call.env, info.driver));
  object.Set("card", FixedText(call.env, info.card));
  object.Set("busInfo", FixedText(call.env, info.bus_info));
  object.Set("capabilities", info.capabilities);
  object.Set("multiPlanar", Boolean(call.env, info.multi_planar != 0));
  return object.Done();
}

napi_value V4l2Device::FormatAt(const Call& call) {
  uint32_t index;
  int found = 0;
  fr_v4l2_format_entry entry;
  fr_error error;
  if (!IsOpen(call.env) || !GetUint32(call.env, call.arguments[0], "index", &index)) return nullptr;
  if (fr_v4l2_format_at(handle_, index, &entry, &found, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  if (found == 0) return Undefined(call.env);
  ObjectBuilder object(call.env);
  object.Set("pixelformat", entry.pixelformat);
  object.Set("flags", entry.flags);
  object.Set("description", FixedText(call.env, entry.description));
  return object.Done();
}

napi_value V4l2Device::SizeAt(const Call& call) {
  uint32_t pixelformat;
  uint32_t index;
  int found = 0;
  fr_v4l2_size_entry entry;
  fr_error error;
  if (!IsOpen(call.env) || !GetUint32(call.env, call.arguments[0], "pixelformat", &pixelformat) ||
      !GetUint32(call.env, call.arguments[1], "index", &index)) {
    return nullptr;
  }
  if (fr_v4l2_size_at(handle_, pixelformat, index, &entry, &found, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  if (found == 0) return Undefined(call.env);
  ObjectBuilder object(call.env);
  object.Set("stepwise", Boolean(call.env, entry.stepwise != 0));
  object.Set("minWidth", entry.min_width);
  object.Set("maxWidth", entry.max_width);
  object.Set("stepWidth", entry.step_width);
  object.Set("minHeight", entry.min_height);
  object.Set("maxHeight", entry.max_height);
  object.Set("stepHeight", entry.step_height);
  return object.Done();
}

napi_value V4l2Device::IntervalAt(const Call& call) {
  const Object options = {call.env, call.arguments[0]};
  uint32_t pixelformat;
  uint32_t width;
  uint32_t height;
  uint32_t index;
  int found = 0;
  fr_v4l2_interval_entry entry;
  fr_error error;
  if (!IsOpen(call.env)) return nullptr;
  if (!IsType(call.env, call.arguments[0], napi_object)) {
    return ThrowError(call.env, FR_OPTION_INVALID, "intervalAt takes an object of options.");
  }
  if (!GetUint32(options, "pixelformat", &pixelformat) || !GetUint32(options, "width", &width) ||
      !GetUint32(options, "height", &height) || !GetUint32(options, "index", &index)) {
    return nullptr;
  }
  if (fr_v4l2_interval_at(handle_, pixelformat, width, height, index, &entry, &found, &error) !=
      FR_OK) {
    return ThrowError(call.env, error);
  }
  if (found == 0) return Undefined(call.env);
  ObjectBuilder object(call.env);
  object.Set("stepwise", Boolean(call.env, entry.stepwise != 0));
  object.Set("min", IntervalOf(call.env, entry.min));
  object.Set("max", IntervalOf(call.env, entry.max));
  return object.Done();
}

napi_value V4l2Device::GetFormat(const Call& call) {
  fr_v4l2_format format;
  fr_error error;
  if (!IsOpen(call.env)) return nullptr;
  if (fr_v4l2_get_format(handle_, &format, &error) != FR_OK) return ThrowError(call.env, error);
  return FormatOf(call.env, format);
}

napi_value V4l2Device::SetFormat(const Call& call) {
  fr_v4l2_format format = {};
  fr_error error;
  if (!IsOpen(call.env) ||
      !GetUint32(call.env, call.arguments[0], "pixelformat", &format.pixelformat) ||
      !GetUint32(call.env, call.arguments[1], "width", &format.width) ||
      !GetUint32(call.env, call.arguments[2], "height", &format.height)) {
    return nullptr;
  }
  if (fr_v4l2_set_format(handle_, &format, &error) != FR_OK) return ThrowError(call.env, error);
  return FormatOf(call.env, format);
}

napi_value V4l2Device::GetInterval(const Call& call) {
  fr_v4l2_interval interval;
  fr_error error;
  if (!IsOpen(call.env)) return nullptr;
  if (fr_v4l2_get_interval(handle_, &interval, &error) != FR_OK) return ThrowError(call.env, error);
  return IntervalOf(call.env, interval);
}

napi_value V4l2Device::SetInterval(const Call& call) {
  fr_v4l2_interval interval;
  fr_error error;
  if (!IsOpen(call.env) ||
      !GetUint32(call.env, call.arguments[0], "numerator", &interval.numerator) ||
      !GetUint32(call.env, call.arguments[1], "denominator", &interval.denominator)) {
    return nullptr;
  }
  if (fr_v4l2_set_interval(handle_, &interval, &error) != FR_OK) return ThrowError(call.env, error);
  return IntervalOf(call.env, interval);
}

napi_value V4l2Device::ControlAfter(const Call& call) {
  uint32_t after;
  int found = 0;
  fr_v4l2_control control;
  fr_error error;
  if (!IsOpen(call.env) || !GetUint32(call.env, call.arguments[0], "after", &after)) return nullptr;
  if (fr_v4l2_control_after(handle_, after, &control, &found, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  if (found == 0) return Undefined(call.env);
  ObjectBuilder object(call.env);
  object.Set("id", control.id);
  object.Set("type", control.type);
  object.Set("flags", control.flags);
  object.Set("name", FixedText(call.env, control.name));
  object.Set("minimum", static_cast<double>(control.minimum));
  object.Set("maximum", static_cast<double>(control.maximum));
  object.Set("step", static_cast<double>(control.step));
  object.Set("default", static_cast<double>(control.default_value));
  return object.Done();
}

napi_value V4l2Device::MenuAt(const Call& call) {
  uint32_t id;
  uint32_t index;
  int found = 0;
  fr_v4l2_menu_entry entry;
  fr_error error;
  if (!IsOpen(call.env) || !GetUint32(call.env, call.arguments[0], "id", &id) ||
      !GetUint32(call.env, call.arguments[1], "index", &index)) {
    return nullptr;
  }
  if (fr_v4l2_menu_at(handle_, id, index, &entry, &found, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  if (found == 0) return Undefined(call.env);
  ObjectBuilder object(call.env);
  object.Set("name", FixedText(call.env, entry.name));
  object.Set("value", static_cast<double>(entry.value));
  return object.Done();
}

napi_value V4l2Device::GetControl(const Call& call) {
  uint32_t id;
  uint32_t type;
  int64_t value = 0;
  fr_error error;
  if (!IsOpen(call.env) || !GetUint32(call.env, call.arguments[0], "id", &id) ||
      !GetUint32(call.env, call.arguments[1], "type", &type)) {
    return nullptr;
  }
  if (fr_v4l2_get_control(handle_, id, type, &value, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return Number(call.env, static_cast<double>(value));
}

napi_value V4l2Device::SetControl(const Call& call) {
  uint32_t id;
  uint32_t type;
  double number;
  int64_t value;
  fr_error error;
  if (!IsOpen(call.env) || !GetUint32(call.env, call.arguments[0], "id", &id) ||
      !GetUint32(call.env, call.arguments[1], "type", &type) ||
      !GetDouble(call.env, call.arguments[2], "value", &number)) {
    return nullptr;
  }
  if (!ToSigned(number, kMaxSafeInteger, &value)) {
    return ThrowError(call.env, FR_OPTION_INVALID, "A control's value must be a whole number.");
  }
  if (fr_v4l2_set_control(handle_, id, type, value, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  return nullptr;
}

}  // namespace framering
