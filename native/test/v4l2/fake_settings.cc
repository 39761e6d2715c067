// What a recorded device answers about formats, rates and controls.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fake_system.h"

namespace framering::v4l2 {

namespace {

template <size_t size>
void Put(const std::string& text, uint8_t (&out)[size]) {
  memset(out, 0, size);
  memcpy(out, text.data(), std::min(size, text.size()));
}

void Write(const FakeDevice& d, v4l2_format* format) {
  const FakeMode& m = d.modes[d.mode];
  if (d.multi_planar()) {
    v4l2_pix_format_mplane& pix = format->fmt.pix_mp;
    pix = {};
    pix.width = m.width;
    pix.height = m.height;
    pix.pixelformat = m.code;
    pix.field = m.field;
    pix.colorspace = m.colorspace;
    pix.num_planes =
        static_cast<uint8_t>(d.Lie("num_planes", static_cast<uint32_t>(m.planes.size())));
    for (size_t i = 0; i < m.planes.size(); ++i) {
      pix.plane_fmt[i].bytesperline = m.planes[i].stride;
      pix.plane_fmt[i].sizeimage = m.planes[i].size;
    }
    return;
  }
  v4l2_pix_format& pix = format->fmt.pix;
  pix = {};
  pix.width = m.width;
  pix.height = m.height;
  pix.pixelformat = m.code;
  pix.field = m.field;
  pix.colorspace = m.colorspace;
  pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  pix.ycbcr_enc = m.ycbcr;
  pix.quantization = m.quantization;
  pix.xfer_func = m.transfer;
  pix.bytesperline = m.planes[0].stride;
  pix.sizeimage = d.Lie("sizeimage", m.planes[0].size);
}

void Choose(FakeDevice& d, const v4l2_format& format) {
  const bool multi = d.multi_planar();
  const uint32_t code = multi ? format.fmt.pix_mp.pixelformat : format.fmt.pix.pixelformat;
  const uint32_t width = multi ? format.fmt.pix_mp.width : format.fmt.pix.width;
  const uint32_t height = multi ? format.fmt.pix_mp.height : format.fmt.pix.height;
  for (size_t i = 0; i < d.modes.size(); ++i) {
    const FakeMode& m = d.modes[i];
    if (m.code == code && m.width == width && m.height == height) d.mode = i;
  }
}

}  // namespace

int FakeSystem::Settings(FakeDevice& d, unsigned long request, void* argument) {
  const bool endless = d.Lie("endless", 0) != 0;
  switch (request) {
    case VIDIOC_QUERYCAP: {
      auto* c = static_cast<v4l2_capability*>(argument);
      *c = {};
      Put(d.driver, c->driver);
      Put(d.card, c->card);
      Put(d.bus, c->bus_info);
      c->capabilities = d.caps | V4L2_CAP_DEVICE_CAPS;
      c->device_caps = d.caps;
      return 0;
    }
    case VIDIOC_ENUM_FMT: {
      auto* f = static_cast<v4l2_fmtdesc*>(argument);
      if (f->index >= d.formats.size() && !endless) return -EINVAL;
      const FakeFormat& format = d.formats[f->index % d.formats.size()];
      f->pixelformat = format.code;
      f->flags = format.flags;
      Put(format.description, f->description);
      return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
      auto* s = static_cast<v4l2_frmsizeenum*>(argument);
      for (const FakeFormat& format : d.formats) {
        if (format.code != s->pixel_format || format.sizes.empty()) continue;
        if (s->index >= format.sizes.size() && !endless) return -EINVAL;
        const uint32_t index = s->index;
        *s = format.sizes[index % format.sizes.size()];
        s->index = index;
        return 0;
      }
      return -EINVAL;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
      auto* i = static_cast<v4l2_frmivalenum*>(argument);
      if (d.intervals.empty() || (i->index >= d.intervals.size() && !endless)) return -EINVAL;
      *i = d.intervals[i->index % d.intervals.size()];
      return 0;
    }
    case VIDIOC_G_FMT:
      Write(d, static_cast<v4l2_format*>(argument));
      return 0;
    case VIDIOC_S_FMT:
      Choose(d, *static_cast<v4l2_format*>(argument));
      Write(d, static_cast<v4l2_format*>(argument));
      return 0;
    case VIDIOC_S_PARM:
    case VIDIOC_G_PARM: {
      auto* p = static_cast<v4l2_streamparm*>(argument);
      if (request == VIDIOC_S_PARM) {
        // the nearest of the discrete ones
        const v4l2_fract& wanted = p->parm.capture.timeperframe;
        const double seconds = static_cast<double>(wanted.numerator) / wanted.denominator;
        double best = 1e9;
        for (const v4l2_frmivalenum& i : d.intervals) {
          const double far =
              static_cast<double>(i.discrete.numerator) / i.discrete.denominator - seconds;
          if (std::max(far, -far) < best) d.interval = i.discrete;
          best = std::min(best, std::max(far, -far));
        }
      }
      p->parm.capture = {};
      p->parm.capture.capability = d.Lie("rate", V4L2_CAP_TIMEPERFRAME);
      p->parm.capture.timeperframe = d.interval;
      return 0;
    }
    default:
      return -ENOTTY;
  }
}

int FakeSystem::Controls(FakeDevice& d, unsigned long request, void* argument) {
  switch (request) {
    case VIDIOC_QUERY_EXT_CTRL: {
      auto* q = static_cast<v4l2_query_ext_ctrl*>(argument);
      const uint32_t after = q->id & 0x0fffffff;
      for (const FakeControl& control : d.controls) {
        if (control.query.id <= after) continue;
        *q = control.query;
        return 0;
      }
      if (d.Lie("endless", 0) == 0 || d.controls.empty()) return -EINVAL;
      *q = d.controls.back().query;
      q->id = d.Lie("same-id", 0) != 0 ? q->id : after + 1;
      return 0;
    }
    case VIDIOC_QUERYMENU: {
      auto* m = static_cast<v4l2_querymenu*>(argument);
      for (const FakeControl& control : d.controls) {
        if (control.query.id != m->id) continue;
        const auto found = control.menu.find(m->index);
        if (found == control.menu.end()) return -EINVAL;
        *m = found->second;
        return 0;
      }
      return -EINVAL;
    }
    case VIDIOC_G_EXT_CTRLS:
    case VIDIOC_S_EXT_CTRLS: {
      auto* c = static_cast<v4l2_ext_controls*>(argument);
      if (c->count != 1) return -EINVAL;
      v4l2_ext_control& wanted = c->controls[0];
      for (FakeControl& control : d.controls) {
        if (control.query.id != wanted.id) continue;
        const bool wide = control.query.type == V4L2_CTRL_TYPE_INTEGER64;
        if (request == VIDIOC_S_EXT_CTRLS) {
          if ((control.query.flags & V4L2_CTRL_FLAG_GRABBED) != 0) return -EBUSY;
          control.value = wide ? wanted.value64 : wanted.value;
          const int64_t step = static_cast<int64_t>(std::max<uint64_t>(control.query.step, 1));
          if (control.query.type == V4L2_CTRL_TYPE_INTEGER) control.value -= control.value % step;
        } else if (wide) {
          wanted.value64 = control.value;
        } else {
          wanted.value = static_cast<int32_t>(control.value);
        }
        return 0;
      }
      return -EINVAL;
    }
    default:
      return -ENOTTY;
  }
}

}  // namespace framering::v4l2
