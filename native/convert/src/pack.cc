#include "pack.h"

#include <algorithm>

#include "memory.h"

namespace framering::convert {

FR_ROW void Split3(const uint8_t* __restrict from, uint8_t* __restrict a, uint8_t* __restrict b,
                   uint8_t* __restrict c, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    a[i] = from[3 * i];
    b[i] = from[3 * i + 1];
    c[i] = from[3 * i + 2];
  }
}

FR_ROW void Split4(const uint8_t* __restrict from, uint8_t* __restrict a, uint8_t* __restrict b,
                   uint8_t* __restrict c, uint8_t* __restrict d, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    a[i] = from[4 * i];
    b[i] = from[4 * i + 1];
    c[i] = from[4 * i + 2];
    d[i] = from[4 * i + 3];
  }
}

FR_ROW void Join3(const uint8_t* __restrict a, const uint8_t* __restrict b,
                  const uint8_t* __restrict c, uint8_t* __restrict to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    to[3 * i] = a[i];
    to[3 * i + 1] = b[i];
    to[3 * i + 2] = c[i];
  }
}

FR_ROW void Join4(const uint8_t* __restrict a, const uint8_t* __restrict b,
                  const uint8_t* __restrict c, const uint8_t* __restrict d, uint8_t* __restrict to,
                  size_t count) {
  for (size_t i = 0; i < count; ++i) {
    to[4 * i] = a[i];
    to[4 * i + 1] = b[i];
    to[4 * i + 2] = c[i];
    to[4 * i + 3] = d[i];
  }
}

FR_ROW void SplitPairs(const uint8_t* __restrict from, uint32_t first, uint8_t* __restrict y,
                       uint8_t* __restrict u, uint8_t* __restrict v, size_t pairs) {
  const uint8_t* luma = from + first;
  const uint8_t* chroma = from + (1 - first);
  for (size_t i = 0; i < 2 * pairs; ++i) y[i] = luma[2 * i];
  for (size_t i = 0; i < pairs; ++i) {
    u[i] = chroma[4 * i];
    v[i] = chroma[4 * i + 2];
  }
}

FR_ROW void JoinPairs(const uint8_t* __restrict y, const uint8_t* __restrict u,
                      const uint8_t* __restrict v, uint32_t first, uint8_t* __restrict to,
                      size_t pairs) {
  if (first == 0) {
    for (size_t i = 0; i < pairs; ++i) {
      to[4 * i] = y[2 * i];
      to[4 * i + 1] = u[i];
      to[4 * i + 2] = y[2 * i + 1];
      to[4 * i + 3] = v[i];
    }
    return;
  }
  for (size_t i = 0; i < pairs; ++i) {
    to[4 * i] = u[i];
    to[4 * i + 1] = y[2 * i];
    to[4 * i + 2] = v[i];
    to[4 * i + 3] = y[2 * i + 1];
  }
}

FR_ROW void Split2(const uint8_t* __restrict from, uint8_t* __restrict a, uint8_t* __restrict b,
                   size_t count) {
  for (size_t i = 0; i < count; ++i) {
    a[i] = from[2 * i];
    b[i] = from[2 * i + 1];
  }
}

FR_ROW void Join2(const uint8_t* __restrict a, const uint8_t* __restrict b, uint8_t* __restrict to,
                  size_t count) {
  for (size_t i = 0; i < count; ++i) {
    to[2 * i] = a[i];
    to[2 * i + 1] = b[i];
  }
}

FR_ROW void Double(const uint8_t* __restrict from, uint8_t* __restrict to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    to[2 * i] = from[i];
    to[2 * i + 1] = from[i];
  }
}

FR_ROW void HalveRow(const uint8_t* __restrict from, uint8_t* __restrict to, size_t pairs) {
  for (size_t i = 0; i < pairs; ++i) {
    to[i] = static_cast<uint8_t>((from[2 * i] + from[2 * i + 1] + 1) >> 1);
  }
}

FR_ROW void HalveRows(const uint8_t* __restrict upper, const uint8_t* __restrict lower,
                      uint8_t* __restrict to, size_t pairs) {
  for (size_t i = 0; i < pairs; ++i) {
    const int sum = upper[2 * i] + upper[2 * i + 1] + lower[2 * i] + lower[2 * i + 1];
    to[i] = static_cast<uint8_t>((sum + 2) >> 2);
  }
}

void Reverse(uint8_t* row, size_t count) { std::reverse(row, row + count); }
void Reverse(float* row, size_t count) { std::reverse(row, row + count); }

}  // namespace framering::convert
