// A named semaphore: its file in /dev/shm, mapped, and the waiting on it.
#pragma once

#include <memory>
#include <string>

#include "../include/framering_semaphore.h"
#include "fork_fd.h"
#include "glibc_semaphore.h"
#include "mapping.h"

struct fr_semaphore {
 public:
  static fr_status open(const fr_semaphore_options& o, fr_semaphore** out, fr_error* err);
  static fr_status unlink(const char* name, fr_error* err);
  fr_semaphore(const fr_semaphore&) = delete;
  fr_semaphore& operator=(const fr_semaphore&) = delete;

  fr_status post(fr_error* err);
  fr_wait try_wait(fr_error* err);
  fr_wait wait(int64_t deadline, const fr_cancel* cancel, fr_error* err);
  fr_status value(uint32_t* value, fr_error* err);

 private:
  explicit fr_semaphore(std::string name) : name_(std::move(name)) {}

  fr_status create(const fr_semaphore_options& o, fr_error* err);
  fr_status attach(fr_error* err);
  fr_status map(int fd, fr_error* err);
  fr_status check_process(fr_error* err) const;
  fr_status check_whole(fr_error* err) const;

  framering::GlibcSemaphore* words() const {
    return reinterpret_cast<framering::GlibcSemaphore*>(mapping_->data());
  }

  std::string name_;  // without a leading slash
  framering::ProcessMark process_;
  framering::OwnedMapping mapping_;
};
