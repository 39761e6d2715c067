// Looks at everything an inspection tells, and at whether it can be true.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../core/include/framering_inspect.h"

namespace framering::test {

class Onlooker {
 public:
  explicit Onlooker(std::string ring) : ring_(std::move(ring)) {}
  Onlooker(const Onlooker&) = delete;
  Onlooker& operator=(const Onlooker&) = delete;
  ~Onlooker() { close(); }

  // Whether there is one to look at. What is there of another generation is another look's.
  bool open();
  void close();
  bool is_open() const { return inspection_ != nullptr; }
  // `data`, `ctl`: nobody has written into that object what is none of his business, so that more
  // must hold.
  void look(bool data, bool ctl);
  uint64_t frames() const { return frames_; }

 private:
  void look_at_readers(const fr_ring_facts& ring, bool sound);
  void look_at_slots(const fr_ring_facts& ring) const;
  void look_at_moments(const fr_ring_facts& ring, bool sound);
  void look_at_frame(const fr_moment& moment, bool sound);

  std::string ring_;
  fr_inspection* inspection_ = nullptr;
  uint64_t head_ = 0;
  fr_reader_facts readers_[FR_MAX_READERS] = {};  // at the last look
  std::vector<fr_moment> moments_ = std::vector<fr_moment>(FR_MOMENTS);
  uint64_t frames_ = 0;  // whose header was compared with their moment
};

}  // namespace framering::test
