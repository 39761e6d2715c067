// Wakes threads that sleep on a semaphore when the writer they wait for goes.
//
// A writer that dies posts nothing, but its end of the `life` FIFO hangs up. One thread of the
// process polls those of all readers that ever slept, and posts their semaphores when it happens.
// It is started by the first that does, and nothing of it lies between a frame and its reader.
#pragma once

#include <cstdint>

#include "semaphore.h"

namespace framering {

class LifeWatch {
 public:
  LifeWatch() = default;
  LifeWatch(const LifeWatch&) = delete;
  LifeWatch& operator=(const LifeWatch&) = delete;
  ~LifeWatch() { stop(); }

  // Posts `sleeper` once `life` hangs up. False when the system has no thread or descriptor left:
  // then the sleeper has to ask by itself.
  bool start(int life, Semaphore* sleeper);
  // No post starts after this.
  void stop();
  bool running() const { return key_ != 0; }

 private:
  uint64_t key_ = 0;
  int life_ = -1;
};

}  // namespace framering
