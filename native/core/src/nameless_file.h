// Files that have no name yet, so that a crash before they get one leaves nothing.
#pragma once

#include <cstdint>
#include <string>

#include "../include/framering.h"
#include "fork_fd.h"

namespace framering {

// An empty one in `directory`, for its owner alone. `what` is to live there, as a sentence names
// it.
fr_status open_nameless(const std::string& directory, const std::string& what, ForkFd* out,
                        fr_error* err);

// OPTION_INVALID for bits that nothing made here gets: execution, and writing by everybody.
fr_status check_mode(uint32_t mode, fr_error* err);

// Allocates every byte now: a page that cannot be had later would be a SIGBUS in the middle of a
// write. 0 or an errno.
int allocate(int fd, uint64_t bytes);

}  // namespace framering
