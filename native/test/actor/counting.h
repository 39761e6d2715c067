// An actor's semaphore: for what a forked child may do with its parent's.
#pragma once

#include "framering_semaphore.h"
#include "line.h"

namespace framering::test {

class Counting {
 public:
  explicit Counting(const Wire& wire) : wire_(wire) {}

  // False when the verb is not about semaphores.
  bool perform(const Line& line);

 private:
  void open(const Line& line);
  void tell(fr_status status, const fr_error& err) const;

  const Wire& wire_;
  fr_semaphore* semaphore_ = nullptr;
};

}  // namespace framering::test
