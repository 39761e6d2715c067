#include "adapter.h"

#include <cstring>

namespace framering::convert {

bool Adapter::Prepare(const Job& job, const ValueScale& scale, uint32_t width) {
  const Layout& to = *job.target.layout;
  const bool one_channel = to.packing == Packing::kTensor && job.options.tensor_channels == 1;
  wanted_ = one_channel ? Kind::kGrey : to.kind;
  same_color_ = SameColor(job.source, job.target);
  // RGB and grey have no matrix of their own: the one of the other side counts.
  from_ = Color(job.source.matrix, job.source.full_range);
  to_ = Color(job.target.matrix, job.target.full_range);
  scale_ = scale;
  map_ = job.options.color_map;
  std::memcpy(no_value_, job.options.no_value, sizeof no_value_);
  width_ = width;
  return memory_.Allocate(width);
}

Row Adapter::Adapt(const Row& row) {
  if (row.kind == Kind::kValue) {
    return wanted_ == Kind::kValue ? row : FromValues(row);
  }
  switch (wanted_) {
    case Kind::kGrey:
      return ToGrey(row);
    case Kind::kYuv:
      return ToYuv(row);
    default:
      return ToRgb(row);
  }
}

Row Adapter::FromValues(const Row& row) {
  Row out = memory_.row(Kind::kGrey, false);
  uint8_t* there = out.planes[3];
  ToBytes(scale_, row.values, out.planes[0], there, width_);
  if (map_ == nullptr) {
    // Pixels without a value have a colour of their own only where there is a colour map.
    KeepThere(there, out.planes[0], width_);
    return Adapt(out);
  }
  uint8_t* red = out.planes[0];
  uint8_t* green = out.planes[1];
  uint8_t* blue = out.planes[2];
  for (size_t i = 0; i < width_; ++i) {
    const uint8_t* color = there[i] != 0 ? map_ + 3 * size_t{red[i]} : no_value_;
    red[i] = color[0];
    green[i] = color[1];
    blue[i] = color[2];
  }
  out.kind = Kind::kRgb;
  return Adapt(out);
}

Row Adapter::ToGrey(const Row& row) {
  if (row.kind == Kind::kGrey) return row;
  const Row out = memory_.row(Kind::kGrey, false);
  if (row.kind == Kind::kYuv) {
    if (from_.y_offset == 0) return {Kind::kGrey, false, {row.planes[0]}, nullptr};
    YToGrey(from_, row.planes[0], out.planes[0], width_);
  } else {
    RgbToGrey(to_, {row.planes[0], row.planes[1], row.planes[2]}, out.planes[0], width_);
  }
  return out;
}

Row Adapter::ToRgb(const Row& row) {
  if (row.kind == Kind::kRgb) return row;
  Row out = row;
  out.kind = Kind::kRgb;
  out.alpha = false;
  if (row.kind == Kind::kGrey) {
    for (uint32_t i = 1; i < 3; ++i) {
      out.planes[i] = row.planes[i];
      std::memcpy(out.planes[i], row.planes[0], width_);
    }
    return out;
  }
  out = memory_.row(Kind::kRgb, false);
  YuvToRgb(from_, {row.planes[0], row.planes[1], row.planes[2]},
           {out.planes[0], out.planes[1], out.planes[2]}, width_);
  return out;
}

// RGB stays: the writer makes YUV of it, after taking the mean of pixels that share their chroma.
Row Adapter::ToYuv(const Row& row) {
  if (row.kind == Kind::kRgb) return row;
  if (row.kind == Kind::kYuv) return same_color_ ? row : ToRgb(row);
  Row out = row;
  out.kind = Kind::kYuv;
  GreyToY(to_, row.planes[0], out.planes[3], width_);
  std::memcpy(out.planes[0], out.planes[3], width_);
  for (uint32_t i = 1; i < 3; ++i) std::memset(out.planes[i], 128, width_);
  return out;
}

}  // namespace framering::convert
