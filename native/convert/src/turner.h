// A quarter turn: rows in, columns out, by way of a whole picture of planes.
#pragma once

#include "row.h"
#include "transpose.h"

namespace framering::convert {

class Turner {
 public:
  // Size before the turn. False: no memory.
  bool Prepare(uint32_t width, uint32_t height, bool clockwise);
  // Row `y` before the turn, from the first to the last. False: no memory.
  bool Keep(uint32_t y, const Row& row);
  // Row `y` after the turn, on the terms of RowReader::Read.
  Row Read(uint32_t y);

 private:
  // So many rows are kept side by side before they are turned, for the sake of the caches.
  static constexpr uint32_t kBand = kSquare;

  uint32_t width_ = 0;
  uint32_t height_ = 0;
  bool clockwise_ = false;
  Row kept_;
  uint32_t plane_count_ = 0;
  Memory<uint8_t> bytes_[4];
  Memory<float> values_;
  Memory<uint8_t> band_[4];
  RowMemory memory_;
};

}  // namespace framering::convert
