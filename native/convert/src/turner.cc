#include "turner.h"

#include <cstring>

namespace framering::convert {

bool Turner::Prepare(uint32_t width, uint32_t height, bool clockwise) {
  width_ = width;
  height_ = height;
  clockwise_ = clockwise;
  plane_count_ = 0;
  return memory_.Allocate(height);
}

// Stored as it will be read, a column of the old picture in a row: at x, the row that was kept at
// height - 1 - x, or x.
bool Turner::Keep(uint32_t y, const Row& row) {
  const size_t area = static_cast<size_t>(width_) * height_;
  if (y == 0) {
    kept_ = row;
    if (row.kind == Kind::kValue) {
      values_ = Allocate<float>(area);
      if (values_ == nullptr) return false;
    } else {
      plane_count_ = row.kind == Kind::kGrey ? 1 : row.alpha ? 4 : 3;
      for (uint32_t i = 0; i < plane_count_; ++i) {
        bytes_[i] = Allocate<uint8_t>(area);
        band_[i] = Allocate<uint8_t>(static_cast<size_t>(width_) * kBand);
        if (bytes_[i] == nullptr || band_[i] == nullptr) return false;
      }
    }
  }
  const size_t at = clockwise_ ? height_ - 1 - y : y;
  if (kept_.kind == Kind::kValue) {
    for (size_t x = 0; x < width_; ++x) values_[x * height_ + at] = row.values[x];
    return true;
  }
  const uint32_t place = y % kBand;
  const bool full = place == kBand - 1 || y == height_ - 1;
  for (uint32_t i = 0; i < plane_count_; ++i) {
    uint8_t* band = band_[i].get();
    std::memcpy(band + static_cast<size_t>(place) * width_, row.planes[i], width_);
    if (!full) continue;
    const size_t lowest = clockwise_ ? at : at - place;
    size_t x = 0;
    if (place == kBand - 1) {
      const ptrdiff_t width = static_cast<ptrdiff_t>(width_);
      const uint8_t* first = clockwise_ ? band + static_cast<size_t>(kBand - 1) * width_ : band;
      for (; x + kBand <= width_; x += kBand) {
        Transpose(first + x, clockwise_ ? -width : width, bytes_[i].get() + x * height_ + lowest,
                  static_cast<ptrdiff_t>(height_));
      }
    }
    for (; x < width_; ++x) {
      uint8_t* to = bytes_[i].get() + x * height_ + lowest;
      for (uint32_t j = 0; j <= place; ++j) {
        to[j] = band[static_cast<size_t>(clockwise_ ? place - j : j) * width_ + x];
      }
    }
  }
  return true;
}

Row Turner::Read(uint32_t y) {
  const size_t column = clockwise_ ? y : width_ - 1 - y;
  const Row out = memory_.row(kept_.kind, kept_.alpha);
  if (kept_.kind == Kind::kValue) {
    std::memcpy(out.values, values_.get() + column * height_, height_ * sizeof(float));
    return out;
  }
  for (uint32_t i = 0; i < plane_count_; ++i) {
    std::memcpy(out.planes[i], bytes_[i].get() + column * height_, height_);
  }
  return out;
}

}  // namespace framering::convert
