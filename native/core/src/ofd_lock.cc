#include "ofd_lock.h"

#include <fcntl.h>

#include <cerrno>

namespace framering {
namespace {

struct flock one_byte(short type, uint64_t offset) {
  struct flock l = {};
  l.l_type = type;
  l.l_whence = SEEK_SET;
  l.l_start = static_cast<off_t>(offset);
  l.l_len = 1;
  return l;
}

}  // namespace

int lock_byte(int fd, uint64_t offset) {
  struct flock l = one_byte(F_WRLCK, offset);
  // Never the waiting form: it can sleep behind a stopped process for ever.
  if (fcntl(fd, F_OFD_SETLK, &l) == 0) return 0;
  return errno == EACCES ? EAGAIN : errno;
}

void unlock_byte(int fd, uint64_t offset) {
  struct flock l = one_byte(F_UNLCK, offset);
  fcntl(fd, F_OFD_SETLK, &l);
}

bool byte_is_locked(int fd, uint64_t offset) {
  // Asking for a read lock: only a write lock conflicts with it.
  struct flock l = one_byte(F_RDLCK, offset);
  if (fcntl(fd, F_OFD_GETLK, &l) != 0) return true;  // not knowing is no reason to call it dead
  return l.l_type == F_WRLCK;
}

}  // namespace framering
