// One reader of a ring: what fr_reader stands for in the C face. Finding the next frame and
// accounting for the others is the same for all; how a frame is held is not: see joined_reader.h
// and observer.h.
#pragma once

#include <cstdint>
#include <vector>

#include "fork_fd.h"
#include "latency_totals.h"
#include "loss_account.h"
#include "reader_objects.h"

struct fr_reader {
 public:
  static fr_status open(const fr_reader_options& o, fr_reader** out, fr_error* err);
  virtual ~fr_reader() = default;
  fr_reader(const fr_reader&) = delete;
  fr_reader& operator=(const fr_reader&) = delete;

  fr_next next(uint32_t arm, uint64_t max_age, fr_frame* frame, fr_error* err);
  virtual fr_next wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err) = 0;
  bool poll(uint64_t timeout);
  fr_status retain(uint32_t slot, fr_error* err);
  fr_status release(uint32_t slot, fr_error* err);
  fr_status format(uint32_t slot, fr_format* format, char* text, uint32_t* text_bytes,
                   fr_error* err) const;
  virtual void info(fr_reader_info* info) const;
  void position(fr_position* position) const;
  uint32_t leases() const { return leased_; }
  void latency(fr_latency* latency) const { framering::read_latency(*latency_, latency); }
  bool writer_alive() const { return data_.writer_alive(); }
  virtual fr_status doorbell(int* bell, int* life, fr_error* err) = 0;
  virtual void drain() = 0;
  // Of the bytes that frames point to.
  virtual fr_mapping* mapping() const = 0;
  virtual void leave() = 0;

 protected:
  struct Lease {
    uint32_t count = 0;
    uint64_t sequence = 0;
  };

  explicit fr_reader(const fr_reader_options& o)
      : delivery_(o.delivery), max_leases_(o.max_leases), timed_(o.timed != 0) {}

  // Takes hold of the frame `sequence` in `slot` of the ring, if it still is there: its header,
  // with frame->slot and frame->data filled in, or nullptr.
  virtual const framering::FrameHeader* hold(uint32_t slot, uint64_t sequence, fr_frame* frame) = 0;
  // Lets a held frame go whose last lease ended; `slot` as in the frame.
  virtual fr_status let_go(uint32_t slot, fr_error* err) = 0;
  virtual const framering::FrameHeader* header(uint32_t slot) const = 0;
  // From now on the writer rings that bell (FR_BELL_*) for the next frame; and no longer.
  virtual fr_status ring_me(uint32_t kind, fr_error* err) = 0;
  virtual void disarm() = 0;
  // The first frame of all is about to be delivered: what came before it counts for nobody.
  virtual void counts_from(uint64_t sequence) = 0;
  // A frame is about to be delivered, and the account has been told.
  virtual void record(const fr_frame& frame) = 0;
  // The cursor moved.
  virtual void moved() = 0;
  // There is nothing to take: time to look after oneself.
  virtual void idle(int64_t time) = 0;
  // The kernel's word on the writer: it ended or died.
  virtual bool writer_gone() = 0;
  virtual bool truncated() const { return data_.truncated(); }

  void start_at(const fr_reader_options& o);
  framering::RingState ring_state() const;

  framering::ProcessMark process_;
  framering::RingName name_;
  framering::DataObject data_;
  uint32_t delivery_;
  uint32_t max_leases_;
  bool timed_;
  uint32_t leased_ = 0;  // slots with at least one lease
  std::vector<Lease> leases_;
  uint64_t cursor_ = 0;  // last sequence looked at
  framering::LossAccount account_;
  // Where latencies are counted: in this reader's entry, or else here.
  framering::LatencyTotals own_latency_{};
  framering::LatencyTotals* latency_ = &own_latency_;
  int spins_ = 0;  // how often the next() going on may still look again

 private:
  fr_next take(uint64_t max_age, fr_frame* frame, fr_error* err);
  fr_next take_newest(uint64_t max_age, fr_frame* frame);
  fr_next take_next(uint64_t latest, uint64_t max_age, fr_frame* frame);
  bool too_old(uint32_t slot, uint64_t sequence, uint64_t max_age) const;
  void deliver(uint64_t sequence, const framering::FrameHeader& h, fr_frame* frame);
  bool is_over(bool about_to_sleep, int64_t time);

  uint64_t seen_ = 0;  // newest entry of the ring at the last look
  int64_t asked_ = 0;  // when the kernel was last asked whether the writer lives
};
