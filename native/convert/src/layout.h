// Formats by what their rows hold, and pictures whose planes are known to lie in their memory.
#pragma once

#include <framering_convert.h>

#include <cstddef>
#include <cstdint>

namespace framering::convert {

constexpr uint32_t Fourcc(char a, char b, char c, char d) {
  return static_cast<uint32_t>(a) | static_cast<uint32_t>(b) << 8 | static_cast<uint32_t>(c) << 16 |
         static_cast<uint32_t>(d) << 24;
}

inline constexpr uint32_t kRgb3 = Fourcc('R', 'G', 'B', '3');
inline constexpr uint32_t kBgr3 = Fourcc('B', 'G', 'R', '3');
inline constexpr uint32_t kRgba = Fourcc('R', 'G', 'B', 'A');
inline constexpr uint32_t kBgra = Fourcc('B', 'G', 'R', 'A');
inline constexpr uint32_t kGrey = Fourcc('G', 'R', 'E', 'Y');
inline constexpr uint32_t kY16 = Fourcc('Y', '1', '6', ' ');
inline constexpr uint32_t kZ16 = Fourcc('Z', '1', '6', ' ');
inline constexpr uint32_t kFloat = Fourcc('R', ' ', ' ', 'F');
inline constexpr uint32_t kYuyv = Fourcc('Y', 'U', 'Y', 'V');
inline constexpr uint32_t kUyvy = Fourcc('U', 'Y', 'V', 'Y');
inline constexpr uint32_t kNv12 = Fourcc('N', 'V', '1', '2');
inline constexpr uint32_t kNv21 = Fourcc('N', 'V', '2', '1');
inline constexpr uint32_t kI420 = Fourcc('I', '4', '2', '0');
inline constexpr uint32_t kJpeg = Fourcc('M', 'J', 'P', 'G');

// What a row of pixels is while it is worked on: that many planes of bytes, or one of floats.
enum class Kind { kGrey, kYuv, kRgb, kValue, kJpeg };

enum class Packing { kBytes, kPairs, kTwoPlanes, kThreePlanes, kBayer8, kBayer16, kTensor, kNone };

struct Layout {
  uint32_t fourcc;
  Kind kind;
  Packing packing;
  uint32_t bytes;  // of a pixel where those stand side by side
  // kBytes of RGB: where red stands, 0 or 2. Bayer: column and row of the first red pixel, 2 * row
  // + column. kPairs: where the first luma stands. kTwoPlanes: where U stands.
  uint32_t first;
};

// nullptr: no format that can be converted.
const Layout* LayoutOf(uint32_t fourcc);

inline bool IsRgb(const Layout& layout) {
  return layout.kind == Kind::kRgb && layout.packing == Packing::kBytes;
}
inline bool IsSubsampledBothWays(const Layout& layout) {
  return layout.packing == Packing::kTwoPlanes || layout.packing == Packing::kThreePlanes;
}

// A picture that was checked: rows of its planes can be read, or written, where it says.
struct Picture {
  const Layout* layout;
  uint32_t width, height;
  uint8_t* planes[3];
  size_t strides[3];
  uint32_t matrix;
  bool full_range;

  uint8_t* row(uint32_t plane, uint32_t y) const { return planes[plane] + strides[plane] * y; }
};

// OPTION_INVALID or UNSUPPORTED, naming `what`. Tensors and compressed pictures have no planes.
fr_status CheckPicture(const fr_picture& given, const char* what, Picture* out, fr_error* err);

// Bytes of a plane's row and how many rows there are.
struct PlaneSize {
  size_t bytes;
  uint32_t rows;
};
uint32_t PlaneCount(const Layout& layout);
PlaneSize SizeOfPlane(const Layout& layout, uint32_t plane, uint32_t width, uint32_t height);

}  // namespace framering::convert
