// An actor's reader: checks every byte of every frame, that sequences rise, and that the figures
// about lost frames come to what the writer says in the frames.
#pragma once

#include <string>
#include <vector>

#include "framering.h"
#include "line.h"

namespace framering::test {

class Reading {
 public:
  Reading(const Wire& wire, std::string directory)
      : wire_(wire), directory_(std::move(directory)) {}

  // False when the verb is not a reader's.
  bool perform(const Line& line);

 private:
  fr_status open(const Line& line, fr_error* err);
  void report_open(const Line& line);
  // Sleeps for frames until the stream is over; tells of the first sleep and of marked frames.
  void follow(const Line& line);
  fr_next sleep_in_wait(fr_frame* frame, fr_error* err);
  // `ahead`: by fr_reader_poll for a while after each wake-up, before it sleeps again.
  fr_next sleep_in_poll(bool ahead, fr_frame* frame, fr_error* err);
  // After MOVED: the larger ring. False when its writer is dead already.
  bool move(fr_error* err);
  void note_head();
  void over(const char* how);

  void verify(const fr_frame& frame);
  void release(const fr_frame& frame);
  void hold(uint64_t most);
  void check_held() const;
  void release_held();
  void leave();
  void fill(const Line& line);
  void flow(const Line& line);

  const Wire& wire_;
  std::string directory_;
  std::string ring_;
  fr_reader_options options_{};
  fr_reader* reader_ = nullptr;
  uint64_t session_ = 0, generation_ = 0;
  std::vector<fr_frame> held_;
  // Of the frame before; nothing is known before the first.
  bool counted_ = false;
  uint64_t sequence_ = 0, dropped_ = 0, source_lost_ = 0;
  uint64_t head_at_join_ = 0;
  uint64_t restart_ = 0;  // what the next frame must say was lost by restarts
  uint64_t received_ = 0, lost_ = 0;
  bool woken_ = false;  // since it follows
};

}  // namespace framering::test
