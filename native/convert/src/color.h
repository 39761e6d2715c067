// Between YUV, RGB and grey: one row at a time, a plane of bytes for each component.
#pragma once

#include <cstddef>
#include <cstdint>

namespace framering::convert {

// Fixed point, 16 bits behind the point, worked out from the two weights each standard defines.
struct Color {
  Color(uint32_t matrix, bool full_range);

  int32_t y_offset;                   // 0 or 16
  int32_t y_gain, rv, gu, gv, bu;     // YUV to RGB
  int32_t yr, yg, yb;                 // RGB to Y
  int32_t ur, ug, ub, vr, vg, vb;     // RGB to U and V
  int32_t full_yr, full_yg, full_yb;  // RGB to grey, which has its full range always
  int32_t y_shrink;                   // grey to Y
};

struct RgbRow {
  uint8_t* r;
  uint8_t* g;
  uint8_t* b;
};

struct YuvRow {
  uint8_t* y;
  uint8_t* u;
  uint8_t* v;
};

void YuvToRgb(const Color& color, const YuvRow& from, const RgbRow& to, size_t count);
void RgbToY(const Color& color, const RgbRow& from, uint8_t* y, size_t count);
void RgbToUv(const Color& color, const RgbRow& from, uint8_t* u, uint8_t* v, size_t count);
void RgbToGrey(const Color& color, const RgbRow& from, uint8_t* grey, size_t count);
// Y of that range to grey of the full range, and back.
void YToGrey(const Color& color, const uint8_t* y, uint8_t* grey, size_t count);
void GreyToY(const Color& color, const uint8_t* grey, uint8_t* y, size_t count);

}  // namespace framering::convert
