// Rows of 16-bit and float pixels: depth, and grey of more than 8 bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace framering::convert {

// Pixels need not be aligned in memory.
void LoadUint16(const uint8_t* from, float* to, size_t count);
void StoreUint16(const float* from, uint8_t* to, size_t count);

// What becomes 0 and what 255. Depth knows pixels without a value: 0, NaN and the infinities.
struct ValueScale {
  float low;
  float gain;  // 255 / (high - low)
  bool depth;
};

inline bool HasValue(float value, bool depth) {
  // Comparisons with NaN are false.
  const bool finite = value >= -3.4e38F && value <= 3.4e38F;
  return finite && !(depth && value == 0);
}

// The range grows to hold the row. Rows without any value leave it as it is.
void Widen(const float* row, size_t count, bool depth, float* low, float* high);
// 0..255, and whether there is a value: 1 or 0.
void ToBytes(const ValueScale& scale, const float* row, uint8_t* bytes, uint8_t* there,
             size_t count);
// 0 where there is none.
void KeepThere(const uint8_t* there, uint8_t* bytes, size_t count);
// 16 bits to 8, rounded.
void ToBytes(const ValueScale& scale, const uint16_t* row, uint8_t* bytes, size_t count);

}  // namespace framering::convert
