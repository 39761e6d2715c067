#include "color.h"

#include <algorithm>
#include <cmath>

#include "memory.h"

namespace framering::convert {

namespace {

constexpr int32_t kHalf = 1 << 15;

int32_t Fixed(double value) { return static_cast<int32_t>(std::lround(value * 65536)); }

inline uint8_t Clamp(int32_t value) {
  return static_cast<uint8_t>(std::min(std::max(value, 0), 255));
}

}  // namespace

// kr and kb: the share of red and blue in luma. ITU-R BT.601, BT.709 and BT.2020, the last one
// taken as if its light were not constant, which is what cameras and decoders mean by it.
Color::Color(uint32_t matrix, bool full_range) {
  const double kr = matrix == 1 ? 0.2126 : matrix == 9 ? 0.2627 : 0.299;
  const double kb = matrix == 1 ? 0.0722 : matrix == 9 ? 0.0593 : 0.114;
  const double kg = 1 - kr - kb;
  const double luma = full_range ? 1 : 219.0 / 255;
  const double chroma = full_range ? 1 : 224.0 / 255;
  y_offset = full_range ? 0 : 16;
  y_gain = Fixed(1 / luma);
  rv = Fixed(2 * (1 - kr) / chroma);
  bu = Fixed(2 * (1 - kb) / chroma);
  gu = Fixed(2 * (1 - kb) * kb / kg / chroma);
  gv = Fixed(2 * (1 - kr) * kr / kg / chroma);
  yr = Fixed(kr * luma);
  yb = Fixed(kb * luma);
  // What is left, so that white is 255 or 235 exactly, and so on for the others.
  yg = Fixed(luma) - yr - yb;
  ub = Fixed(0.5 * chroma);
  ur = -Fixed(0.5 * chroma * kr / (1 - kb));
  ug = -ub - ur;
  vr = Fixed(0.5 * chroma);
  vb = -Fixed(0.5 * chroma * kb / (1 - kr));
  vg = -vr - vb;
  full_yr = Fixed(kr);
  full_yb = Fixed(kb);
  full_yg = 65536 - full_yr - full_yb;
  y_shrink = Fixed(luma);
}

namespace {

// Told one by one that they do not overlap: that many pointers are more than compilers check for.
FR_ROW void YuvRowToRgb(const Color& color, const uint8_t* __restrict y_in,
                        const uint8_t* __restrict u_in, const uint8_t* __restrict v_in,
                        uint8_t* __restrict r, uint8_t* __restrict g, uint8_t* __restrict b,
                        size_t count) {
  const Color c = color;
  for (size_t i = 0; i < count; ++i) {
    const int32_t y = (y_in[i] - c.y_offset) * c.y_gain + kHalf;
    const int32_t u = u_in[i] - 128;
    const int32_t v = v_in[i] - 128;
    r[i] = Clamp((y + v * c.rv) >> 16);
    g[i] = Clamp((y - u * c.gu - v * c.gv) >> 16);
    b[i] = Clamp((y + u * c.bu) >> 16);
  }
}

}  // namespace

void YuvToRgb(const Color& color, const YuvRow& from, const RgbRow& to, size_t count) {
  YuvRowToRgb(color, from.y, from.u, from.v, to.r, to.g, to.b, count);
}

FR_ROW void RgbToY(const Color& color, const RgbRow& from, uint8_t* y, size_t count) {
  const Color c = color;
  const uint8_t* __restrict r = from.r;
  const uint8_t* __restrict g = from.g;
  const uint8_t* __restrict b = from.b;
  uint8_t* __restrict out = y;
  const int32_t offset = (c.y_offset << 16) + kHalf;
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint8_t>((r[i] * c.yr + g[i] * c.yg + b[i] * c.yb + offset) >> 16);
  }
}

FR_ROW void RgbToUv(const Color& color, const RgbRow& from, uint8_t* u, uint8_t* v, size_t count) {
  const Color c = color;
  const uint8_t* __restrict r = from.r;
  const uint8_t* __restrict g = from.g;
  const uint8_t* __restrict b = from.b;
  uint8_t* __restrict u_out = u;
  uint8_t* __restrict v_out = v;
  // Pure blue of the full range would be 255.5.
  constexpr int32_t kMiddle = (128 << 16) + kHalf;
  for (size_t i = 0; i < count; ++i) {
    u_out[i] = Clamp((r[i] * c.ur + g[i] * c.ug + b[i] * c.ub + kMiddle) >> 16);
    v_out[i] = Clamp((r[i] * c.vr + g[i] * c.vg + b[i] * c.vb + kMiddle) >> 16);
  }
}

FR_ROW void RgbToGrey(const Color& color, const RgbRow& from, uint8_t* grey, size_t count) {
  const Color c = color;
  const uint8_t* __restrict r = from.r;
  const uint8_t* __restrict g = from.g;
  const uint8_t* __restrict b = from.b;
  uint8_t* __restrict out = grey;
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint8_t>(
        (r[i] * c.full_yr + g[i] * c.full_yg + b[i] * c.full_yb + kHalf) >> 16);
  }
}

FR_ROW void YToGrey(const Color& color, const uint8_t* y, uint8_t* grey, size_t count) {
  const Color c = color;
  const uint8_t* __restrict in = y;
  uint8_t* __restrict out = grey;
  for (size_t i = 0; i < count; ++i) {
    out[i] = Clamp(((in[i] - c.y_offset) * c.y_gain + kHalf) >> 16);
  }
}

FR_ROW void GreyToY(const Color& color, const uint8_t* grey, uint8_t* y, size_t count) {
  const Color c = color;
  const uint8_t* __restrict in = grey;
  uint8_t* __restrict out = y;
  const int32_t offset = (c.y_offset << 16) + kHalf;
  for (size_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint8_t>((in[i] * c.y_shrink + offset) >> 16);
  }
}

}  // namespace framering::convert
