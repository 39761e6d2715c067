// One writer per name: a lock on a file that only writers may open. (A lock on the data object
// would not do: whoever may read that can take a read lock and keep the writer out.)
#pragma once

#include "names.h"
#include "unique_fd.h"

namespace framering {

class NameLock {
 public:
  // FR_NAME_IN_USE when a live writer holds it.
  static fr_status acquire(const RingName& name, NameLock* out, fr_error* err);
  // Removes the file and lets go. Only for the holder.
  void remove();

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace framering
