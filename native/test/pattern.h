// Payload bytes that follow from a frame's session and sequence, so that every byte can be verified
// by whoever knows the two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace framering::test {

inline uint64_t pattern_word(uint64_t session, uint64_t sequence, size_t i) {
  // Odd factors: neighbouring words, frames and sessions differ in many bits.
  return (session * 0x9e3779b97f4a7c15u) ^ (sequence * 0xff51afd7ed558ccdu) ^
         (i * 0xc4ceb9fe1a85ec53u);
}

inline void fill_pattern(uint8_t* data, size_t bytes, uint64_t session, uint64_t sequence) {
  for (size_t i = 0; i < bytes; i += 8) {
    const uint64_t word = pattern_word(session, sequence, i);
    memcpy(data + i, &word, bytes - i < 8 ? bytes - i : 8);
  }
}

inline bool has_pattern(const uint8_t* data, size_t bytes, uint64_t session, uint64_t sequence) {
  for (size_t i = 0; i < bytes; i += 8) {
    const uint64_t word = pattern_word(session, sequence, i);
    if (memcmp(data + i, &word, bytes - i < 8 ? bytes - i : 8) != 0) return false;
  }
  return true;
}

}  // namespace framering::test
