// The two object files of one generation, opened a second time by somebody hostile who may write
// both. Knows where the words stand that the core acts on, and what is nasty to put there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "../core/src/layout.h"
#include "../core/src/unique_fd.h"
#include "bytes.h"

namespace framering::test {

class ObjectFiles {
 public:
  // Those that stand under the ring's name now. nullptr when there are none.
  static std::unique_ptr<ObjectFiles> open(const std::string& directory, const std::string& name,
                                           const Geometry& geometry);

  // Changes one word as the input says.
  void scribble(Bytes* in);
  // Cuts one of them off as the input says.
  void truncate(Bytes* in);

  // Nothing is expected of them any more.
  void distrust() { data_touched_ = ctl_touched_ = true; }
  void make_generations_equal();

  const Geometry& geometry() const { return geometry_; }
  // What stands in the two headers now.
  uint64_t generation_of_data() const { return read({true, 8, offsetof(Identity, generation)}); }
  uint64_t generation_of_ctl() const { return read({false, 8, offsetof(Identity, generation)}); }
  // What was done to them so far.
  bool data_touched() const { return data_touched_; }
  bool ctl_touched() const { return ctl_touched_; }
  bool truncated() const { return truncated_; }
  bool touched() const { return data_touched_ || ctl_touched_; }

  int data() const { return data_.get(); }
  int ctl() const { return ctl_.get(); }

 private:
  struct Place {
    bool in_data;
    uint32_t width;  // bytes: 1, 2, 4 or 8
    uint64_t offset;
  };
  Place choose(Bytes* in) const;
  Place choose_in_data(Bytes* in) const;
  Place choose_in_ctl(Bytes* in) const;
  uint64_t read(const Place& place) const;
  uint64_t nasty(Bytes* in, const Place& place) const;

  Geometry geometry_;
  UniqueFd data_, ctl_;
  bool data_touched_ = false, ctl_touched_ = false, truncated_ = false;
};

}  // namespace framering::test
