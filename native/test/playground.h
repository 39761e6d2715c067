// The directory a native test works in, and what must be the same after a round as before.
#pragma once

#include <cstdint>
#include <string>

namespace framering::test {

// This process's own directory, in the one that the script which started us made and will remove,
// also when we crash.
const std::string& playground();
// Entries of the directory, '.' and '..' not counted.
uint32_t entries(const std::string& directory);
// The lowest descriptor that is free: higher than before when one was left open.
int lowest_free_fd();
// Counts what was done; printed when the program ends.
void count_operations(uint64_t more);

}  // namespace framering::test
