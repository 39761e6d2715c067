// A file mapped as a whole: what fr_segment stands for in the C face.
#pragma once

#include <string>

#include "../include/framering_segment.h"
#include "fork_fd.h"
#include "mapping.h"

struct fr_segment {
 public:
  static fr_status create(const std::string& directory, uint64_t bytes, uint32_t mode,
                          fr_segment** out, fr_error* err);
  static fr_status open(const std::string& path, uint32_t flags, fr_segment** out, fr_error* err);
  static fr_status anonymous(uint64_t bytes, fr_segment** out, fr_error* err);
  static fr_status attach(const std::string& name, uint32_t flags, fr_segment** out, fr_error* err);
  ~fr_segment() = default;
  fr_segment(const fr_segment&) = delete;
  fr_segment& operator=(const fr_segment&) = delete;

  void info(fr_segment_info* info) const;
  fr_status link(const std::string& path, fr_error* err);
  fr_status sync(uint64_t offset, uint64_t length, int flags, fr_error* err);
  fr_status lock(uint64_t offset, uint64_t length, fr_error* err);
  fr_status unlock(uint64_t offset, uint64_t length, fr_error* err);
  fr_mapping* mapping() const { return mapping_.get(); }

 private:
  fr_segment() = default;
  fr_status map(const std::string& path, fr_error* err);
  struct Pages {
    uint8_t* first = nullptr;
    size_t bytes = 0;
  };
  fr_status pages(uint64_t offset, uint64_t length, Pages* out, fr_error* err) const;

  // Open while somebody may need it: until a new file is linked, for good when it is anonymous, for
  // that is how others find it.
  framering::ForkFd fd_;
  framering::OwnedMapping mapping_;
  framering::ProcessMark process_;
  uint64_t bytes_ = 0;
  uint64_t device_ = 0, inode_ = 0;
  uint32_t mode_ = 0;
  bool read_only_ = false;
  std::string name_;  // of anonymous memory
};
