#include "bayer.h"

#include <cstring>

namespace framering::convert {

namespace {

// -1 is 1, and `count` is count - 2. A single row or column mirrors itself.
uint32_t Mirrored(int64_t index, uint32_t count) {
  if (count == 1) return 0;
  if (index < 0) return 1;
  if (index >= count) return count - 2;
  return static_cast<uint32_t>(index);
}

// (a + b + 1) >> 1. Of 16 bits without the carry that would need 17: that is half as many lanes.
template <typename Out>
inline uint16_t Mean(uint16_t a, uint16_t b) {
  if constexpr (sizeof(Out) == 1) return static_cast<uint16_t>((a + b + 1) >> 1);
  const uint16_t either = a | b;
  const uint16_t half = static_cast<uint16_t>(a ^ b) >> 1;
  return static_cast<uint16_t>(either - half);
}

// (a + b + c + d + 2) >> 2. The mean of two means is one too much where it rounded up after one of
// them had.
template <typename Out>
inline uint16_t Mean(uint16_t a, uint16_t b, uint16_t c, uint16_t d) {
  if constexpr (sizeof(Out) == 1) return static_cast<uint16_t>((a + b + c + d + 2) >> 2);
  const uint16_t ab = Mean<Out>(a, b);
  const uint16_t cd = Mean<Out>(c, d);
  const uint16_t odd = (a ^ b) | (c ^ d);
  const uint16_t twice = odd & (ab ^ cd) & 1;
  return static_cast<uint16_t>(Mean<Out>(ab, cd) - twice);
}

// The three rows begin a column before the first pixel. `own`: the row's colour that is not green,
// which stands where `mask` has all bits; `other`: the one that its neighbours in the column have.
template <typename Out>
[[gnu::always_inline]] inline void Interpolate(const uint16_t* __restrict up,
                                               const uint16_t* __restrict mid,
                                               const uint16_t* __restrict down,
                                               const uint16_t* __restrict mask, Out* __restrict own,
                                               Out* __restrict green, Out* __restrict other,
                                               size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const uint16_t across = Mean<Out>(mid[i], mid[i + 2]);
    const uint16_t along = Mean<Out>(up[i + 1], down[i + 1]);
    const uint16_t cross = Mean<Out>(mid[i], mid[i + 2], up[i + 1], down[i + 1]);
    const uint16_t diagonal = Mean<Out>(up[i], up[i + 2], down[i], down[i + 2]);
    const uint16_t here = mid[i + 1];
    const uint16_t is_own = mask[i];
    const uint16_t is_green = static_cast<uint16_t>(~is_own);
    own[i] = static_cast<Out>((here & is_own) | (across & is_green));
    green[i] = static_cast<Out>((cross & is_own) | (here & is_green));
    other[i] = static_cast<Out>((diagonal & is_own) | (along & is_green));
  }
}

FR_ROW void Interpolate8(const uint16_t* __restrict up, const uint16_t* __restrict mid,
                         const uint16_t* __restrict down, const uint16_t* __restrict mask,
                         uint8_t* __restrict own, uint8_t* __restrict green,
                         uint8_t* __restrict other, size_t count) {
  Interpolate(up, mid, down, mask, own, green, other, count);
}

FR_ROW void Interpolate16(const uint16_t* __restrict up, const uint16_t* __restrict mid,
                          const uint16_t* __restrict down, const uint16_t* __restrict mask,
                          uint16_t* __restrict own, uint16_t* __restrict green,
                          uint16_t* __restrict other, size_t count) {
  Interpolate(up, mid, down, mask, own, green, other, count);
}

FR_ROW void Widened(const uint8_t* __restrict from, uint16_t* __restrict to, size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}

}  // namespace

bool BayerReader::Prepare(const Picture& picture, uint32_t x, uint32_t width,
                          const ValueScale& scale) {
  picture_ = picture;
  x_ = x;
  width_ = width;
  scale_ = scale;
  bool ok = true;
  for (Memory<uint16_t>& row : rows_) {
    row = Allocate<uint16_t>(static_cast<size_t>(width) + 2);
    ok = ok && row != nullptr;
  }
  mask_ = Allocate<uint16_t>(static_cast<size_t>(width) + 1);
  if (!ok || mask_ == nullptr) return false;
  for (size_t i = 0; i <= width; i += 2) mask_[i] = UINT16_MAX;
  if (picture.layout->packing != Packing::kBayer16) return true;
  for (Memory<uint16_t>& row : wide_) {
    row = Allocate<uint16_t>(width);
    ok = ok && row != nullptr;
  }
  return ok;
}

const uint16_t* BayerReader::Padded(int64_t y) {
  const uint32_t row = Mirrored(y, picture_.height);
  const uint32_t place = row % 3;
  uint16_t* to = rows_[place].get();
  if (loaded_[place] == row) return to;
  loaded_[place] = row;
  const uint8_t* from = picture_.row(0, row);
  const uint32_t left = Mirrored(static_cast<int64_t>(x_) - 1, picture_.width);
  const uint32_t right = Mirrored(static_cast<int64_t>(x_) + width_, picture_.width);
  if (picture_.layout->packing == Packing::kBayer8) {
    Widened(from + x_, to + 1, width_);
    to[0] = from[left];
    to[width_ + 1] = from[right];
  } else {
    std::memcpy(to + 1, from + 2 * static_cast<size_t>(x_), 2 * static_cast<size_t>(width_));
    std::memcpy(to, from + 2 * static_cast<size_t>(left), 2);
    std::memcpy(to + width_ + 1, from + 2 * static_cast<size_t>(right), 2);
  }
  return to;
}

void BayerReader::Read(uint32_t y, const Row& to) {
  const uint32_t first = picture_.layout->first;
  const uint32_t red_column = first & 1;
  const bool red_row = (y & 1) == first >> 1;
  // In rows of blue, blue stands in the columns that have no red.
  const uint32_t phase = (x_ + (red_row ? red_column : 1 - red_column)) & 1;
  const uint16_t* mid = Padded(y);
  const uint16_t* up = Padded(static_cast<int64_t>(y) - 1);
  const uint16_t* down = Padded(static_cast<int64_t>(y) + 1);
  const uint16_t* mask = mask_.get() + phase;
  const uint32_t own = red_row ? 0 : 2;
  if (picture_.layout->packing == Packing::kBayer8) {
    Interpolate8(up, mid, down, mask, to.planes[own], to.planes[1], to.planes[2 - own], width_);
    return;
  }
  Interpolate16(up, mid, down, mask, wide_[own].get(), wide_[1].get(), wide_[2 - own].get(),
                width_);
  for (uint32_t i = 0; i < 3; ++i) ToBytes(scale_, wide_[i].get(), to.planes[i], width_);
}

}  // namespace framering::convert
