// What every peer does with a frame, the same in each: all bytes written, all bytes read and
// compared.
//
//   0 ┌──────────────┐
//     │ stamp        │ CLOCK_MONOTONIC, ns, when the send call begins (one-way only)
//   8 ├──────────────┤
//     │ sequence     │
//  16 ├──────────────┤
//     │ fill         │ the low byte of the sequence, to the end
//     └──────────────┘
#pragma once

#include <time.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace payload {

constexpr size_t kStampAt = 0;
constexpr size_t kSequenceAt = 8;
constexpr size_t kFillAt = 16;

inline uint64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

inline void SleepUntil(uint64_t ns) {
  const timespec until{static_cast<time_t>(ns / 1'000'000'000u),
                       static_cast<long>(ns % 1'000'000'000u)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

// `bytes` ≥ 16, a multiple of 8.
inline void Write(void* frame, size_t bytes, uint64_t sequence) {
  auto* at = static_cast<uint8_t*>(frame);
  memset(at + kFillAt, static_cast<int>(sequence & 0xff), bytes - kFillAt);
  memcpy(at + kSequenceAt, &sequence, sizeof sequence);
}

// Whether that is frame `sequence`, whole. Reads every byte also when the first one is wrong, so
// that the time it takes says nothing of what it finds.
inline bool Read(const void* frame, size_t bytes, uint64_t sequence) {
  const auto* at = static_cast<const uint8_t*>(frame);
  const uint64_t expected = (sequence & 0xff) * 0x0101010101010101u;
  // Several accumulators, or each word waits for the one before it.
  uint64_t different[8] = {};
  size_t i = kFillAt;
  for (; i + sizeof different <= bytes; i += sizeof different) {
    uint64_t words[8];
    memcpy(words, at + i, sizeof words);
    for (int k = 0; k < 8; k++) different[k] |= words[k] ^ expected;
  }
  for (; i < bytes; i += 8) {
    uint64_t word;
    memcpy(&word, at + i, sizeof word);
    different[0] |= word ^ expected;
  }
  uint64_t found;
  memcpy(&found, at + kSequenceAt, sizeof found);
  uint64_t any = found ^ sequence;
  for (const uint64_t d : different) any |= d;
  return any == 0;
}

// In place: one byte, which is what a benchmark of the engine alone touches.
inline void WriteOne(void* frame, uint64_t sequence) {
  static_cast<uint8_t*>(frame)[kSequenceAt] = static_cast<uint8_t>(sequence);
}

inline bool ReadOne(const void* frame, uint64_t sequence) {
  return static_cast<const uint8_t*>(frame)[kSequenceAt] == static_cast<uint8_t>(sequence);
}

inline void Stamp(void* frame) {
  const uint64_t now = Now();
  memcpy(static_cast<uint8_t*>(frame) + kStampAt, &now, sizeof now);
}

// ns since Stamp.
inline uint64_t Age(const void* frame) {
  uint64_t stamped;
  memcpy(&stamped, static_cast<const uint8_t*>(frame) + kStampAt, sizeof stamped);
  return Now() - stamped;
}

}  // namespace payload
