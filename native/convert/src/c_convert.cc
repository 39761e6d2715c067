#include <framering_convert.h>

#include "../../core/src/error.h"
#include "libyuv.h"
#include "pipeline.h"
#include "turbojpeg.h"
#include "turn.h"

namespace framering::convert {

namespace {

fr_status NoMemory(fr_error* err) {
  return fail(err, FR_SYSTEM, 0, "There is no memory for the conversion; give smaller pictures.");
}

bool Overlap(const fr_picture& a, const fr_picture& b) {
  const uintptr_t from = reinterpret_cast<uintptr_t>(a.data);
  const uintptr_t to = reinterpret_cast<uintptr_t>(b.data);
  return from < to + b.length && to < from + a.length;
}

fr_status CheckTensor(const fr_picture& target, const fr_convert_options& options, fr_error* err) {
  if (options.tensor_channels != 1 && options.tensor_channels != 3) {
    return fail(err, FR_OPTION_INVALID, 0, "A tensor has 1 or 3 channels.");
  }
  const uint64_t needed =
      uint64_t{target.width} * target.height * options.tensor_channels * sizeof(float);
  if (target.length < needed) {
    return fail_short(err, FR_OPTION_INVALID, needed, target.length,
                      "The tensor takes %llu bytes and the target has %llu.",
                      static_cast<unsigned long long>(needed),
                      static_cast<unsigned long long>(target.length));
  }
  if (reinterpret_cast<uintptr_t>(target.data) % alignof(float) != 0) {
    return fail(err, FR_OPTION_INVALID, 0, "The tensor's memory must begin at a multiple of 4.");
  }
  return FR_OK;
}

fr_status CheckOptions(const fr_picture& source, const fr_convert_options& o, fr_error* err) {
  const bool inside = o.crop_width >= 1 && o.crop_height >= 1 && o.crop_x < source.width &&
                      o.crop_y < source.height && o.crop_width <= source.width - o.crop_x &&
                      o.crop_height <= source.height - o.crop_y;
  if (!inside) {
    return fail(err, FR_OPTION_INVALID, 0, "The crop does not lie in the %u x %u of the source.",
                source.width, source.height);
  }
  if (o.resize > FR_RESIZE_NEAREST || o.flip > 3 || o.rotate > 270 || o.rotate % 90 != 0) {
    return fail(err, FR_OPTION_INVALID, 0, "resize, flip or rotate has no such choice.");
  }
  // Anything else, NaN too, would make an infinite scale.
  if (o.automatic == 0 && !(o.low < o.high || o.low > o.high)) {
    return fail(err, FR_OPTION_INVALID, 0, "low and high must be different numbers.");
  }
  return FR_OK;
}

fr_status RunStraight(const Job& job, bool own_only, fr_error* err) {
  if (KeepsPlaces(job)) {
    Picture part;
    if (CropInPlace(job.source, job.crop, &part)) {
      const bool same =
          part.layout == job.target.layout && part.layout->packing != Packing::kTensor;
      if (same && (part.layout->kind != Kind::kYuv || SameColor(part, job.target))) {
        CopyPlanes(part, job.target);
        return FR_OK;
      }
      if (!own_only && RunLibyuv(part, job.target)) return FR_OK;
    }
  }
  if (!HasWay(*job.source.layout, *job.target.layout)) {
    return fail(err, FR_UNSUPPORTED, 0, "There is no conversion between these formats.");
  }
  return RunRows(job) ? FR_OK : NoMemory(err);
}

// A picture in memory of our own, rows without gaps.
bool Make(uint32_t fourcc, uint32_t width, uint32_t height, Memory<uint8_t>* memory, Picture* out) {
  *out = {LayoutOf(fourcc), width, height, {}, {}, 6, true};
  size_t bytes = 0;
  for (uint32_t i = 0; i < PlaneCount(*out->layout); ++i) {
    const PlaneSize size = SizeOfPlane(*out->layout, i, width, height);
    bytes += size.bytes * size.rows;
  }
  *memory = Allocate<uint8_t>(bytes);
  uint8_t* at = memory->get();
  for (uint32_t i = 0; i < PlaneCount(*out->layout); ++i) {
    const PlaneSize size = SizeOfPlane(*out->layout, i, width, height);
    out->planes[i] = at;
    out->strides[i] = size.bytes;
    at += size.bytes * size.rows;
  }
  return *memory != nullptr;
}

// Converted and scaled first where there is anything of that, then turned.
fr_status Run(const Job& job, bool own_only, fr_error* err) {
  if (!CanTurn(job)) return RunStraight(job, own_only, err);
  Picture whole;
  Memory<uint8_t> memory;
  if (!OnlyTurns(job) || !CropInPlace(job.source, job.crop, &whole)) {
    Job first = job;
    first.options.flip = 0;
    first.options.rotate = 0;
    if (!Make(job.target.layout->fourcc, job.target.height, job.target.width, &memory,
              &first.target)) {
      return NoMemory(err);
    }
    first.target.matrix = job.target.matrix;
    first.target.full_range = job.target.full_range;
    const fr_status status = RunStraight(first, own_only, err);
    if (status != FR_OK) return status;
    whole = first.target;
  }
  Turn(job, whole);
  return FR_OK;
}

fr_status Decode(const fr_picture& source, const Job& job, fr_error* err) {
  const Compressed jpeg = {source.data, source.length};
  const Layout& to = *job.target.layout;
  const bool direct = IsRgb(to) || to.kind == Kind::kGrey;
  if (direct && KeepsPlaces(job) && job.crop.width == source.width &&
      job.crop.height == source.height) {
    return DecodeJpeg(jpeg, job.target, err);
  }
  Memory<uint8_t> memory;
  Job rest = job;
  const uint32_t between = to.kind == Kind::kGrey ? kGrey : kRgb3;
  if (!Make(between, source.width, source.height, &memory, &rest.source)) return NoMemory(err);
  const fr_status status = DecodeJpeg(jpeg, rest.source, err);
  return status == FR_OK ? Run(rest, job.options.own_only != 0, err) : status;
}

fr_status Encode(const fr_picture& target, const Job& job, uint64_t* used, fr_error* err) {
  const Layout& from = *job.source.layout;
  Picture part;
  const bool jfif = from.fourcc == kI420 && job.source.full_range && job.source.matrix != 1 &&
                    job.source.matrix != 9;
  const bool direct = IsRgb(from) || from.kind == Kind::kGrey || jfif;
  if (direct && KeepsPlaces(job) && CropInPlace(job.source, job.crop, &part)) {
    return EncodeJpeg(part, job.options.quality, target.data, target.length, used, err);
  }
  Memory<uint8_t> memory;
  Job first = job;
  // The colours of JFIF: BT.601 in its full range.
  const bool grey =
      from.kind == Kind::kGrey || (from.kind == Kind::kValue && job.options.color_map == nullptr);
  if (!Make(grey ? kGrey : kI420, target.width, target.height, &memory, &first.target)) {
    return NoMemory(err);
  }
  const fr_status status = Run(first, job.options.own_only != 0, err);
  if (status != FR_OK) return status;
  return EncodeJpeg(first.target, job.options.quality, target.data, target.length, used, err);
}

fr_status Convert(const fr_picture& source, const fr_picture& target,
                  const fr_convert_options& options, uint64_t* used, fr_error* err) {
  Job job = {};
  job.options = options;
  job.crop = {options.crop_x, options.crop_y, options.crop_width, options.crop_height};
  *used = 0;
  fr_status status = CheckPicture(source, "source", &job.source, err);
  if (status == FR_OK) status = CheckPicture(target, "target", &job.target, err);
  if (status == FR_OK) status = CheckOptions(source, options, err);
  if (status != FR_OK) return status;
  if (Overlap(source, target)) {
    return fail(err, FR_OPTION_INVALID, 0,
                "Source and target overlap; convert into memory of its own.");
  }
  if (target.fourcc == FR_TENSOR) {
    status = CheckTensor(target, options, err);
    if (status != FR_OK) return status;
    job.tensor = target.data;
  }
  const bool from_jpeg = source.fourcc == kJpeg;
  const bool to_jpeg = target.fourcc == kJpeg;
  if (source.fourcc == FR_TENSOR || (from_jpeg && to_jpeg)) {
    return fail(err, FR_UNSUPPORTED, 0, "There is no conversion between these formats.");
  }
  if ((from_jpeg || to_jpeg) && options.own_only != 0) {
    return fail(err, FR_UNSUPPORTED, 0, "JPEG needs libturbojpeg.");
  }
  if (to_jpeg && (options.quality < 1 || options.quality > 100)) {
    return fail(err, FR_OPTION_INVALID, 0, "quality must be from 1 to 100.");
  }
  if (from_jpeg) {
    if (!HasWay(*LayoutOf(kRgb3), *job.target.layout)) {
      return fail(err, FR_UNSUPPORTED, 0, "There is no conversion between these formats.");
    }
    return Decode(source, job, err);
  }
  return to_jpeg ? Encode(target, job, used, err) : Run(job, options.own_only != 0, err);
}

}  // namespace

}  // namespace framering::convert

extern "C" {

fr_status fr_convert(const fr_picture* source, const fr_picture* target,
                     const fr_convert_options* options, uint64_t* used, fr_error* err) {
  return framering::convert::Convert(*source, *target, *options, used, err);
}

fr_status fr_jpeg_size(const uint8_t* data, uint64_t length, uint32_t* width, uint32_t* height,
                       fr_error* err) {
  return framering::convert::JpegSize({data, length}, width, height, err);
}

uint32_t fr_has_libyuv(void) { return framering::convert::HasLibyuv() ? 1 : 0; }
uint32_t fr_has_turbojpeg(void) { return framering::convert::HasTurbojpeg() ? 1 : 0; }

}  // extern "C"
