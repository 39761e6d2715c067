// A reader driven by a fuzzer's input through the C face, with every answer checked against the
// model of the ring it opened.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bytes.h"
#include "ring_model.h"

namespace framering::test {

// A position that a reader left, to be given to another.
struct LeftPosition {
  fr_position position;
  bool sound;  // as far as the model knows: nobody had touched that reader's frames
};

class FuzzedReader {
 public:
  // `ring`: what stands under the name, nullptr when nothing does. `before`: left by some reader of
  // this input. nullptr when refused, as it must be then.
  static std::unique_ptr<FuzzedReader> open(Bytes* in, std::shared_ptr<RingModel> ring,
                                            const std::optional<LeftPosition>& before);
  ~FuzzedReader();
  FuzzedReader(const FuzzedReader&) = delete;
  FuzzedReader& operator=(const FuzzedReader&) = delete;

  // One operation, as the input says. `left`: takes the place this reader stands at, now and then.
  void step(Bytes* in, std::optional<LeftPosition>* left);
  LeftPosition position() const;
  // After every step: whoever armed the bell and has something to fetch was rung.
  void check_bell() const;
  // With a reference to its memory kept, which must read as zeros then.
  void close_with_views();

 private:
  struct Held {
    uint32_t count = 0;
    uint64_t sequence = 0, bytes = 0;
    uint32_t epoch = 0;
    bool scribbled = false;
  };

  FuzzedReader() = default;
  void next(Bytes* in);
  void wait(Bytes* in);
  void poll(uint64_t timeout);
  void retain(Bytes* in);
  void release(Bytes* in);
  void format(Bytes* in);
  // Into a frame that is leased, or where one was that is released.
  void write_into_view(Bytes* in);
  void drain();
  void answer(fr_next found, const fr_frame& frame, const fr_error& err, bool any_age);
  void delivered(const fr_frame& frame);
  void check_losses(const fr_frame& frame) const;
  void check_sent(const fr_frame& frame) const;
  bool is_whole(uint32_t slot) const;
  uint64_t newest_due() const;
  bool owns(uint32_t slot) const { return slot < held_.size() && held_[slot].count != 0; }
  // Frames' bytes in these objects are what the writer wrote.
  bool data_sound() const { return !ring_->files->data_touched(); }
  uint8_t* payload(uint32_t slot) const { return base_ + slot * info_.slot_bytes; }
  void let_go(uint32_t slot);
  void close();

  fr_reader* reader_ = nullptr;
  std::shared_ptr<RingModel> ring_;
  fr_reader_info info_{};
  uint32_t delivery_ = 0, max_leases_ = 0;
  bool observes_ = false;    // frames are copies, and nobody knows of this reader
  uint8_t* base_ = nullptr;  // of slot 0; known from the first frame on
  std::vector<Held> held_;
  uint32_t leases_ = 0;
  std::optional<uint32_t> stale_;  // slot of the frame released last
  uint64_t cursor_ = 0;            // nothing up to here is due any more
  bool passed_ = false;            // maybe more than that, passed over for its age
  bool counted_ = false;           // the losses up to `last_` are known
  uint64_t last_ = 0;              // last sequence delivered
  bool exact_ = true;              // the running totals at `last_` are the model's
  uint64_t lost_restart_ = 0;
  bool armed_ = false;  // the FIFO was left armed
  uint64_t seen_ = 0;   // newest frame of the ring at the last look
};

}  // namespace framering::test
