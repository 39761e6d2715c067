// The writer of a ring: what fr_writer stands for in the C face. It alone writes the data object.
#pragma once

#include <cstdint>
#include <memory>

#include "name_lock.h"
#include "reader_roll.h"
#include "slot_ages.h"
#include "writer_objects.h"

namespace framering {

// Everything that belongs to one pair of objects and is replaced with them.
struct Generation {
  WriterObjects ring;
  ReaderRoll roll;
  SlotAges ages;

  explicit Generation(WriterObjects objects)
      : ring(std::move(objects)), roll(&ring), ages(ring.geometry().slot_count) {}
};

}  // namespace framering

struct fr_writer {
 public:
  static fr_status create(const fr_writer_options& o, fr_writer** out, fr_error* err);

  fr_status loan(fr_loan* loan, fr_error* err);
  fr_status publish(uint32_t slot, const fr_meta& meta, uint64_t* sequence, fr_error* err);
  fr_status abandon(uint32_t slot, fr_error* err);
  void drop(const fr_meta& meta, uint64_t* sequence);
  fr_status set_format(const fr_format& format, uint64_t slot_bytes, const char* text,
                       uint32_t text_bytes, fr_error* err);
  void info(fr_writer_info* info) const;
  void stats(fr_writer_stats* stats) const;
  void close();

  fr_mapping* mapping() const { return now_->ring.mapping(); }
  uint64_t slot_bytes() const { return now_->ring.geometry().slot_bytes; }
  fr_status check_alive(fr_error* err) const;

 private:
  uint32_t acquire();
  uint32_t try_acquire(uint64_t* holders);
  uint64_t next_sequence(const fr_meta& meta);
  void start_epoch(framering::Generation* g, const fr_format& format, const char* text,
                   uint32_t bytes);
  void fill_header(framering::FrameHeader* h, uint64_t sequence, const fr_meta& meta, int64_t time);
  void fill_format(framering::FrameHeader* h, const fr_format& format) const;
  void put_moment(uint64_t sequence, uint64_t time, uint32_t clock, int64_t capture);
  void end(framering::Generation* g, framering::RingState how);

  framering::ProcessMark process_;
  framering::ObjectSpec spec_;
  framering::NameLock name_lock_;
  std::unique_ptr<framering::Generation> now_;
  uint64_t reliable_limit_ = 0;
  fr_format format_{};
  uint32_t epoch_ = 0;
  uint64_t head_ = 0, latest_ = 0, published_ = 0, dropped_ = 0, source_lost_ = 0;
  uint64_t abandoned_ = 0, last_source_ = 0, waited_ = 0;
};
