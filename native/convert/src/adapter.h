// Rows of one kind to the kind that a target takes.
#pragma once

#include "color.h"
#include "pipeline.h"
#include "row.h"

namespace framering::convert {

class Adapter {
 public:
  // False: no memory.
  bool Prepare(const Job& job, const ValueScale& scale, uint32_t width);
  // On the terms of RowReader::Read. What comes in may be written to.
  Row Adapt(const Row& row);

 private:
  Row FromValues(const Row& row);
  Row ToGrey(const Row& row);
  Row ToRgb(const Row& row);
  Row ToYuv(const Row& row);

  Kind wanted_ = Kind::kGrey;
  bool same_color_ = false;
  Color from_ = Color(6, false);
  Color to_ = Color(6, false);
  ValueScale scale_ = {};
  const uint8_t* map_ = nullptr;
  uint8_t no_value_[3] = {};
  size_t width_ = 0;
  RowMemory memory_;
};

}  // namespace framering::convert
