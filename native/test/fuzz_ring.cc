// Drives one writer and up to three readers through the C face as the input says, while both
// objects are changed underneath them, and checks every answer.
//
// The core's fault guard stays at work: it asks for SIGSEGV and SIGBUS after the sanitizer did, and
// hands on what is not in a mapping of ours, so the sanitizer still reports every other fault.
#include <cstdint>
#include <memory>
#include <optional>

#include "bytes.h"
#include "check.h"
#include "fuzzed_reader.h"
#include "fuzzed_writer.h"
#include "onlooker.h"
#include "playground.h"

namespace framering::test {
namespace {

constexpr int kReaders = 3;

class Game {
 public:
  explicit Game(Bytes in) : in_(in) {}

  uint64_t play() {
    uint64_t steps = 0;
    for (; !in_.empty(); ++steps) {
      step();
      for (const auto& r : readers_) {
        if (r != nullptr) r->check_bell();
      }
    }
    // In either order: the last of them leaves nothing behind.
    const bool writer_first = steps % 2 == 0;
    if (writer_first) writer_.reset();
    for (auto& r : readers_) r.reset();
    writer_.reset();
    if (onlooker_.is_open()) onlooker_.look(false, false);
    onlooker_.close();
    return steps;
  }

 private:
  void step() {
    if (writer_ == nullptr) {
      auto& r = readers_[in_.upto(kReaders - 1)];
      if (r == nullptr && in_.one_in(8)) r = FuzzedReader::open(&in_, nullptr, left_);
      writer_ = FuzzedWriter::create(&in_);
      if (writer_ != nullptr) ring_ = writer_->ring();
      return;
    }
    const uint8_t code = in_.byte();
    if (code < 96) {
      if (code == 0) writer_->close_with_views();
      if (code < 2) {
        writer_.reset();
      } else {
        writer_->step(&in_);
      }
    } else if (code < 192) {
      read_step(code, &readers_[in_.upto(kReaders - 1)]);
    } else if (code < 254) {
      // Also the objects that a larger ring replaced: their readers are still there.
      ObjectFiles& files = in_.one_in(8) ? *ring_->files : *writer_->ring()->files;
      files.scribble(&in_);
    } else if (in_.one_in(4)) {
      writer_->ring()->files->truncate(&in_);
    } else {
      // Left open: of a generation that ended, too.
      if (!onlooker_.is_open() && same_generation()) static_cast<void>(onlooker_.open());
      if (onlooker_.is_open()) onlooker_.look(false, false);
      if (in_.one_in(4)) onlooker_.close();
    }
  }

  void read_step(uint8_t code, std::unique_ptr<FuzzedReader>* reader) {
    FuzzedReader* r = reader->get();
    if (r == nullptr) {
      // Two generations make open() wait for the other half: milliseconds that teach nothing new.
      if (same_generation()) *reader = FuzzedReader::open(&in_, writer_->ring(), left_);
    } else if (code % 16 == 0) {
      left_ = r->position();
      if (in_.one_in(4)) r->close_with_views();
      reader->reset();
    } else {
      r->step(&in_, &left_);
    }
  }

  bool same_generation() const {
    const ObjectFiles& files = *writer_->ring()->files;
    return files.generation_of_data() == files.generation_of_ctl();
  }

  Bytes in_;
  std::unique_ptr<FuzzedWriter> writer_;
  std::shared_ptr<RingModel> ring_;  // the first of this writer
  std::unique_ptr<FuzzedReader> readers_[kReaders];
  std::optional<LeftPosition> left_;
  Onlooker onlooker_{kFuzzedRing};
};

}  // namespace
}  // namespace framering::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace framering::test;
  const int fd = lowest_free_fd();
  count_operations(Game(Bytes(data, size)).play());
  CHECK(entries(playground()) == 0, "a closed ring left something behind");
  CHECK(lowest_free_fd() == fd, "a descriptor was left open");
  return 0;
}
