// Format and frame interval.
#include <cerrno>

#include "../../core/src/error.h"
#include "device.h"

using framering::fail;

namespace {

fr_status ReadSingle(const v4l2_pix_format& pix, fr_v4l2_format* out) {
  *out = {};
  out->pixelformat = pix.pixelformat;
  out->width = pix.width;
  out->height = pix.height;
  out->field = pix.field;
  out->plane_count = 1;
  out->stride[0] = pix.bytesperline;
  out->bytes[0] = pix.sizeimage;
  out->colorspace = pix.colorspace;
  // Without the magic number these fields are not there: what a driver of old left in their place.
  const bool extended = pix.priv == V4L2_PIX_FMT_PRIV_MAGIC;
  out->ycbcr = extended ? pix.ycbcr_enc : 0;
  out->quantization = extended ? pix.quantization : 0;
  out->transfer = extended ? pix.xfer_func : 0;
  return FR_OK;
}

fr_status ReadMulti(const fr_v4l2& d, const v4l2_pix_format_mplane& pix, fr_v4l2_format* out,
                    fr_error* err) {
  *out = {};
  if (pix.num_planes < 1 || pix.num_planes > FR_V4L2_MAX_PLANES) {
    return fail(err, FR_UNSUPPORTED, 0, "%s has frames of %u planes, of which 1 to %d are known.",
                d.path.c_str(), static_cast<unsigned>(pix.num_planes), FR_V4L2_MAX_PLANES);
  }
  out->pixelformat = pix.pixelformat;
  out->width = pix.width;
  out->height = pix.height;
  out->field = pix.field;
  out->plane_count = pix.num_planes;
  for (uint32_t i = 0; i < out->plane_count; ++i) {
    out->stride[i] = pix.plane_fmt[i].bytesperline;
    out->bytes[i] = pix.plane_fmt[i].sizeimage;
  }
  out->colorspace = pix.colorspace;
  out->ycbcr = pix.ycbcr_enc;
  out->quantization = pix.quantization;
  out->transfer = pix.xfer_func;
  return FR_OK;
}

fr_status Read(const fr_v4l2& d, const v4l2_format& format, fr_v4l2_format* out, fr_error* err) {
  if (d.info.multi_planar != 0) return ReadMulti(d, format.fmt.pix_mp, out, err);
  return ReadSingle(format.fmt.pix, out);
}

v4l2_format Empty(const fr_v4l2& d) {
  v4l2_format format = {};
  format.type = d.buffer_type;
  if (d.info.multi_planar == 0) format.fmt.pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  return format;
}

}  // namespace

extern "C" {

fr_status fr_v4l2_get_format(fr_v4l2* d, fr_v4l2_format* out, fr_error* err) {
  v4l2_format format = Empty(*d);
  const int result = d->Ioctl(VIDIOC_G_FMT, &format);
  if (result < 0) return d->Failed(result, "say its format", err);
  return Read(*d, format, out, err);
}

fr_status fr_v4l2_set_format(fr_v4l2* d, fr_v4l2_format* wanted, fr_error* err) {
  v4l2_format format = Empty(*d);
  if (d->info.multi_planar != 0) {
    format.fmt.pix_mp.pixelformat = wanted->pixelformat;
    format.fmt.pix_mp.width = wanted->width;
    format.fmt.pix_mp.height = wanted->height;
    format.fmt.pix_mp.field = V4L2_FIELD_NONE;
  } else {
    format.fmt.pix.pixelformat = wanted->pixelformat;
    format.fmt.pix.width = wanted->width;
    format.fmt.pix.height = wanted->height;
    format.fmt.pix.field = V4L2_FIELD_NONE;
  }
  const int result = d->Ioctl(VIDIOC_S_FMT, &format);
  if (result < 0) return d->Failed(result, "take a format", err);
  return Read(*d, format, wanted, err);
}

fr_status fr_v4l2_get_interval(fr_v4l2* d, fr_v4l2_interval* out, fr_error* err) {
  v4l2_streamparm parameters = {};
  parameters.type = d->buffer_type;
  *out = {0, 0};
  const int result = d->Ioctl(VIDIOC_G_PARM, &parameters);
  // Some drivers have no rate at all to tell of: they answer with one of these.
  if (result == -ENOTTY || result == -EINVAL) return FR_OK;
  if (result < 0) return d->Failed(result, "say its frame rate", err);
  const v4l2_fract& interval = parameters.parm.capture.timeperframe;
  if (interval.numerator != 0) *out = {interval.numerator, interval.denominator};
  return FR_OK;
}

fr_status fr_v4l2_set_interval(fr_v4l2* d, fr_v4l2_interval* wanted, fr_error* err) {
  v4l2_streamparm parameters = {};
  parameters.type = d->buffer_type;
  int result = d->Ioctl(VIDIOC_G_PARM, &parameters);
  const bool able =
      result >= 0 && (parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) != 0;
  if (result == -ENOTTY || result == -EINVAL || (result >= 0 && !able)) {
    return fail(err, FR_UNSUPPORTED, 0,
                "%s has one frame rate that cannot be set: leave `fps` out. Some cameras have "
                "controls for it.",
                d->path.c_str());
  }
  if (result < 0) return d->Failed(result, "say its frame rate", err);
  parameters = {};
  parameters.type = d->buffer_type;
  parameters.parm.capture.timeperframe = {wanted->numerator, wanted->denominator};
  result = d->Ioctl(VIDIOC_S_PARM, &parameters);
  if (result < 0) return d->Failed(result, "take a frame rate", err);
  const v4l2_fract& interval = parameters.parm.capture.timeperframe;
  *wanted = {interval.numerator, interval.denominator};
  return FR_OK;
}

}  // extern "C"
