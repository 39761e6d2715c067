#include "device.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "../../core/src/error.h"

using framering::fail;

fr_v4l2::~fr_v4l2() {
  Stop();
  if (fd >= 0) system.Close(fd);
}

fr_status fr_v4l2::Failed(int result, const char* doing, fr_error* err) const {
  const char* name = path.c_str();
  switch (-result) {
    case ENOENT:
      return fail(err, FR_NOT_FOUND, ENOENT,
                  "There is no %s: is the camera plugged in? v4l2Devices() lists those there are.",
                  name);
    case EACCES:
    case EPERM:
      return fail(err, FR_PERMISSION, -result,
                  "This user may not use %s. Cameras belong to the group video: sudo usermod -aG "
                  "video $USER, then log in again (Docker: --device %s --group-add video).",
                  name, name);
    case EBUSY:
      return fail(err, FR_DEVICE_BUSY, EBUSY,
                  "%s cannot %s, because another program (or another source of this one) streams "
                  "from it. End that one: fuser -v %s names it.",
                  name, doing, name);
    case ENODEV:
    case ENXIO:
      return fail(err, FR_DEVICE_GONE, -result,
                  "%s is gone, it was unplugged or its driver has let it go. Plug it in again and "
                  "open it anew, or give `reconnect: true`.",
                  name);
    case ENOTTY:
      return fail(err, FR_UNSUPPORTED, ENOTTY, "%s cannot %s: its driver does not know how.", name,
                  doing);
    case ENOMEM:
      return fail(err, FR_SYSTEM, ENOMEM,
                  "%s cannot %s for want of memory: ask for fewer buffers or a smaller picture.",
                  name, doing);
    default:
      return fail(err, FR_SYSTEM, -result,
                  "%s cannot %s. The kernel's log (dmesg) may say why; plug the camera in again.",
                  name, doing);
  }
}

extern "C" {

fr_status fr_v4l2_open(const char* path, fr_v4l2** out, fr_error* err) {
  *out = nullptr;
  fr_v4l2* d = new (std::nothrow) fr_v4l2();
  if (d == nullptr) return fail(err, FR_SYSTEM, ENOMEM, "No memory is left to open a camera.");
  d->path = path;
  fr_status status = FR_OK;
  v4l2_capability capability = {};
  // Not blocking: a frame that is not there must not hold up the event loop.
  d->fd = d->system.Open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (d->fd < 0) {
    status = d->Failed(d->fd, "be opened", err);
  } else if (const int result = d->Ioctl(VIDIOC_QUERYCAP, &capability); result < 0) {
    status = result == -ENOTTY || result == -EINVAL
                 ? fail(err, FR_UNSUPPORTED, -result, "%s is no V4L2 device.", path)
                 : d->Failed(result, "say what it can do", err);
  }
  if (status == FR_OK) {
    static_assert(sizeof d->info.driver == sizeof capability.driver);
    static_assert(sizeof d->info.card == sizeof capability.card);
    static_assert(sizeof d->info.bus_info == sizeof capability.bus_info);
    memcpy(d->info.driver, capability.driver, sizeof capability.driver);
    memcpy(d->info.card, capability.card, sizeof capability.card);
    memcpy(d->info.bus_info, capability.bus_info, sizeof capability.bus_info);
    // Without device_caps `capabilities` are those of the node; with it, of the whole device.
    const uint32_t node = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0
                              ? capability.device_caps
                              : capability.capabilities;
    d->info.capabilities = node;
    const bool single = (node & V4L2_CAP_VIDEO_CAPTURE) != 0;
    d->info.multi_planar = !single && (node & V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0 ? 1 : 0;
    if (d->info.multi_planar != 0) d->buffer_type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
    if (!single && d->info.multi_planar == 0) {
      status = fail(err, FR_UNSUPPORTED, 0,
                    "%s captures no video (it may carry a camera's metadata, or be an output); "
                    "v4l2Devices() lists those that do.",
                    path);
    } else if ((node & V4L2_CAP_STREAMING) == 0) {
      status = fail(err, FR_UNSUPPORTED, 0,
                    "%s has no streaming through mmap, only read(2): use the ffmpeg source.", path);
    }
  }
  if (status != FR_OK) {
    delete d;
    return status;
  }
  *out = d;
  return FR_OK;
}

void fr_v4l2_close(fr_v4l2* d) { delete d; }

int fr_v4l2_fd(const fr_v4l2* d) { return d->fd; }

void fr_v4l2_get_info(const fr_v4l2* d, fr_v4l2_info* info) { *info = d->info; }

}  // extern "C"
