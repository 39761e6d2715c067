#include "row_writer.h"

#include <cstring>

#include "pack.h"
#include "values.h"

namespace framering::convert {

namespace {

FR_ROW void ToFloats(const uint8_t* __restrict from, float scale, float offset, size_t step,
                     float* __restrict to, size_t count) {
  if (step == 1) {
    for (size_t i = 0; i < count; ++i) to[i] = static_cast<float>(from[i]) * scale + offset;
    return;
  }
  for (size_t i = 0; i < count; ++i) to[step * i] = static_cast<float>(from[i]) * scale + offset;
}

}  // namespace

bool RowWriter::Prepare(const Picture& picture, uint8_t* data, const fr_convert_options& options) {
  picture_ = picture;
  tensor_ = data;
  options_ = options;
  color_ = Color(picture.matrix, picture.full_range);
  return above_.Allocate(picture.width) && half_.Allocate(picture.width) &&
         chroma_.Allocate(picture.width);
}

void RowWriter::Write(uint32_t y, const Row& row) {
  switch (picture_.layout->packing) {
    case Packing::kTensor:
      WriteTensor(y, row);
      break;
    case Packing::kPairs:
      WritePairs(y, row);
      break;
    case Packing::kTwoPlanes:
    case Packing::kThreePlanes:
      WritePlanar(y, row);
      break;
    default:
      WriteBytes(picture_.row(0, y), row);
  }
}

void RowWriter::WriteBytes(uint8_t* to, const Row& row) {
  const Layout& layout = *picture_.layout;
  const size_t width = picture_.width;
  const uint8_t* red = row.planes[layout.first];
  const uint8_t* blue = row.planes[2 - layout.first];
  if (layout.kind == Kind::kGrey) {
    std::memcpy(to, row.planes[0], width);
  } else if (layout.fourcc == kFloat) {
    std::memcpy(to, row.values, width * sizeof(float));
  } else if (layout.kind == Kind::kValue) {
    StoreUint16(row.values, to, width);
  } else if (layout.bytes == 3) {
    Join3(red, row.planes[1], blue, to, width);
  } else {
    if (!row.alpha) std::memset(row.planes[3], 255, width);
    Join4(red, row.planes[1], blue, row.planes[3], to, width);
  }
}

// A last pixel without a partner stands for both, so its chroma is its own.
void RowWriter::WritePairs(uint32_t y, const Row& row) {
  const size_t width = picture_.width;
  const size_t pairs = (width + 1) / 2;
  for (uint32_t i = 0; i < 3; ++i) row.planes[i][width] = row.planes[i][width - 1];
  const uint8_t* luma = row.planes[0];
  if (row.kind == Kind::kRgb) {
    RgbToY(color_, {row.planes[0], row.planes[1], row.planes[2]}, above_.plane(0), 2 * pairs);
    luma = above_.plane(0);
    for (uint32_t i = 0; i < 3; ++i) HalveRow(row.planes[i], half_.plane(i), pairs);
    RgbToUv(color_, {half_.plane(0), half_.plane(1), half_.plane(2)}, chroma_.plane(1),
            chroma_.plane(2), pairs);
  } else {
    for (uint32_t i = 1; i < 3; ++i) HalveRow(row.planes[i], chroma_.plane(i), pairs);
  }
  JoinPairs(luma, chroma_.plane(1), chroma_.plane(2), picture_.layout->first, picture_.row(0, y),
            pairs);
}

void RowWriter::WritePlanar(uint32_t y, const Row& row) {
  const size_t width = picture_.width;
  const bool rgb = row.kind == Kind::kRgb;
  if (rgb) {
    RgbToY(color_, {row.planes[0], row.planes[1], row.planes[2]}, picture_.row(0, y), width);
  } else {
    std::memcpy(picture_.row(0, y), row.planes[0], width);
  }
  for (uint32_t i = 0; i < 3; ++i) row.planes[i][width] = row.planes[i][width - 1];
  const bool upper = y % 2 == 0;
  if (upper && y + 1 < picture_.height) {
    for (uint32_t i = 0; i < 3; ++i) std::memcpy(above_.plane(i), row.planes[i], width + 1);
    return;
  }
  const uint8_t* above[] = {above_.plane(0), above_.plane(1), above_.plane(2)};
  // A last row without a partner stands for both.
  WriteChroma(y / 2, upper ? row.planes : above, row.planes, rgb);
}

void RowWriter::WriteChroma(uint32_t y, const uint8_t* const* upper, const uint8_t* const* lower,
                            bool rgb) {
  const size_t pairs = (static_cast<size_t>(picture_.width) + 1) / 2;
  const bool three = picture_.layout->packing == Packing::kThreePlanes;
  uint8_t* u = three ? picture_.row(1, y) : chroma_.plane(1);
  uint8_t* v = three ? picture_.row(2, y) : chroma_.plane(2);
  if (rgb) {
    for (uint32_t i = 0; i < 3; ++i) HalveRows(upper[i], lower[i], half_.plane(i), pairs);
    RgbToUv(color_, {half_.plane(0), half_.plane(1), half_.plane(2)}, u, v, pairs);
  } else {
    HalveRows(upper[1], lower[1], u, pairs);
    HalveRows(upper[2], lower[2], v, pairs);
  }
  if (three) return;
  const bool v_first = picture_.layout->first == 1;
  Join2(v_first ? v : u, v_first ? u : v, picture_.row(1, y), pairs);
}

void RowWriter::WriteTensor(uint32_t y, const Row& row) {
  const size_t width = picture_.width;
  const size_t channels = options_.tensor_channels;
  const bool planar = options_.tensor_planar != 0;
  float* tensor = reinterpret_cast<float*>(tensor_);
  for (size_t i = 0; i < channels; ++i) {
    const uint8_t* plane = row.planes[channels == 3 && options_.tensor_bgr != 0 ? 2 - i : i];
    float* to =
        planar ? tensor + (i * picture_.height + y) * width : tensor + y * width * channels + i;
    ToFloats(plane, options_.scale[i], options_.offset[i], planar ? 1 : channels, to, width);
  }
}

}  // namespace framering::convert
