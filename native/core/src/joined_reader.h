// A reader that has an entry in the ring. It holds frames in place: its bit in a slot's pin word
// keeps the writer out. It writes nothing but that bit and its own entry.
#pragma once

#include "bells.h"
#include "life_watch.h"
#include "reader.h"

namespace framering {

class JoinedReader final : public fr_reader {
 public:
  static fr_status open(const fr_reader_options& o, const RingName& name, fr_reader** out,
                        fr_error* err);

  fr_next wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err) override;
  void info(fr_reader_info* info) const override;
  fr_status doorbell(int* bell, int* life, fr_error* err) override;
  void drain() override { bells_.drain(); }
  fr_mapping* mapping() const override { return data_.payload_mapping(); }
  void leave() override;

 private:
  explicit JoinedReader(const fr_reader_options& o)
      : fr_reader(o), reliable_wait_(o.reliable_wait) {}

  fr_status join(const fr_reader_options& o, fr_error* err);
  // FR_READERS_EXHAUSTED when all entries are held.
  fr_status take_entry(const ForkFd& fd, fr_error* err);
  bool try_entry(const ForkFd& fd, uint32_t i);

  const FrameHeader* hold(uint32_t slot, uint64_t sequence, fr_frame* frame) override;
  fr_status let_go(uint32_t slot, fr_error* err) override;
  const FrameHeader* header(uint32_t slot) const override { return data_.frame(slot); }
  fr_status ring_me(uint32_t kind, fr_error* err) override;
  void disarm() override;
  void counts_from(uint64_t sequence) override;
  void record(const fr_frame& frame) override;
  void moved() override;
  void idle(int64_t time) override;
  bool writer_gone() override { return bells_.hung_up(); }
  bool truncated() const override { return data_.truncated() || ctl_.truncated(); }

  bool lease(uint32_t slot, uint64_t sequence);
  bool clean_payload(uint32_t slot);
  void unpin(uint32_t slot);
  void put_right();
  void wake_writer();

  ControlObject ctl_;
  BellFds bells_;
  ForkFd entry_lock_;  // an open of its own, never mapped
  uint32_t index_ = 0;
  uint64_t bit_ = 0;
  ReaderEntry* entry_ = nullptr;
  uint64_t reliable_wait_;  // ns
  bool second_ = false;     // which of the entry's two loss totals is next
  int64_t put_right_at_ = 0;
  LifeWatch life_watch_;  // last: it posts into the mapping above
};

}  // namespace framering
