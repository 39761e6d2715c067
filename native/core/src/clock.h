// CLOCK_MONOTONIC in nanoseconds, and deadlines made of it.
#pragma once

#include <cstdint>
#include <ctime>

namespace framering {

inline constexpr int64_t kSecond = 1'000'000'000;

inline int64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * kSecond + t.tv_nsec;
}

// `from` + `wait`, held below the end of time: a caller may ask to wait for ever.
inline int64_t deadline(int64_t from, uint64_t wait) {
  constexpr uint64_t kForever = 1ull << 61;
  return from + static_cast<int64_t>(wait < kForever ? wait : kForever);
}

inline timespec to_timespec(int64_t ns) { return {ns / kSecond, ns % kSecond}; }

}  // namespace framering
