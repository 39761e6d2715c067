// The writer's private order of its slots, oldest frame first: the order in which they are reused.
#pragma once

#include <cstdint>
#include <vector>

namespace framering {

class SlotAges {
 public:
  explicit SlotAges(uint32_t count) : sequence_(count, 0), loaned_(count, false) {
    for (uint32_t i = 0; i < count; ++i) order_.push_back(static_cast<uint16_t>(i));
  }

  // Slots not on loan, oldest first; the newest frame is the last one.
  const std::vector<uint16_t>& order() const { return order_; }
  // The frame in a slot; 0 = none.
  uint64_t sequence(uint32_t slot) const { return sequence_[slot]; }
  bool loaned(uint32_t slot) const { return slot < loaned_.size() && loaned_[slot]; }
  uint32_t loans() const { return static_cast<uint32_t>(sequence_.size() - order_.size()); }

  void take(size_t position) {
    const uint16_t slot = order_[position];
    order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(position));
    sequence_[slot] = 0;
    loaned_[slot] = true;
  }
  void put_newest(uint32_t slot, uint64_t sequence) {
    loaned_[slot] = false;
    sequence_[slot] = sequence;
    order_.push_back(static_cast<uint16_t>(slot));
  }
  void put_empty(uint32_t slot) {
    loaned_[slot] = false;
    order_.insert(order_.begin(), static_cast<uint16_t>(slot));
  }

 private:
  std::vector<uint64_t> sequence_;
  std::vector<bool> loaned_;
  std::vector<uint16_t> order_;
};

}  // namespace framering
