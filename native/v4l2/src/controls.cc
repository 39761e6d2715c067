// Controls: exposure, gain and whatever else a camera lets be set.
#include <cerrno>
#include <cstring>

#include "../../core/src/error.h"
#include "device.h"

using framering::fail;

namespace {

constexpr uint32_t kIdMask = 0x0fffffff;  // above it are the flags of the enumeration

bool HasNumber(uint32_t type) {
  switch (type) {
    case V4L2_CTRL_TYPE_INTEGER:
    case V4L2_CTRL_TYPE_BOOLEAN:
    case V4L2_CTRL_TYPE_MENU:
    case V4L2_CTRL_TYPE_BUTTON:
    case V4L2_CTRL_TYPE_INTEGER64:
    case V4L2_CTRL_TYPE_BITMASK:
    case V4L2_CTRL_TYPE_INTEGER_MENU:
      return true;
    default:
      return false;
  }
}

fr_status Refused(const fr_v4l2& d, int result, const char* doing, fr_error* err) {
  const char* name = d.path.c_str();
  switch (-result) {
    case EINVAL:
    case ERANGE:
    case EACCES:
    case EILSEQ:
      return fail(err, FR_OPTION_INVALID, -result,
                  "%s cannot %s: not at this moment, not that value, or not this control at all. "
                  "Look at controls(); an automatic mode may have it.",
                  name, doing);
    case EBUSY:
      return fail(err, FR_DEVICE_BUSY, EBUSY,
                  "%s cannot %s while it streams, or while another program has the control.", name,
                  doing);
    default:
      return d.Failed(result, doing, err);
  }
}

fr_status Exchange(fr_v4l2& d, unsigned long request, v4l2_ext_control* control, uint32_t type,
                   const char* doing, fr_error* err) {
  if (!HasNumber(type)) {
    return fail(err, FR_OPTION_INVALID, 0,
                "%s cannot %s: its value is no number. Use v4l2-ctl for it.", d.path.c_str(),
                doing);
  }
  v4l2_ext_controls controls = {};
  controls.which = V4L2_CTRL_WHICH_CUR_VAL;
  controls.count = 1;
  controls.controls = control;
  const int result = d.Ioctl(request, &controls);
  return result < 0 ? Refused(d, result, doing, err) : FR_OK;
}

}  // namespace

extern "C" {

fr_status fr_v4l2_control_after(fr_v4l2* d, uint32_t after, fr_v4l2_control* out, int* found,
                                fr_error* err) {
  v4l2_query_ext_ctrl query = {};
  query.id = (after & kIdMask) | V4L2_CTRL_FLAG_NEXT_CTRL;
  *found = 0;
  const int result = d->Ioctl(VIDIOC_QUERY_EXT_CTRL, &query);
  if (result == -EINVAL || result == -ENOTTY) return FR_OK;
  if (result < 0) return d->Failed(result, "list its controls", err);
  // An id that does not grow would have the list never end.
  if ((query.id & kIdMask) <= (after & kIdMask)) return FR_OK;
  *found = 1;
  out->id = query.id;
  out->type = query.type;
  out->flags = query.flags;
  static_assert(sizeof out->name == sizeof query.name);
  memcpy(out->name, query.name, sizeof query.name);
  out->minimum = query.minimum;
  out->maximum = query.maximum;
  out->default_value = query.default_value;
  out->step = query.step;
  return FR_OK;
}

fr_status fr_v4l2_menu_at(fr_v4l2* d, uint32_t id, uint32_t index, fr_v4l2_menu_entry* out,
                          int* found, fr_error* err) {
  v4l2_querymenu query = {};
  query.id = id;
  query.index = index;
  *found = 0;
  const int result = d->Ioctl(VIDIOC_QUERYMENU, &query);
  if (result == -EINVAL || result == -ENOTTY) return FR_OK;
  if (result < 0) return d->Failed(result, "list a control's menu", err);
  *found = 1;
  static_assert(sizeof out->name == sizeof query.name);
  memcpy(out->name, query.name, sizeof query.name);
  memcpy(&out->value, query.name, sizeof out->value);  // the other member of the union
  return FR_OK;
}

fr_status fr_v4l2_get_control(fr_v4l2* d, uint32_t id, uint32_t type, int64_t* value,
                              fr_error* err) {
  v4l2_ext_control control = {};
  control.id = id;
  const fr_status status =
      Exchange(*d, VIDIOC_G_EXT_CTRLS, &control, type, "read this control", err);
  if (status != FR_OK) return status;
  if (type == V4L2_CTRL_TYPE_INTEGER64) {
    *value = control.value64;
  } else if (type == V4L2_CTRL_TYPE_BITMASK) {
    *value = static_cast<uint32_t>(control.value);
  } else {
    *value = control.value;
  }
  return FR_OK;
}

fr_status fr_v4l2_set_control(fr_v4l2* d, uint32_t id, uint32_t type, int64_t value,
                              fr_error* err) {
  v4l2_ext_control control = {};
  control.id = id;
  if (type == V4L2_CTRL_TYPE_INTEGER64) {
    control.value64 = value;
  } else if (value >= INT32_MIN && value <= UINT32_MAX) {
    control.value = static_cast<int32_t>(value);  // a bitmask uses all 32 bits
  } else {
    return fail(err, FR_OPTION_INVALID, 0, "This control of %s has 32 bits: give a smaller value.",
                d->path.c_str());
  }
  return Exchange(*d, VIDIOC_S_EXT_CTRLS, &control, type, "set this control", err);
}

}  // extern "C"
