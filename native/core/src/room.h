// Whether memory is there, asked before the first byte is allocated: posix_fallocate of
// more than a memory cgroup allows ends in the OOM killer, not in an error.
#pragma once

#include <cstdint>
#include <string>

#include "../include/framering.h"

namespace framering {

// FR_OK, or FR_SHM_FULL naming what is short, by how much, and the setting that mends it. `what`
// needs it, as a sentence names it; `less` is how to ask for less. An empty `directory`: memory
// that takes no room in any.
fr_status check_room(const std::string& directory, uint64_t needed, const std::string& what,
                     const char* less, fr_error* err);

}  // namespace framering
