// A row of pixels while it is worked on.
#pragma once

#include "layout.h"
#include "memory.h"

namespace framering::convert {

// Grey: planes[0]. YUV and RGB: planes[0..2], YUV with a chroma of its own for every pixel, and
// planes[3] where there is an alpha. Values: `values`, as they stand in the picture.
struct Row {
  Kind kind = Kind::kGrey;
  bool alpha = false;
  uint8_t* planes[4] = {};
  float* values = nullptr;
};

// The memory of one.
class RowMemory {
 public:
  // False: there is none left. Room for a pixel more at each end, as some rows begin at an odd one.
  bool Allocate(size_t width) {
    width_ = width + 2;
    bytes_ = convert::Allocate<uint8_t>(width_ * 4);
    values_ = convert::Allocate<float>(width_);
    return bytes_ != nullptr && values_ != nullptr;
  }
  uint8_t* plane(size_t i) const { return bytes_.get() + i * width_; }
  float* values() const { return values_.get(); }
  Row row(Kind kind, bool alpha) const {
    return {kind, alpha, {plane(0), plane(1), plane(2), plane(3)}, values()};
  }

 private:
  size_t width_ = 0;
  Memory<uint8_t> bytes_;
  Memory<float> values_;
};

}  // namespace framering::convert
