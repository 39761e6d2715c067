// How long a reader has held a slot, as far as it can be known from outside.
#pragma once

#include <algorithm>

#include "layout.h"

namespace framering {

// ns. `published`: when the frame in the slot was. A reader that takes no times, or whose time was
// overwritten by another of the same place, is taken to hold the frame since then, at the longest.
inline uint64_t held_for(const PinWord& pins, uint32_t reader, int64_t published, int64_t now) {
  const uint64_t said = pins.since[reader % kLeaseTimes].load(std::memory_order_relaxed);
  const int64_t leased = static_cast<int64_t>(said >> 6);
  const bool known = (said & 63) == reader && leased >= published && leased <= now;
  const int64_t since = known ? leased : std::max<int64_t>(published, 0);
  return since < now ? static_cast<uint64_t>(now - since) : 0;
}

}  // namespace framering
