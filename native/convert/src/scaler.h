// Rows of another size: the nearest pixel, or the mean of the area that a new pixel covers.
#pragma once

#include "row_reader.h"

namespace framering::convert {

class Scaler {
 public:
  // False: no memory. `depth`: pixels without a value take no part in a mean.
  bool Prepare(RowReader* source, const Rectangle& from, uint32_t width, uint32_t height,
               bool nearest, bool depth);
  // Row `y` of the new size, on the terms of RowReader::Read.
  Row Read(uint32_t y);

 private:
  // What a new pixel, or row, covers of the old ones: parts of the first and last, all between.
  struct Span {
    uint32_t first, last;
    float first_weight, last_weight;
  };

  static Span Cover(uint32_t index, uint32_t from, uint32_t to);
  Row ReadNearest(uint32_t y);
  // Half the size both ways, of bytes: by far the most frequent.
  Row ReadHalf(uint32_t y);
  void Sum(const Row& row, float weight);
  void SumValues(const float* row, float weight);
  Row Mean(Kind kind, bool alpha, float rows);

  RowReader* source_ = nullptr;
  uint32_t from_width_ = 0;
  uint32_t from_height_ = 0;
  uint32_t width_ = 0;
  uint32_t height_ = 0;
  bool nearest_ = false;
  bool depth_ = false;
  RowMemory memory_;
  RowMemory above_;
  Memory<uint32_t> columns_;
  Memory<Span> spans_;
  Memory<float> sums_[4];  // values: 0 the sum, 1 the weight of those that are there
};

}  // namespace framering::convert
