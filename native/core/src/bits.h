// Masks with a bit for each reader entry.
#pragma once

#include <cstdint>

namespace framering {

// All entries of a ring of `entries`, 1..64.
inline uint64_t entry_bits(uint32_t entries) {
  return entries == 64 ? ~0ull : (1ull << entries) - 1;
}

// Calls f(i) for every set bit.
template <typename F>
void each_bit(uint64_t mask, F f) {
  for (; mask != 0; mask &= mask - 1) f(static_cast<uint32_t>(__builtin_ctzll(mask)));
}

}  // namespace framering
