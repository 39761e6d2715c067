#include "values.h"

#include <cstring>

#include "memory.h"

namespace framering::convert {

namespace {

// Held within 0..255 by its bits: floats from 0 up are ordered as their bits are as integers, and
// those below 0 have the sign of theirs. Of comparisons of floats compilers make branches here, and
// of the branches masks, which take twice the time of least and greatest integers. Not a number
// becomes 0 or 255 by its sign.
inline uint8_t Rounded(float value) {
  constexpr int32_t kMost = 0x437f0000;  // 255.0F
  const float moved = value + 0.5F;
  int32_t bits;
  std::memcpy(&bits, &moved, sizeof bits);
  const int32_t above = bits > 0 ? bits : 0;
  const int32_t within = above < kMost ? above : kMost;
  float held;
  std::memcpy(&held, &within, sizeof held);
  return static_cast<uint8_t>(static_cast<int32_t>(held));
}

}  // namespace

FR_ROW void LoadUint16(const uint8_t* __restrict from, float* __restrict to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    uint16_t value;
    std::memcpy(&value, from + 2 * i, sizeof value);
    to[i] = value;
  }
}

FR_ROW void StoreUint16(const float* __restrict from, uint8_t* __restrict to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const float moved = from[i] + 0.5F;
    const uint16_t value = static_cast<uint16_t>(static_cast<int32_t>(moved));
    std::memcpy(to + 2 * i, &value, sizeof value);
  }
}

void Widen(const float* row, size_t count, bool depth, float* low, float* high) {
  for (size_t i = 0; i < count; ++i) {
    if (!HasValue(row[i], depth)) continue;
    if (row[i] < *low) *low = row[i];
    if (row[i] > *high) *high = row[i];
  }
}

FR_ROW void ToBytes(const ValueScale& scale, const float* __restrict row, uint8_t* __restrict bytes,
                    uint8_t* __restrict there, size_t count) {
  const ValueScale s = scale;
  for (size_t i = 0; i < count; ++i) {
    there[i] = HasValue(row[i], s.depth) ? 1 : 0;
    bytes[i] = Rounded((row[i] - s.low) * s.gain);
  }
}

FR_ROW void KeepThere(const uint8_t* __restrict there, uint8_t* __restrict bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(bytes[i] * there[i]);
}

FR_ROW void ToBytes(const ValueScale& scale, const uint16_t* __restrict row,
                    uint8_t* __restrict bytes, size_t count) {
  const ValueScale s = scale;
  for (size_t i = 0; i < count; ++i) {
    bytes[i] = Rounded((static_cast<float>(row[i]) - s.low) * s.gain);
  }
}

}  // namespace framering::convert
