// Squares of bytes with their rows for columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace framering::convert {

// The side of a square that Transpose turns at once.
inline constexpr uint32_t kSquare = 16;

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define FR_HAS_SHUFFLE 1
#endif
#endif

// Row i of the square at `from` becomes column i of the one at `to`. Rows are so many bytes apart,
// which may be negative.
#ifdef FR_HAS_SHUFFLE
[[gnu::always_inline]] inline void Transpose(const uint8_t* from, ptrdiff_t from_stride,
                                             uint8_t* to, ptrdiff_t to_stride) {
  using Line = uint8_t __attribute__((vector_size(kSquare)));
  Line a[kSquare];
  Line b[kSquare];
  for (uint32_t i = 0; i < kSquare; ++i) {
    std::memcpy(&a[i], from + static_cast<ptrdiff_t>(i) * from_stride, kSquare);
  }
  // Each round deals line i and line i + 8 into lines 2i and 2i + 1, as a riffle shuffle does with
  // the halves of a pack. After four, each line has one byte of every line, in order.
  for (int round = 0; round < 4; ++round) {
    for (size_t i = 0; i < kSquare / 2; ++i) {
      const Line x = a[i];
      const Line y = a[i + kSquare / 2];
      b[2 * i] =
          __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      b[2 * i + 1] = __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14,
                                             30, 15, 31);
    }
    std::memcpy(a, b, sizeof a);
  }
  for (uint32_t i = 0; i < kSquare; ++i) {
    std::memcpy(to + static_cast<ptrdiff_t>(i) * to_stride, &a[i], kSquare);
  }
}
#else
[[gnu::always_inline]] inline void Transpose(const uint8_t* from, ptrdiff_t from_stride,
                                             uint8_t* to, ptrdiff_t to_stride) {
  for (uint32_t i = 0; i < kSquare; ++i) {
    for (uint32_t j = 0; j < kSquare; ++j) {
      to[static_cast<ptrdiff_t>(i) * to_stride + j] =
          from[static_cast<ptrdiff_t>(j) * from_stride + i];
    }
  }
}
#endif

}  // namespace framering::convert
