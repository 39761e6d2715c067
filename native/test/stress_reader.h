// One reader of a stress test: joins, verifies every byte it is lent when it gets it and again
// before it lets go, adds up its losses, leaves, joins again.
#pragma once

#include <deque>

#include "stress_run.h"

namespace framering::test {

class StressReader {
 public:
  StressReader(const StressRun* run, uint32_t index) : run_(run), random_(100 + index) {}
  void work();
  const StressCounts& counts() const { return counts_; }

 private:
  struct Held {
    fr_frame frame;
    bool whole;  // every time it was looked at so far
  };

  bool join();
  // One stay in a ring. Whether that ring is over.
  bool stay();
  fr_next fetch(fr_frame* frame, fr_error* err);
  fr_next look_ahead(fr_frame* frame, fr_error* err);
  void sleep_by_fifo(fr_next* found, fr_frame* frame, fr_error* err);
  void take(const fr_frame& frame);
  void check_losses(const fr_frame& frame);
  void check_format(const fr_frame& frame);
  bool is_whole(const fr_frame& frame);
  void let_go_of_oldest();
  void leave();

  const StressRun* run_;
  Random random_;
  StressCounts counts_;
  fr_reader* reader_ = nullptr;
  fr_reader_info info_{};
  uint32_t max_leases_ = 0;
  uint32_t refusals_ = 0;  // in a row, for want of an entry
  bool observes_ = false;
  std::deque<Held> held_;
  fr_position left_{};
  bool has_left_ = false;
  uint64_t ended_ = 0;    // the generation that is over
  bool counted_ = false;  // the losses up to last_ are known
  uint64_t last_ = 0;
};

}  // namespace framering::test
