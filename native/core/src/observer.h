// A reader that the ring does not know of. It needs no more than the permission to read the data
// object, holds nothing, is waited for by nobody and can stop nobody: a frame is copied into memory
// of its own, and counts when its slot still held it after the copy. It has no doorbell and looks
// for news every so often.
#pragma once

#include <vector>

#include "mapping.h"
#include "reader.h"

namespace framering {

class Observer final : public fr_reader {
 public:
  static fr_status open(const fr_reader_options& o, const RingName& name, fr_reader** out,
                        fr_error* err);

  fr_next wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err) override;
  fr_status doorbell(int* bell, int* life, fr_error* err) override;
  void drain() override {}
  fr_mapping* mapping() const override { return copies_.get(); }
  void leave() override {}

 private:
  // A header as it stood in the ring, all but its state.
  struct alignas(FrameHeader) HeaderCopy {
    unsigned char bytes[sizeof(FrameHeader)];
  };

  explicit Observer(const fr_reader_options& o) : fr_reader(o), period_(o.observe) {}

  const FrameHeader* hold(uint32_t slot, uint64_t sequence, fr_frame* frame) override;
  fr_status let_go(uint32_t, fr_error*) override { return FR_OK; }
  const FrameHeader* header(uint32_t copy) const override {
    return reinterpret_cast<const FrameHeader*>(headers_[copy].bytes);
  }
  fr_status ring_me(uint32_t kind, fr_error* err) override;
  void disarm() override {}
  void counts_from(uint64_t) override {}
  void record(const fr_frame&) override {}
  void moved() override {}
  void idle(int64_t) override {}
  bool writer_gone() override { return !writer_alive(); }

  uint64_t period_;  // ns between two looks
  std::vector<HeaderCopy> headers_;
  OwnedMapping copies_;  // max_leases slots
};

}  // namespace framering
