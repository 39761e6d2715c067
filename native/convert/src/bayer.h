// The missing two colours of each pixel of a Bayer sensor, as means of the neighbours that have
// them (bilinear). Beyond the edge of the picture its rows and columns are mirrored, which keeps
// the pattern of colours.
#pragma once

#include "layout.h"
#include "row.h"
#include "values.h"

namespace framering::convert {

class BayerReader {
 public:
  // `scale`: of 16-bit pixels. False: no memory.
  bool Prepare(const Picture& picture, uint32_t x, uint32_t width, const ValueScale& scale);
  // Row `y` of the picture, from column x on, into to.planes[0..2].
  void Read(uint32_t y, const Row& to);

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  const uint16_t* Padded(int64_t y);

  Picture picture_ = {};
  uint32_t x_ = 0;
  uint32_t width_ = 0;
  ValueScale scale_ = {};
  Memory<uint16_t> rows_[3];  // with a column more at each side
  uint32_t loaded_[3] = {kNone, kNone, kNone};
  Memory<uint16_t> mask_;  // all bits at even places
  Memory<uint16_t> wide_[3];
};

}  // namespace framering::convert
