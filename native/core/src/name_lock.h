// One writer per name: a lock on a file that only writers may open. (A lock on the data object
// would not do: whoever may read that can take a read lock and keep the writer out.)
//
//   byte 0  held by the writer for its life, and by a sweep for as long as it removes
//   byte 1  held by a sweep, before it takes byte 0: tells another sweep that it is one
//   byte 2  held by the writer, from just after it took byte 0: says that byte 0 is taken for good
#pragma once

#include "fork_fd.h"
#include "names.h"

namespace framering {

class NameLock {
 public:
  // FR_NAME_IN_USE when a live writer holds it. Waits for what takes no time: a sweep, and a writer
  // that is dying, ending or about to begin.
  static fr_status acquire(const RingName& name, NameLock* out, fr_error* err);
  // For removing what a dead writer left. FR_NAME_IN_USE also when another sweep is at it. `owner`:
  // whom the file is given if it had to be made, so that root's sweep keeps nobody from writing a
  // ring of his.
  static fr_status acquire_for_sweep(const RingName& name, uint32_t owner, NameLock* out,
                                     fr_error* err);
  // Whether somebody holds it, as far as this process may ask.
  static fr_status is_held(const RingName& name, bool* held, fr_error* err);
  // Whether the lock's file still has its name. Without it, another writer may have taken the
  // ring's.
  bool named() const;
  // Removes the file and lets go. Only for the holder.
  void remove();

 private:
  static fr_status open(const RingName& name, ForkFd* out, bool* made, fr_error* err);

  std::string path_;
  ForkFd fd_;
};

}  // namespace framering
