// One reader of a ring: what fr_reader stands for in the C face. It writes nothing but its own bit
// of the pin words and its own entry.
#pragma once

#include <cstdint>
#include <vector>

#include "bells.h"
#include "life_watch.h"
#include "objects.h"

struct fr_reader {
 public:
  static fr_status open(const fr_reader_options& o, fr_reader** out, fr_error* err);

  fr_next next(uint32_t arm, uint64_t max_age, fr_frame* frame, fr_error* err);
  fr_next wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err);
  fr_status retain(uint32_t slot, fr_error* err);
  fr_status release(uint32_t slot, fr_error* err);
  fr_status format(uint32_t slot, fr_format* format, char* text, uint32_t* text_bytes,
                   fr_error* err) const;
  void info(fr_reader_info* info) const;
  void position(fr_position* position) const;
  uint32_t leases() const { return leased_; }
  framering::BellFds& bells() { return bells_; }
  bool writer_alive() const { return ring_.writer_alive(); }
  fr_mapping* mapping() const { return ring_.payload_mapping(); }
  void leave();

 private:
  struct Lease {
    uint32_t count = 0;
    uint64_t sequence = 0;
  };

  fr_status join(const fr_reader_options& o, fr_error* err);
  bool try_entry(const framering::ForkFd& fd, uint32_t i);
  fr_next take(uint64_t max_age, fr_frame* frame, fr_error* err);
  fr_next take_newest(uint64_t max_age, fr_frame* frame);
  fr_next take_next(uint64_t latest, uint64_t max_age, fr_frame* frame);
  bool lease(uint32_t slot, uint64_t sequence);
  bool clean_payload(uint32_t slot);
  void unpin(uint32_t slot);
  void wake_writer();
  bool too_old(uint32_t slot, uint64_t sequence, uint64_t max_age) const;
  void deliver(uint32_t slot, uint64_t sequence, fr_frame* frame);
  void move_cursor(uint64_t sequence);
  framering::RingState ring_state() const;
  bool is_over(bool about_to_sleep);

  framering::ProcessMark process_;
  framering::RingName name_;
  framering::ReaderObjects ring_;
  framering::BellFds bells_;
  framering::ForkFd entry_lock_;  // an open of its own, never mapped
  uint32_t index_ = 0;
  uint64_t bit_ = 0;
  framering::ReaderEntry* entry_ = nullptr;
  uint32_t delivery_ = FR_LATEST;
  uint32_t max_leases_ = 1;
  uint32_t leased_ = 0;  // slots with at least one lease
  std::vector<Lease> leases_;
  uint64_t cursor_ = 0;     // last sequence looked at
  uint64_t delivered_ = 0;  // last sequence leased
  bool has_base_ = false;   // the three below are known
  uint64_t base_dropped_ = 0, base_source_lost_ = 0;
  uint64_t aged_ = 0;  // passed over for their age since the last delivery
  uint64_t lost_restart_ = 0;
  uint64_t received_ = 0;
  uint32_t resting_ = FR_BELL_NONE;  // the bell that the last next() left armed
  int spins_ = 0;                    // how often the next() going on may still look again
  int64_t asked_ = 0;                // when the kernel was last asked whether the writer lives
  framering::LifeWatch life_watch_;  // last: it posts into the mapping above
};
