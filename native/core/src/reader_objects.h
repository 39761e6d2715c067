// The two shared-memory objects of one generation as a reader holds them: opened, checked, mapped.
#pragma once

#include <cstdint>

#include "fork_fd.h"
#include "layout.h"
#include "mapping.h"
#include "names.h"

namespace framering {

// The writer's object, which a reader cannot change.
class DataObject {
 public:
  DataObject() = default;
  DataObject(DataObject&&) = default;
  DataObject& operator=(DataObject&&) = default;

  const Geometry& geometry() const { return geometry_; }
  const DataHeader& header() const { return header_; }
  uint32_t owner() const { return owner_; }
  fr_mapping* payload_mapping() const { return payload_.get(); }
  // The kernel's word on the writer, by its lock. (Once joined, a reader asks its life line.)
  bool writer_alive() const;
  // Whether its name still stands for it. Asked when the writer does not seem to live: one that
  // makes larger objects names those before it lets the lock of these go.
  bool still_named(const RingName& name) const;
  bool truncated() const { return words_->truncated() || (payload_ && payload_->truncated()); }
  const fr_mapping* words() const { return words_.get(); }
  int fd() const { return fd_.get(); }

  const LiveState* live() const { return at<LiveState>(kPage); }
  const Word* index() const { return at<Word>(geometry_.index_offset); }
  const FrameHeader* frame(uint32_t slot) const {
    return at<FrameHeader>(geometry_.frames_offset) + slot;
  }
  const Moment* moment(uint64_t sequence) const {
    return at<Moment>(geometry_.moments_offset) + sequence % kMoments;
  }
  const Holder* holder(uint32_t i) const { return at<Holder>(geometry_.holders_offset) + i; }
  const EpochText* text(uint32_t i) const { return at<EpochText>(geometry_.texts_offset) + i; }
  const uint8_t* payload(uint32_t slot) const {
    return payload_->data() + slot * geometry_.slot_bytes;
  }
  bool restore_payload(uint32_t slot) {
    return payload_->restore_slot(slot, fd_.get(), geometry_.payload_offset);
  }
  bool take_dirty(uint32_t slot) { return payload_->take_dirty(slot); }
  void mark_dirty(uint32_t slot) { payload_->mark_dirty(slot); }
  void prefault() {
    words_->prefault();
    payload_->prefault();
  }

 private:
  friend class Attaching;
  template <typename T>
  const T* at(uint64_t offset) const {
    return reinterpret_cast<const T*>(words_->data() + offset);
  }

  Geometry geometry_;
  DataHeader header_{};
  uint32_t owner_ = 0;
  ForkFd fd_;
  OwnedMapping words_;  // headers, index, frame headers, texts: shared, read-only
  // Slots: read-only, and private to readers that hold frames in place. None for onlookers.
  OwnedMapping payload_;
};

// The object readers write into too.
class ControlObject {
 public:
  ControlObject() = default;
  ControlObject(ControlObject&&) = default;
  ControlObject& operator=(ControlObject&&) = default;

  bool ok() const { return static_cast<bool>(mapping_); }
  bool truncated() const { return mapping_->truncated(); }
  int fd() const { return fd_.get(); }
  // A fresh open of the same object, for a lock. 0 or an errno: ENOENT when its name is gone or
  // went to another.
  int reopen(const RingName& name, ForkFd* out) const;

  CtlHeader* header() const { return at<CtlHeader>(0); }
  PinWord* pins(uint32_t slot) const { return at<PinWord>(kPage) + slot; }
  ReaderEntry* entry(uint32_t i) const { return at<ReaderEntry>(entries_offset_) + i; }

 private:
  friend class Attaching;
  template <typename T>
  T* at(uint64_t offset) const {
    return reinterpret_cast<T*>(mapping_->data() + offset);
  }

  uint64_t entries_offset_ = 0;
  ForkFd fd_;
  OwnedMapping mapping_;
};

// What the objects are opened for.
enum class Purpose {
  kJoin,     // both, the control object for writing
  kObserve,  // the data object alone, which takes no more than the permission to read it
  // To look at: no payload, and the control object for reading, where that is allowed and it is of
  // the same generation; otherwise it is not ok().
  kInspect,
};

// Opens the objects of one generation, checks every header field and maps them. `not_generation`:
// refuse that one with FR_NOT_FOUND; 0 = take any.
fr_status attach(const RingName& name, uint64_t not_generation, Purpose purpose, DataObject* data,
                 ControlObject* ctl, fr_error* err);

// NOT_FOUND: for objects whose writer is dead.
fr_status fail_dead_writer(const RingName& name, fr_error* err);

}  // namespace framering
