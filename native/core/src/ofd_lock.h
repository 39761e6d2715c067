// Liveness by open-file-description locks: the kernel drops them with the last descriptor of the
// open that took them, so they hold across PID namespaces and PID reuse and need no clean-up.
#pragma once

#include <cstdint>

namespace framering {

// Takes the write lock on one byte without waiting; needs a descriptor open for writing. 0, or an
// errno: EAGAIN when somebody else holds it.
int lock_byte(int fd, uint64_t offset);
void unlock_byte(int fd, uint64_t offset);

// Whether some other open holds a write lock on the byte. A descriptor open for reading suffices,
// and a read lock, which anybody who may read the file can take, does not count.
bool byte_is_locked(int fd, uint64_t offset);

}  // namespace framering
