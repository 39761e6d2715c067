// The directory of FIFOs through which event loops are woken, and through which they learn of the
// writer's death: `life` is held open by the writer and hangs up with it; `0`, `1`, ... belong to
// the reader entries. The writer makes them all, so that nobody ever opens a name a reader chose.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fork_fd.h"
#include "names.h"

namespace framering {

// The writer's side.
class Bells {
 public:
  // `mode`: of the control object; those who may write that may read the FIFOs, for reading takes a
  // ring away. Only the writer may write them.
  fr_status create(const RingName& name, uint64_t generation, uint32_t count, uint32_t mode,
                   int64_t group, fr_error* err);
  // Wakes reader entry `i`. A full FIFO counts as rung. False when there is nothing to ring.
  bool ring(uint32_t i);
  void remove();

  Bells() = default;
  Bells(Bells&&) = default;
  Bells& operator=(Bells&&) = default;

 private:
  ForkFd directory_;
  ForkFd life_;
  std::vector<ForkFd> fds_;
  std::string path_;
};

// The reader's side: non-blocking descriptors, checked to be FIFOs of the ring's owner.
struct BellFds {
  ForkFd bell;
  ForkFd life;
  // 0 or an errno: ENOENT when they are not there, EPIPE when the writer has gone.
  int open(const RingName& name, uint64_t generation, uint32_t entry, uint32_t owner);
  void drain();
  // The writer let its end of `life` go: the kernel's word that it ended or died.
  bool hung_up();
};

// Removes a bells directory, whoever made it. 0 or an errno; missing is fine.
int remove_bells(const std::string& path);

}  // namespace framering
