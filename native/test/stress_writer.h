// The writer of a stress test: session after session, each with growths, new epochs, drops and
// abandoned loans.
#pragma once

#include "stress_run.h"

namespace framering::test {

class StressWriter {
 public:
  explicit StressWriter(const StressRun* run) : run_(run), random_(1) {}
  void work();
  const StressCounts& counts() const { return counts_; }

 private:
  void one_session();
  void send();
  void change_format(uint64_t slot_bytes);
  uint64_t next_sequence();

  const StressRun* run_;
  Random random_;
  StressCounts counts_;
  fr_writer* writer_ = nullptr;
  fr_writer_info info_{};
};

}  // namespace framering::test
