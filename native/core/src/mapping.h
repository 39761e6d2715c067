// A mapped range of a file, guarded against faults, shared by reference count between the handle
// that made it and the views a language runtime still holds (fr_mapping in the C face).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "fault_guard.h"

struct fr_mapping {
 public:
  enum class Access {
    kSharedReadWrite,  // the writer's objects, everybody's control object
    kSharedReadOnly,   // a reader's view of the writer's words
    kPrivateReadOnly,  // a reader's view of the payload
  };

  // nullptr with errno set. The first reference is the caller's.
  static fr_mapping* map(int fd, uint64_t offset, size_t length, size_t slot_bytes, Access access);

  // Private memory, zeros at first, whose pages exist once they are touched.
  static fr_mapping* anonymous(size_t length);

  uint8_t* data() const { return base_; }
  size_t length() const { return length_; }
  bool truncated() const { return region_ != nullptr && region_->truncated(); }

  // Brings the pages in now, so that the first frame is as fast as the thousandth.
  void prefault();
  // Throws away what was written into a private slot and protects it again. `fd` and `offset` as
  // given to map: needed where scratch memory had to be put in the slot's place.
  bool restore_slot(uint32_t slot, int fd, uint64_t offset);
  void mark_dirty(uint32_t slot) {
    if (region_ != nullptr) region_->mark_dirty(slot);
  }
  bool take_dirty(uint32_t slot) { return region_ != nullptr && region_->take_dirty(slot); }

  void ref();
  void unref();
  // The owner is done: the addresses read as zeros for whoever still has them. Drops the owner's
  // reference.
  void retire();

 private:
  fr_mapping(uint8_t* base, size_t length, size_t slot_bytes, Access access)
      : base_(base), length_(length), slot_bytes_(slot_bytes), access_(access) {}
  ~fr_mapping();

  uint8_t* base_;
  size_t length_;
  size_t slot_bytes_;
  Access access_;
  framering::Region* region_ = nullptr;
  std::atomic<uint32_t> references_{1};
  std::atomic<bool> lent_{false};  // somebody but the owner had a reference
#ifdef FR_TEST_HOOKS
  bool borrowed_ = false;  // of the process's one mapping of the object: see one_mapping.h
#endif
};

namespace framering {

// The owner's reference: retires the mapping when it goes.
class OwnedMapping {
 public:
  OwnedMapping() = default;
  explicit OwnedMapping(fr_mapping* m) : mapping_(m) {}
  OwnedMapping(OwnedMapping&& other) noexcept : mapping_(other.mapping_) {
    other.mapping_ = nullptr;
  }
  OwnedMapping& operator=(OwnedMapping&& other) noexcept {
    if (this != &other) {
      if (mapping_ != nullptr) mapping_->retire();
      mapping_ = other.mapping_;
      other.mapping_ = nullptr;
    }
    return *this;
  }
  OwnedMapping(const OwnedMapping&) = delete;
  OwnedMapping& operator=(const OwnedMapping&) = delete;
  ~OwnedMapping() {
    if (mapping_ != nullptr) mapping_->retire();
  }
  fr_mapping* get() const { return mapping_; }
  fr_mapping* operator->() const { return mapping_; }
  explicit operator bool() const { return mapping_ != nullptr; }

 private:
  fr_mapping* mapping_ = nullptr;
};

}  // namespace framering
