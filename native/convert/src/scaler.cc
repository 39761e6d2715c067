#include "scaler.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "pack.h"

namespace framering::convert {

namespace {

FR_ROW void AddRow(const uint8_t* __restrict row, float weight, float* __restrict sum,
                   size_t count) {
  for (size_t i = 0; i < count; ++i) sum[i] += weight * static_cast<float>(row[i]);
}

}  // namespace

bool Scaler::Prepare(RowReader* source, const Rectangle& from, uint32_t width, uint32_t height,
                     bool nearest, bool depth) {
  source_ = source;
  from_width_ = from.width;
  from_height_ = from.height;
  width_ = width;
  height_ = height;
  nearest_ = nearest;
  depth_ = depth;
  if (from.width == width && from.height == height) return true;
  if (!memory_.Allocate(width) || !above_.Allocate(from.width)) return false;
  if (nearest) {
    columns_ = Allocate<uint32_t>(width);
    if (columns_ == nullptr) return false;
    for (uint64_t i = 0; i < width; ++i) {
      columns_[i] = static_cast<uint32_t>((2 * i + 1) * from.width / (2 * uint64_t{width}));
    }
    return true;
  }
  spans_ = Allocate<Span>(width);
  if (spans_ == nullptr) return false;
  for (uint32_t i = 0; i < width; ++i) spans_[i] = Cover(i, from.width, width);
  bool ok = true;
  for (Memory<float>& sum : sums_) {
    sum = Allocate<float>(from.width);
    ok = ok && sum != nullptr;
  }
  return ok;
}

// Exact in integers: index * from / to is where the new pixel begins, (index + 1) * from / to where
// it ends.
Scaler::Span Scaler::Cover(uint32_t index, uint32_t from, uint32_t to) {
  const uint64_t begin = uint64_t{index} * from;
  const uint64_t end = begin + from;
  const uint32_t first = static_cast<uint32_t>(begin / to);
  const uint32_t last = static_cast<uint32_t>((end - 1) / to);
  if (first == last) return {first, last, static_cast<float>(from) / static_cast<float>(to), 0};
  const float before = static_cast<float>(begin - uint64_t{first} * to) / static_cast<float>(to);
  const float within = static_cast<float>(end - uint64_t{last} * to) / static_cast<float>(to);
  return {first, last, 1 - before, within};
}

Row Scaler::Read(uint32_t y) {
  if (from_width_ == width_ && from_height_ == height_) return source_->Read(y);
  if (nearest_) return ReadNearest(y);
  const bool half = from_width_ == 2 * uint64_t{width_} && from_height_ == 2 * uint64_t{height_};
  if (half && source_->kind() != Kind::kValue) return ReadHalf(y);
  for (Memory<float>& sum : sums_) std::fill_n(sum.get(), from_width_, 0.0F);
  const Span rows = Cover(y, from_height_, height_);
  Row row;
  for (uint32_t i = rows.first; i <= rows.last; ++i) {
    const float weight = i == rows.first  ? rows.first_weight
                         : i == rows.last ? rows.last_weight
                                          : 1.0F;
    row = source_->Read(i);
    Sum(row, weight);
  }
  return Mean(row.kind, row.alpha, static_cast<float>(height_) / static_cast<float>(from_height_));
}

Row Scaler::ReadNearest(uint32_t y) {
  const uint64_t from = (2 * uint64_t{y} + 1) * from_height_ / (2 * uint64_t{height_});
  const Row row = source_->Read(static_cast<uint32_t>(from));
  const Row out = memory_.row(row.kind, row.alpha);
  if (row.kind == Kind::kValue) {
    for (size_t i = 0; i < width_; ++i) out.values[i] = row.values[columns_[i]];
    return out;
  }
  const uint32_t planes = row.kind == Kind::kGrey ? 1 : row.alpha ? 4 : 3;
  for (uint32_t p = 0; p < planes; ++p) {
    for (size_t i = 0; i < width_; ++i) out.planes[p][i] = row.planes[p][columns_[i]];
  }
  return out;
}

Row Scaler::ReadHalf(uint32_t y) {
  const Row upper = source_->Read(2 * y);
  const uint32_t planes = upper.kind == Kind::kGrey ? 1 : upper.alpha ? 4 : 3;
  for (uint32_t i = 0; i < planes; ++i) {
    std::memcpy(above_.plane(i), upper.planes[i], from_width_);
  }
  const Row lower = source_->Read(2 * y + 1);
  const Row out = memory_.row(lower.kind, lower.alpha);
  for (uint32_t i = 0; i < planes; ++i) {
    HalveRows(above_.plane(i), lower.planes[i], out.planes[i], width_);
  }
  return out;
}

void Scaler::Sum(const Row& row, float weight) {
  if (row.kind == Kind::kValue) {
    SumValues(row.values, weight);
    return;
  }
  const uint32_t planes = row.kind == Kind::kGrey ? 1 : row.alpha ? 4 : 3;
  for (uint32_t p = 0; p < planes; ++p) {
    AddRow(row.planes[p], weight, sums_[p].get(), from_width_);
  }
}

void Scaler::SumValues(const float* row, float weight) {
  for (size_t i = 0; i < from_width_; ++i) {
    if (!HasValue(row[i], depth_)) continue;
    sums_[0][i] += weight * row[i];
    sums_[1][i] += weight;
  }
}

Row Scaler::Mean(Kind kind, bool alpha, float rows) {
  const auto total = [this](const Memory<float>& sums, const Span& span) {
    float sum = span.first_weight * sums[span.first] + span.last_weight * sums[span.last];
    for (uint32_t i = span.first + 1; i < span.last; ++i) sum += sums[i];
    return sum;
  };
  const Row out = memory_.row(kind, alpha);
  if (kind == Kind::kValue) {
    const float none = depth_ ? 0 : std::numeric_limits<float>::quiet_NaN();
    for (size_t i = 0; i < width_; ++i) {
      const float weight = total(sums_[1], spans_[i]);
      out.values[i] = weight > 0 ? total(sums_[0], spans_[i]) / weight : none;
    }
    return out;
  }
  const float share = rows * static_cast<float>(width_) / static_cast<float>(from_width_);
  const uint32_t planes = kind == Kind::kGrey ? 1 : alpha ? 4 : 3;
  for (uint32_t p = 0; p < planes; ++p) {
    for (size_t i = 0; i < width_; ++i) {
      const float mean = total(sums_[p], spans_[i]) * share + 0.5F;
      out.planes[p][i] = static_cast<uint8_t>(static_cast<int32_t>(std::min(mean, 255.0F)));
    }
  }
  return out;
}

}  // namespace framering::convert
