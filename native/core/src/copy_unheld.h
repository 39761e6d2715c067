// Reading what is not held.
#pragma once

#include <cstddef>

namespace framering {

// Copies bytes that the writer may be changing. A race, and meant: whoever calls this looks
// afterwards whether the writer came in between, and throws the copy away then. Atomic words would
// make it none in the letter, at several times the cost for a picture. ThreadSanitizer is told.
void copy_unheld(void* to, const void* from, size_t bytes);

}  // namespace framering
