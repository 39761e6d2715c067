// Rows of planes into a picture, or a tensor.
#pragma once

#include "color.h"
#include "row.h"

namespace framering::convert {

class RowWriter {
 public:
  // Of a tensor the bytes are `data`. False: no memory.
  bool Prepare(const Picture& picture, uint8_t* data, const fr_convert_options& options);
  // From the first row to the last. `row` is RGB, grey, values or, for a YUV picture, YUV of the
  // picture's own matrix and range, or RGB; it may be changed.
  void Write(uint32_t y, const Row& row);

 private:
  void WriteBytes(uint8_t* to, const Row& row);
  void WritePairs(uint32_t y, const Row& row);
  void WritePlanar(uint32_t y, const Row& row);
  void WriteChroma(uint32_t y, const uint8_t* const* upper, const uint8_t* const* lower, bool rgb);
  void WriteTensor(uint32_t y, const Row& row);

  Picture picture_ = {};
  uint8_t* tensor_ = nullptr;
  fr_convert_options options_ = {};
  Color color_ = Color(6, false);
  RowMemory above_;  // the row that waits for the one below it
  RowMemory half_;   // planes 0..2: chroma, or RGB, of pairs; 3: unused
  RowMemory chroma_;
};

}  // namespace framering::convert
