#include "conversion.h"

#include <framering_convert.h>

#include <cstring>

#include "call.h"
#include "convert.h"
#include "lent_memory.h"

namespace framering {

namespace {

// Where each figure stands in the plan: enum Plan of src/native/convert-binding.ts.
enum Plan : size_t {
  kSource = 0,
  kTarget = 14,
  kCrop = 28,
  kResize = 32,
  kFlip,
  kRotate,
  kAutomatic,
  kLow,
  kHigh,
  kNoValue,
  kTensorChannels = 41,
  kTensorPlanar,
  kTensorBgr,
  kScale,
  kOffset = 47,
  kQuality = 50,
  kOwnOnly,
  kPlanLength
};

enum Argument { kSourceArgument, kTargetArgument, kPlanArgument, kMapArgument, kArguments };

struct Task {
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  // Held while the work is under way: the arrays, and the mappings their bytes may lie in.
  napi_ref arrays[2] = {};
  fr_mapping* mappings[2] = {};
  fr_picture source = {};
  fr_picture target = {};
  fr_convert_options options = {};
  uint8_t map[FR_COLOR_MAP_BYTES] = {};
  fr_status status = FR_OK;
  uint64_t used = 0;
  fr_error error = {};
};

bool GetBytes(napi_env env, napi_value value, uint8_t** data, uint64_t* length) {
  napi_typedarray_type type;
  size_t count;
  void* bytes;
  if (napi_get_typedarray_info(env, value, &type, &count, &bytes, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    ThrowError(env, FR_OPTION_INVALID, "A conversion takes Uint8Arrays.");
    return false;
  }
  *data = static_cast<uint8_t*>(bytes);
  *length = count;
  return true;
}

// Figures of a plan, each checked before it is cast. After the first that is wrong all are refused.
class Figures {
 public:
  explicit Figures(const double* plan) : plan_(plan) {}
  uint64_t Whole(size_t at, double most = kMaxSafeInteger) {
    uint64_t value = 0;
    ok_ = ToUnsigned(plan_[at], most, &value) && ok_;
    return value;
  }
  uint32_t Word(size_t at) { return static_cast<uint32_t>(Whole(at, kMaxUint32)); }
  uint8_t Byte(size_t at) { return static_cast<uint8_t>(Whole(at, 255)); }
  bool ok() const { return ok_; }

 private:
  const double* plan_;
  bool ok_ = true;
};

void ReadPicture(Figures* figures, size_t at, fr_picture* out) {
  out->fourcc = figures->Word(at);
  out->width = figures->Word(at + 1);
  out->height = figures->Word(at + 2);
  out->matrix = figures->Word(at + 3);
  out->full_range = figures->Word(at + 4);
  out->plane_count = static_cast<uint32_t>(figures->Whole(at + 5, FR_MAX_PLANES));
  for (size_t i = 0; i < FR_MAX_PLANES; ++i) {
    out->planes[i].offset = figures->Whole(at + 6 + 2 * i);
    out->planes[i].stride = figures->Whole(at + 7 + 2 * i);
  }
}

bool ReadPlan(const double* plan, Task* task) {
  Figures figures(plan);
  ReadPicture(&figures, kSource, &task->source);
  ReadPicture(&figures, kTarget, &task->target);
  fr_convert_options& o = task->options;
  o.crop_x = figures.Word(kCrop);
  o.crop_y = figures.Word(kCrop + 1);
  o.crop_width = figures.Word(kCrop + 2);
  o.crop_height = figures.Word(kCrop + 3);
  o.resize = figures.Word(kResize);
  o.flip = figures.Word(kFlip);
  o.rotate = figures.Word(kRotate);
  o.automatic = figures.Word(kAutomatic);
  o.low = plan[kLow];
  o.high = plan[kHigh];
  o.tensor_channels = figures.Word(kTensorChannels);
  o.tensor_planar = figures.Word(kTensorPlanar);
  o.tensor_bgr = figures.Word(kTensorBgr);
  o.quality = figures.Word(kQuality);
  o.own_only = figures.Word(kOwnOnly);
  for (uint32_t i = 0; i < 3; ++i) {
    o.no_value[i] = figures.Byte(kNoValue + i);
    o.scale[i] = static_cast<float>(plan[kScale + i]);
    o.offset[i] = static_cast<float>(plan[kOffset + i]);
  }
  return figures.ok();
}

// Reads all arguments. False with an exception pending.
bool ReadTask(napi_env env, napi_callback_info info, napi_value* arguments, Task* task) {
  size_t count = kArguments;
  napi_typedarray_type type;
  size_t length;
  void* plan;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok) return false;
  if (!GetBytes(env, arguments[kSourceArgument], &task->source.data, &task->source.length) ||
      !GetBytes(env, arguments[kTargetArgument], &task->target.data, &task->target.length)) {
    return false;
  }
  if (napi_get_typedarray_info(env, arguments[kPlanArgument], &type, &length, &plan, nullptr,
                               nullptr) != napi_ok ||
      type != napi_float64_array || length != kPlanLength ||
      !ReadPlan(static_cast<const double*>(plan), task)) {
    ThrowError(env, FR_OPTION_INVALID, "A figure of the plan is not a whole number in its range.");
    return false;
  }
  if (IsType(env, arguments[kMapArgument], napi_undefined)) return true;
  uint8_t* map;
  uint64_t bytes;
  if (!GetBytes(env, arguments[kMapArgument], &map, &bytes)) return false;
  if (bytes != FR_COLOR_MAP_BYTES) {
    ThrowError(env, FR_OPTION_INVALID, "A colour map has 768 bytes.");
    return false;
  }
  std::memcpy(task->map, map, sizeof task->map);
  task->options.color_map = task->map;
  return true;
}

void Run(Task* task) {
  task->status =
      fr_convert(&task->source, &task->target, &task->options, &task->used, &task->error);
}

void Drop(napi_env env, Task* task) {
  for (napi_ref& array : task->arrays) {
    if (array != nullptr) napi_delete_reference(env, array);
  }
  for (fr_mapping* mapping : task->mappings) {
    if (mapping != nullptr) fr_mapping_unref(mapping);
  }
  if (task->work != nullptr) napi_delete_async_work(env, task->work);
  delete task;
}

void Execute(napi_env /*env*/, void* data) { Run(static_cast<Task*>(data)); }

// Where a call fails the environment is going down: nobody waits for the promise.
void Complete(napi_env env, napi_status /*status*/, void* data) {
  Task* task = static_cast<Task*>(data);
  if (task->status == FR_OK) {
    const napi_value used = Number(env, static_cast<double>(task->used));
    if (used != nullptr) napi_resolve_deferred(env, task->deferred, used);
  } else {
    const napi_value error = ErrorObject(env, task->error);
    if (error != nullptr) napi_reject_deferred(env, task->deferred, error);
  }
  Drop(env, task);
}

}  // namespace

napi_value ConvertSync(napi_env env, napi_callback_info info) {
  Task task;
  napi_value arguments[kArguments];
  if (!ReadTask(env, info, arguments, &task)) return nullptr;
  Run(&task);
  if (task.status != FR_OK) return ThrowError(env, task.error);
  return Number(env, static_cast<double>(task.used));
}

napi_value ConvertAsync(napi_env env, napi_callback_info info) {
  Task* task = new Task();
  napi_value arguments[kArguments];
  napi_value promise;
  napi_value name = Text(env, "framering.convert");
  if (!ReadTask(env, info, arguments, task) ||
      napi_create_reference(env, arguments[kSourceArgument], 1, &task->arrays[0]) != napi_ok ||
      napi_create_reference(env, arguments[kTargetArgument], 1, &task->arrays[1]) != napi_ok ||
      napi_create_async_work(env, nullptr, name, Execute, Complete, task, &task->work) != napi_ok ||
      napi_create_promise(env, &task->deferred, &promise) != napi_ok) {
    Drop(env, task);
    return nullptr;
  }
  // A loan that is given back meanwhile takes its ArrayBuffer along, and a writer that is closed
  // its mapping: the thread must not find the memory gone.
  task->mappings[0] = HoldMapping(task->source.data);
  task->mappings[1] = HoldMapping(task->target.data);
  if (napi_queue_async_work(env, task->work) != napi_ok) {
    Drop(env, task);
    return nullptr;
  }
  return promise;
}

napi_value JpegSize(napi_env env, napi_callback_info info) {
  Call call;
  uint8_t* data;
  uint64_t length;
  uint32_t width;
  uint32_t height;
  fr_error error;
  if (!TakeCall(env, info, &call) || !GetBytes(env, call.arguments[0], &data, &length)) {
    return nullptr;
  }
  if (fr_jpeg_size(data, length, &width, &height, &error) != FR_OK) return ThrowError(env, error);
  ObjectBuilder object(env);
  object.Set("width", static_cast<double>(width));
  object.Set("height", static_cast<double>(height));
  return object.Done();
}

napi_value Converters(napi_env env, napi_callback_info /*info*/) {
  ObjectBuilder object(env);
  object.Set("libyuv", Boolean(env, fr_has_libyuv() != 0));
  object.Set("turbojpeg", Boolean(env, fr_has_turbojpeg() != 0));
  return object.Done();
}

}  // namespace framering
