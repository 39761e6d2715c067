// Addresses that were lent to a language runtime, after their mapping is gone.
//
// Native code that the runtime started on a frame (a compressor, an encoder) may still be reading
// when the frame was released and the reader closed. It was told not to, and gets zeros for it; a
// fault would take the whole process down (I6). So such addresses are not given back to the system
// at once: private pages that exist only once touched stand in for the last of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace framering {

// Replaces what is mapped there by zeros that may be written to, for good or until this process has
// lent and left a good many others, or has no address left for something that it maps.
void leave_zeros(uint8_t* base, size_t length);

// Gives all of it back to the system, because something else could not be mapped. False when there
// was none.
bool give_back_late_memory();

// Around a fork: a child must not find the list locked by a thread that it does not have.
void hold_late_memory();
void free_late_memory();

}  // namespace framering
