// Memory without a file name (memfd_create), and how another process finds it.
//
// Its name tells where to look first and how to know it:
//
//   PID.FD.ID    an open file descriptor of that process, and the id in the memory's own label
//
// /proc/PID/fd/FD opens the memory itself for whoever the kernel lets look at that process: the
// same user, or root. Where that process is gone, any other that has it open will do: all of them
// carry the label.
#pragma once

#include <string>

#include "../include/framering.h"
#include "fork_fd.h"

namespace framering {

// New, sealed against being shortened or lengthened, every byte allocated.
fr_status make_anonymous(uint64_t bytes, ForkFd* out, std::string* name, fr_error* err);

// The memory of that name. `name` becomes the one by which this process's descriptor is found.
fr_status find_anonymous(std::string* name, int access, ForkFd* out, fr_error* err);

}  // namespace framering
