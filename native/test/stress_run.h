// What the threads of a stress test share: its length, its ring's name, what they count.
#pragma once

#include <cstdint>
#include <string>

#include "../core/include/framering.h"
#include "playground.h"

namespace framering::test {

inline constexpr uint32_t kStressReaders = 4;
// One more than there are readers: the writer may be cleaning an entry while somebody joins.
inline constexpr uint32_t kStressEntries = kStressReaders + 1;
inline constexpr char kStressRing[] = "stress";
// Small, so that the writer comes round again while readers still hold slots.
inline constexpr uint32_t kStressSlots = 6;

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  uint32_t below(uint32_t n) { return static_cast<uint32_t>((next() >> 16) % n); }

 private:
  uint64_t state_;
};

struct StressCounts {
  uint64_t published = 0, sessions = 0, generations = 0;
  uint64_t verified = 0, bytes = 0, lost = 0, joins = 0, broken = 0;

  StressCounts& operator+=(const StressCounts& o) {
    published += o.published;
    sessions += o.sessions;
    generations += o.generations;
    verified += o.verified;
    bytes += o.bytes;
    lost += o.lost;
    joins += o.joins;
    broken += o.broken;
    return *this;
  }
};

class StressRun {
 public:
  StressRun(int seconds, bool hostile)
      : end_(fr_now() + int64_t{1'000'000'000} * seconds), hostile_(hostile) {}

  // By the clock, not by a flag: a flag would order the threads, and what the rings' own
  // handshakes leave unordered would not be seen any more.
  bool over() const { return fr_now() >= end_; }
  bool hostile() const { return hostile_; }
  std::string path(const char* suffix) const {
    return playground() + "/framering." + kStressRing + "." + suffix;
  }

 private:
  int64_t end_;
  bool hostile_;
};

// The format and text of an epoch follow from its number, so that readers can tell a mix of two.
inline uint64_t epoch_width(uint32_t epoch) { return 1 + epoch % 61; }
inline std::string epoch_text(uint64_t session, uint32_t epoch) {
  std::string text = std::to_string(session) + "/" + std::to_string(epoch) + " ";
  text.resize(32 + epoch % 200, static_cast<char>('a' + epoch % 26));
  return text;
}

}  // namespace framering::test
