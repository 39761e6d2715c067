// Whether memory for a ring is there, asked before the first byte is allocated: posix_fallocate of
// more than a memory cgroup allows ends in the OOM killer, not in an error.
#pragma once

#include <cstdint>
#include <string>

#include "../include/framering.h"

namespace framering {

// FR_OK, or FR_SHM_FULL naming what is short, by how much, and the setting that mends it.
fr_status check_room(const std::string& directory, uint64_t needed, fr_error* err);

}  // namespace framering
