// An actor's writer: publishes frames whose every byte follows from session and sequence, and
// says in each what the readers' accounts must come to.
#pragma once

#include <string>

#include "framering.h"
#include "line.h"

namespace framering::test {

// Frame::user as the actors fill it.
enum : uint32_t { kMark, kDropped, kSourceLost, kBytes };

class Writing {
 public:
  Writing(const Wire& wire, std::string directory)
      : wire_(wire), directory_(std::move(directory)) {}

  // False when the verb is not a writer's.
  bool perform(const Line& line);

 private:
  // Says why not, when not.
  bool create(const Line& line);
  void publish(uint64_t count, uint64_t mark);
  bool publish_one(uint64_t mark);
  void fill_and_publish(const fr_loan& loan, uint64_t mark);
  void drop_one();
  uint32_t lend();
  void abandon_one();
  void set_format(uint64_t bytes, uint64_t slot_bytes);
  void close();
  // All of it at random until the next command comes or somebody kills us.
  void flow(const Line& line);

  const Wire& wire_;
  std::string directory_;
  fr_writer* writer_ = nullptr;
  uint64_t session_ = 0, slot_bytes_ = 0;
  uint64_t head_ = 0, dropped_ = 0, source_ = 0, source_lost_ = 0;
};

}  // namespace framering::test
