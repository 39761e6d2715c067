// An addon for tests alone: the V4L2 part of framering.node over recorded devices.
//
//   openV4l2({ path })                  as in framering.node
//   plug(path, recording, payloads)     see fake_device.h; payloads: an array of Uint8Array
//   unplug(path)   play(path, events)
//   state(path)                         { handles, mappings, log }: of all devices; of that one
#include <node_api.h>

#include <string>

#include "../../addon/src/call.h"
#include "../../addon/src/convert.h"
#include "../../addon/src/v4l2_device.h"
#include "fake_system.h"

namespace framering {

namespace {

napi_ref device_type = nullptr;

napi_value Refuse(napi_env env, const std::string& why) {
  return ThrowError(env, FR_OPTION_INVALID, why);
}

napi_value OpenV4l2(napi_env env, napi_callback_info info) {
  Call call;
  napi_value constructor;
  napi_value object;
  if (!TakeCall(env, info, &call) ||
      napi_get_reference_value(env, device_type, &constructor) != napi_ok ||
      napi_new_instance(env, constructor, 1, call.arguments, &object) != napi_ok) {
    return nullptr;
  }
  return object;
}

napi_value Plug(napi_env env, napi_callback_info info) {
  Call call;
  std::string path;
  std::string recording;
  std::string problem;
  uint32_t count = 0;
  auto device = std::make_shared<v4l2::FakeDevice>();
  if (!TakeCall(env, info, &call) || !ToText(env, call.arguments[0], &path) ||
      !ToText(env, call.arguments[1], &recording) ||
      napi_get_array_length(env, call.arguments[2], &count) != napi_ok) {
    return Refuse(env, "plug takes a path, a recording and payloads.");
  }
  if (!device->Parse(recording, &problem)) {
    return Refuse(env, "Not a line of a recording: " + problem);
  }
  for (uint32_t i = 0; i < count; ++i) {
    napi_value entry;
    napi_typedarray_type type;
    size_t length;
    void* data;
    if (napi_get_element(env, call.arguments[2], i, &entry) != napi_ok ||
        napi_get_typedarray_info(env, entry, &type, &length, &data, nullptr, nullptr) != napi_ok) {
      return Refuse(env, "A payload is a Uint8Array.");
    }
    const uint8_t* bytes = static_cast<uint8_t*>(data);
    device->payloads.emplace_back(bytes, bytes + length);
  }
  for (const v4l2::FakeEvent& event : device->events) {
    if (event.kind == v4l2::FakeEvent::kFrame && event.payload >= device->payloads.size()) {
      return Refuse(env, "A frame names a payload that was not given.");
    }
  }
  v4l2::TheFake().Plug(path, device);
  return nullptr;
}

napi_value Unplug(napi_env env, napi_callback_info info) {
  Call call;
  std::string path;
  if (TakeCall(env, info, &call) && ToText(env, call.arguments[0], &path)) {
    v4l2::TheFake().Unplug(path);
  }
  return nullptr;
}

napi_value Play(napi_env env, napi_callback_info info) {
  Call call;
  std::string path;
  uint32_t events;
  if (TakeCall(env, info, &call) && ToText(env, call.arguments[0], &path) &&
      GetUint32(env, call.arguments[1], "events", &events)) {
    v4l2::TheFake().Play(path, events);
  }
  return nullptr;
}

napi_value State(napi_env env, napi_callback_info info) {
  Call call;
  std::string path;
  if (!TakeCall(env, info, &call) || !ToText(env, call.arguments[0], &path)) return nullptr;
  std::string log;
  if (const auto device = v4l2::TheFake().Find(path); device != nullptr) {
    for (const std::string& name : device->log) log += (log.empty() ? "" : " ") + name;
  }
  ObjectBuilder object(env);
  object.Set("handles", static_cast<double>(v4l2::TheFake().handles()));
  object.Set("mappings", static_cast<double>(v4l2::TheFake().mappings()));
  object.Set("log", Text(env, log.c_str()));
  return object.Done();
}

napi_property_descriptor Function(const char* name, napi_callback callback) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

napi_value Init(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      Function("openV4l2", OpenV4l2), Function("plug", Plug),   Function("unplug", Unplug),
      Function("play", Play),         Function("state", State),
  };
  if (!V4l2Device::Define(env, nullptr, &device_type) ||
      napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions) !=
          napi_ok) {
    return nullptr;
  }
  return exports;
}

}  // namespace

}  // namespace framering

NAPI_MODULE_INIT() { return framering::Init(env, exports); }
