// The two shared-memory objects of one generation as their writer holds them: made, sized, filled
// and linked.
#pragma once

#include <cstdint>
#include <string>

#include "bells.h"
#include "layout.h"
#include "mapping.h"
#include "names.h"

namespace framering {

struct ObjectSpec {
  RingName name;
  Geometry geometry;
  uint64_t session = 0;
  uint32_t data_mode = 0600, ctl_mode = 0600;
  int64_t data_group = -1, ctl_group = -1;
  uint32_t memory_lock = FR_LOCK_TRY;
};

struct LockResult {
  uint32_t locked = FR_LOCKED_NO;
  int sys = 0;
  uint64_t bytes = 0;
};

// One generation as its writer holds it. Between publish_names() and remove_names() it has names;
// before, a crash leaves nothing but the doorbells' directory, which the next writer of the name
// removes.
class WriterObjects {
 public:
  WriterObjects() = default;
  WriterObjects(WriterObjects&&) = default;
  WriterObjects& operator=(WriterObjects&&) = default;

  // Everything but the names: allocated, sized, zeroed, locked, doorbells made.
  static fr_status create(const ObjectSpec& spec, WriterObjects* out, fr_error* err);
  // Links both under the ring's name, the data object last, over older ones if there are any.
  fr_status publish_names(fr_error* err);
  // Around publish_names of a successor: a second name for the control object, which is the first
  // to lose its own, so that it can be given back when the successor fails half way.
  int keep_ctl();
  void give_ctl_back();
  void let_ctl_go();
  // Removes the names, but only where they still name these objects. The doorbells stay: they hang
  // up when they go, and a reader woken by that must find out why.
  void remove_names();

  const Geometry& geometry() const { return geometry_; }
  uint64_t generation() const { return generation_; }
  const LockResult& lock() const { return lock_; }
  fr_mapping* mapping() const { return data_.get(); }
  bool truncated() const { return data_->truncated() || ctl_->truncated(); }

  LiveState* live() const { return at<LiveState>(data_, kPage); }
  Word* index() const { return at<Word>(data_, geometry_.index_offset); }
  FrameHeader* frame(uint32_t slot) const {
    return at<FrameHeader>(data_, geometry_.frames_offset) + slot;
  }
  Moment* moment(uint64_t sequence) const {
    return at<Moment>(data_, geometry_.moments_offset) + sequence % kMoments;
  }
  Holder* holder(uint32_t i) const { return at<Holder>(data_, geometry_.holders_offset) + i; }
  EpochText* text(uint32_t i) const { return at<EpochText>(data_, geometry_.texts_offset) + i; }
  uint8_t* payload(uint32_t slot) const {
    return data_->data() + geometry_.payload_offset + slot * geometry_.slot_bytes;
  }
  CtlHeader* ctl() const { return at<CtlHeader>(ctl_, 0); }
  PinWord* pins(uint32_t slot) const { return at<PinWord>(ctl_, kPage) + slot; }
  ReaderEntry* entry(uint32_t i) const {
    return at<ReaderEntry>(ctl_, geometry_.entries_offset) + i;
  }
  Bells& bells() { return bells_; }
  // An open of the control object of its own, never mapped: for asking and taking readers' locks.
  int reader_locks() const { return reader_locks_.get(); }

 private:
  template <typename T>
  static T* at(const OwnedMapping& m, uint64_t offset) {
    return reinterpret_cast<T*>(m->data() + offset);
  }
  int link_names();

  RingName name_;
  Geometry geometry_;
  uint64_t generation_ = 0;
  LockResult lock_;
  ForkFd data_fd_, ctl_fd_;
  // The life lock sits on an open of its own that is never mapped: a mapping would keep the lock
  // after the descriptor is closed.
  ForkFd life_fd_, reader_locks_;
  OwnedMapping data_, ctl_;
  Bells bells_;
};

}  // namespace framering
