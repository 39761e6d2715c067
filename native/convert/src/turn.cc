#include "turn.h"

#include <cstring>

#include "memory.h"
#include "transpose.h"

namespace framering::convert {

namespace {

// Rows of `to` are columns of `from`. Strides may be negative.
struct Plane {
  const uint8_t* from;
  ptrdiff_t from_stride;
  uint8_t* to;
  ptrdiff_t to_stride;
  size_t width, height;  // pixels of `from`

  const uint8_t* source(size_t x, size_t y, size_t bytes) const {
    return from + static_cast<ptrdiff_t>(y) * from_stride + x * bytes;
  }
  uint8_t* target(size_t x, size_t y, size_t bytes) const {
    return to + static_cast<ptrdiff_t>(x) * to_stride + y * bytes;
  }
};

// So many columns go from the top to the bottom before the next: the rows they become are written
// side by side, and not so many that the nearest cache or its table of pages would forget them.
constexpr size_t kStrip = 64;

template <size_t bytes>
[[gnu::always_inline]] inline void OneByOne(const Plane& p, size_t x, size_t columns, size_t y,
                                            size_t rows) {
  for (size_t i = x; i < x + columns; ++i) {
    for (size_t j = y; j < y + rows; ++j) {
      std::memcpy(p.target(i, j, bytes), p.source(i, j, bytes), bytes);
    }
  }
}

// `Block::Move` takes kColumns by kSquare pixels; it may read up to column x + kReach.
template <class Block>
[[gnu::always_inline]] inline void InBlocks(const Plane& p) {
  constexpr size_t bytes = Block::kBytes;
  for (size_t left = 0; left < p.width; left += kStrip) {
    const size_t right = left + kStrip < p.width ? left + kStrip : p.width;
    size_t y = 0;
    for (; y + kSquare <= p.height; y += kSquare) {
      size_t x = left;
      for (; x + Block::kColumns <= right && x + Block::kReach <= p.width; x += Block::kColumns) {
        Block::Move(p.source(x, y, bytes), p.from_stride, p.target(x, y, bytes), p.to_stride);
      }
      OneByOne<bytes>(p, x, right - x, y, kSquare);
    }
    OneByOne<bytes>(p, left, right - left, y, p.height - y);
  }
}

struct Block1 {
  static constexpr size_t kBytes = 1;
  static constexpr size_t kColumns = kSquare;
  static constexpr size_t kReach = kSquare;
  [[gnu::always_inline]] static void Move(const uint8_t* from, ptrdiff_t from_stride, uint8_t* to,
                                          ptrdiff_t to_stride) {
    Transpose(from, from_stride, to, to_stride);
  }
};

#ifdef FR_HAS_SHUFFLE
using Bytes = uint8_t __attribute__((vector_size(16)));
using Words = uint16_t __attribute__((vector_size(16)));
using Longs = uint32_t __attribute__((vector_size(16)));
using Pairs = uint64_t __attribute__((vector_size(16)));

template <typename Vector>
[[gnu::always_inline]] inline Vector Load(const uint8_t* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

template <typename Vector>
[[gnu::always_inline]] inline void Store(uint8_t* to, Vector vector) {
  std::memcpy(to, &vector, sizeof vector);
}

// Four rows of four become four columns.
[[gnu::always_inline]] inline void Transpose4(const Longs (&a)[4], Longs (&out)[4]) {
  const Longs low = __builtin_shufflevector(a[0], a[1], 0, 4, 1, 5);
  const Longs high = __builtin_shufflevector(a[0], a[1], 2, 6, 3, 7);
  const Longs lower = __builtin_shufflevector(a[2], a[3], 0, 4, 1, 5);
  const Longs upper = __builtin_shufflevector(a[2], a[3], 2, 6, 3, 7);
  out[0] = (Longs)__builtin_shufflevector((Pairs)low, (Pairs)lower, 0, 2);
  out[1] = (Longs)__builtin_shufflevector((Pairs)low, (Pairs)lower, 1, 3);
  out[2] = (Longs)__builtin_shufflevector((Pairs)high, (Pairs)upper, 0, 2);
  out[3] = (Longs)__builtin_shufflevector((Pairs)high, (Pairs)upper, 1, 3);
}

struct Block2 {
  static constexpr size_t kBytes = 2;
  static constexpr size_t kColumns = 8;
  static constexpr size_t kReach = 8;
  [[gnu::always_inline]] static void Move(const uint8_t* from, ptrdiff_t from_stride, uint8_t* to,
                                          ptrdiff_t to_stride) {
    for (ptrdiff_t half = 0; half < 2; ++half) {
      Words a[8];
      Words b[8];
      for (ptrdiff_t i = 0; i < 8; ++i) a[i] = Load<Words>(from + (8 * half + i) * from_stride);
      // As in Transpose: three rounds of a riffle shuffle.
      for (int round = 0; round < 3; ++round) {
        for (size_t i = 0; i < 4; ++i) {
          b[2 * i] = __builtin_shufflevector(a[i], a[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
          b[2 * i + 1] = __builtin_shufflevector(a[i], a[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
        }
        std::memcpy(a, b, sizeof a);
      }
      for (ptrdiff_t i = 0; i < 8; ++i) Store(to + i * to_stride + 16 * half, a[i]);
    }
  }
};

struct Block3 {
  static constexpr size_t kBytes = 3;
  static constexpr size_t kColumns = 4;
  static constexpr size_t kReach = 6;  // 16 bytes are read for 12
  // A fourth byte for each pixel, so that four of them are four numbers, and away with it after.
  [[gnu::always_inline]] static void Move(const uint8_t* from, ptrdiff_t from_stride, uint8_t* to,
                                          ptrdiff_t to_stride) {
    Longs columns[4][4];
    for (ptrdiff_t quarter = 0; quarter < 4; ++quarter) {
      Longs a[4];
      for (ptrdiff_t i = 0; i < 4; ++i) {
        const Bytes row = Load<Bytes>(from + (4 * quarter + i) * from_stride);
        a[i] = (Longs)__builtin_shufflevector(row, row, 0, 1, 2, 0, 3, 4, 5, 3, 6, 7, 8, 6, 9, 10,
                                              11, 9);
      }
      Transpose4(a, columns[quarter]);
    }
    for (ptrdiff_t i = 0; i < 4; ++i) {
      const Bytes p = (Bytes)columns[0][i];
      const Bytes q = (Bytes)columns[1][i];
      const Bytes r = (Bytes)columns[2][i];
      const Bytes s = (Bytes)columns[3][i];
      uint8_t* row = to + i * to_stride;
      Store(row,
            __builtin_shufflevector(p, q, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20));
      Store(row + 16, __builtin_shufflevector(q, r, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21,
                                              22, 24, 25));
      Store(row + 32, __builtin_shufflevector(r, s, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25,
                                              26, 28, 29, 30));
    }
  }
};

struct Block4 {
  static constexpr size_t kBytes = 4;
  static constexpr size_t kColumns = 4;
  static constexpr size_t kReach = 4;
  [[gnu::always_inline]] static void Move(const uint8_t* from, ptrdiff_t from_stride, uint8_t* to,
                                          ptrdiff_t to_stride) {
    for (ptrdiff_t quarter = 0; quarter < 4; ++quarter) {
      Longs a[4];
      Longs b[4];
      for (ptrdiff_t i = 0; i < 4; ++i) a[i] = Load<Longs>(from + (4 * quarter + i) * from_stride);
      Transpose4(a, b);
      for (ptrdiff_t i = 0; i < 4; ++i) Store(to + i * to_stride + 16 * quarter, b[i]);
    }
  }
};
#else
template <size_t bytes>
struct PlainBlock {
  static constexpr size_t kBytes = bytes;
  static constexpr size_t kColumns = 4;
  static constexpr size_t kReach = 4;
  static void Move(const uint8_t* from, ptrdiff_t from_stride, uint8_t* to, ptrdiff_t to_stride) {
    OneByOne<bytes>({from, from_stride, to, to_stride, kColumns, kSquare}, 0, kColumns, 0, kSquare);
  }
};
using Block2 = PlainBlock<2>;
using Block3 = PlainBlock<3>;
using Block4 = PlainBlock<4>;
#endif

FR_ROW void Turn1(const Plane& plane) { InBlocks<Block1>(plane); }
FR_ROW void Turn2(const Plane& plane) { InBlocks<Block2>(plane); }
FR_ROW void Turn3(const Plane& plane) { InBlocks<Block3>(plane); }
FR_ROW void Turn4(const Plane& plane) { InBlocks<Block4>(plane); }

void TurnPlane(const Plane& plane, size_t bytes) {
  constexpr void (*kTurns[])(const Plane&) = {Turn1, Turn2, Turn3, Turn4};
  kTurns[bytes - 1](plane);
}

}  // namespace

bool CanTurn(const Job& job) {
  const Layout& layout = *job.target.layout;
  if (job.options.rotate != 90 && job.options.rotate != 270) return false;
  const bool even = (job.target.width | job.target.height) % 2 == 0;
  return layout.packing == Packing::kBytes || (IsSubsampledBothWays(layout) && even);
}

bool OnlyTurns(const Job& job) {
  return job.source.layout == job.target.layout && job.crop.width == job.target.height &&
         job.crop.height == job.target.width &&
         (job.target.layout->kind != Kind::kYuv || SameColor(job.source, job.target));
}

void Turn(const Job& job, const Picture& from) {
  const Picture& to = job.target;
  const Layout& layout = *to.layout;
  // A turn is the exchange of rows and columns, and one of the two in the other order.
  const bool rows_back = (job.options.rotate == 90) != ((job.options.flip & 2) != 0);
  const bool columns_back = (job.options.rotate == 270) != ((job.options.flip & 1) != 0);
  for (uint32_t i = 0; i < PlaneCount(layout); ++i) {
    const size_t share = i == 0 ? 1 : 2;
    const size_t bytes = i > 0 && layout.packing == Packing::kTwoPlanes ? 2 : layout.bytes;
    const size_t width = from.width / share;
    const size_t height = from.height / share;
    const ptrdiff_t from_stride = static_cast<ptrdiff_t>(from.strides[i]);
    const ptrdiff_t to_stride = static_cast<ptrdiff_t>(to.strides[i]);
    Plane plane = {from.planes[i], from_stride, to.planes[i], to_stride, width, height};
    if (rows_back) {
      plane.from += static_cast<ptrdiff_t>(height - 1) * from_stride;
      plane.from_stride = -from_stride;
    }
    if (columns_back) {
      plane.to += static_cast<ptrdiff_t>(width - 1) * to_stride;
      plane.to_stride = -to_stride;
    }
    TurnPlane(plane, bytes);
  }
}

}  // namespace framering::convert
