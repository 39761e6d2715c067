// The rows of a part of a picture, as planes.
#pragma once

#include "bayer.h"
#include "row.h"

namespace framering::convert {

struct Rectangle {
  uint32_t x, y, width, height;
};

class RowReader {
 public:
  // `scale` is used for 16-bit Bayer pictures. False: no memory.
  bool Prepare(const Picture& picture, const Rectangle& crop, const ValueScale& scale);
  // Row `y` of the crop. What it points to holds until the next call, and may be written to.
  Row Read(uint32_t y);
  Kind kind() const { return picture_.layout->kind; }

 private:
  void ReadBytes(const uint8_t* from, const Row& to);
  void ReadChroma(uint32_t y);

  static constexpr uint32_t kNone = UINT32_MAX;

  Picture picture_ = {};
  Rectangle crop_ = {};
  RowMemory memory_;
  RowMemory chroma_;  // planes 0, 1: one of a pair of pixels; 2, 3: doubled
  BayerReader bayer_;
  uint32_t chroma_row_ = kNone;
};

}  // namespace framering::convert
