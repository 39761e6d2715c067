// A writer driven by a fuzzer's input through the C face, with every answer checked against the
// model.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bytes.h"
#include "ring_model.h"

namespace framering::test {

class FuzzedWriter {
 public:
  // nullptr when the options that the input gives are refused, as they must be.
  static std::unique_ptr<FuzzedWriter> create(Bytes* in);
  ~FuzzedWriter();
  FuzzedWriter(const FuzzedWriter&) = delete;
  FuzzedWriter& operator=(const FuzzedWriter&) = delete;

  // One operation, as the input says; after a growth ring() is another one.
  void step(Bytes* in);
  // With a reference to its memory kept, which must read as zeros then.
  void close_with_views();

  const std::shared_ptr<RingModel>& ring() const { return ring_; }

 private:
  FuzzedWriter() = default;
  void loan();
  void publish(Bytes* in);
  void abandon(Bytes* in);
  void drop(Bytes* in);
  void write(Bytes* in);
  void set_format(Bytes* in);
  void check_stats();
  bool alive(fr_status status) const;
  fr_meta meta(Bytes* in);
  void sent(uint64_t sequence, const fr_meta& meta, bool frame);
  void check_loan(const fr_loan& loan);
  bool must_find_slot() const;
  void close();

  fr_writer* writer_ = nullptr;
  std::shared_ptr<RingModel> ring_;
  std::vector<fr_loan> loans_;
  uint8_t* base_ = nullptr;  // of slot 0; known from the first loan on
  uint64_t published_ = 0, dropped_ = 0, abandoned_ = 0, source_lost_ = 0, last_source_ = 0;
  int growths_ = 0;
};

// The ring all fuzzed writers make and all fuzzed readers open.
inline constexpr char kFuzzedRing[] = "fuzzed";

}  // namespace framering::test
