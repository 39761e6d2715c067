// Identifiers nobody can guess or repeat: generations, sessions, the place of the life lock.
#pragma once

#include <cstdint>

namespace framering {

// 1 .. 2^53 - 1: exact as a double, and 0 stays free to mean "none".
uint64_t random_id();

}  // namespace framering
