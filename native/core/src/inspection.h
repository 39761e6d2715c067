// A ring seen from outside: what fr_inspection stands for in the C face.
#pragma once

#include "../include/framering_inspect.h"
#include "reader_objects.h"

struct fr_inspection {
 public:
  static fr_status open(const char* directory, const char* name, fr_inspection** out,
                        fr_error* err);

  void ring(fr_ring_facts* facts) const;
  fr_status format(fr_format* format, char* text, uint32_t* text_bytes, fr_error* err) const;
  bool reader(uint32_t entry, fr_reader_facts* facts) const;
  bool slot(uint32_t slot, fr_slot_facts* facts) const;
  uint64_t held(uint32_t slot, uint32_t entry) const;
  uint32_t moments(uint64_t after, fr_moment* out, uint32_t room) const;
  fr_status frame(uint64_t sequence, fr_frame* frame, fr_format* format, fr_error* err) const;

 private:
  struct Cursors {
    uint64_t head, latest, dropped, source_lost;
  };
  Cursors cursors() const;
  // A copy of the header in a slot while its state was `state` throughout. False: it was not.
  bool copy_header(uint32_t slot, uint64_t state, framering::FrameHeader* copy) const;
  bool copy_first_format(framering::FrameHeader* copy) const;
  void read_losses(const framering::ReaderEntry& entry, fr_reader_facts* facts) const;

  framering::ProcessMark process_;
  framering::RingName name_;
  framering::DataObject data_;
  framering::ControlObject ctl_;
};
