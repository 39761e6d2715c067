// What dead writers left in a directory, and its removal.
#pragma once

#include <string>
#include <vector>

#include "names.h"

namespace framering {

// One file or directory of doorbells that belongs to a ring.
struct RingFile {
  std::string entry;  // in the ring's directory
  RingName ring;
};

// Everything in a directory that is named as a ring's, in no order. False when it cannot be read.
bool list_ring_files(const std::string& directory, std::vector<RingFile>* out);

// Whether it is named as a directory of doorbells, and not as an object or a lock.
bool is_bells(const RingFile& file);

// Whether the ring's data object says that its writer lives. A writer whose lock file was removed
// shows it there alone.
bool shows_life(const RingName& name);

// 0 or an errno; what is gone already is fine. Only for whoever holds the ring's name lock.
int remove_ring_file(const RingFile& file);

// Removes what a dead writer of this name left. The caller holds the name's lock.
fr_status remove_remains(const RingName& name, fr_error* err);

}  // namespace framering
