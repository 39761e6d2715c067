#include "nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "error.h"
#include "limits.h"

namespace framering {

fr_status open_nameless(const std::string& directory, const std::string& what, ForkFd* out,
                        fr_error* err) {
  ForkFd fd = ForkFd::open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (!fd.ok()) {
    const int sys = errno;
    if (is_descriptor_limit(sys)) return fail_descriptor_limit(what, sys, err);
    if (sys == ENOSPC) return fail_no_inode(directory, err);
    const fr_status status = sys == EACCES || sys == EPERM        ? FR_PERMISSION
                             : sys == EOPNOTSUPP || sys == EISDIR ? FR_UNSUPPORTED
                                                                  : FR_SYSTEM;
    return fail(err, status, sys,
                "uid %u cannot make files in %s: choose a directory that it may write, on tmpfs or "
                "a local disk",
                geteuid(), directory.c_str());
  }
  *out = std::move(fd);
  return FR_OK;
}

fr_status check_mode(uint32_t mode, fr_error* err) {
  constexpr uint32_t kModes = 0664;
  if ((mode & ~kModes) == 0) return FR_OK;
  return fail(
      err, FR_OPTION_INVALID, 0,
      "mode %04o has other bits than %04o: nothing is made that everybody can write or that "
      "is executable",
      mode, kModes);
}

// In pieces, because a signal makes the kernel undo the whole of an unfinished call.
int allocate(int fd, uint64_t bytes) {
  constexpr uint64_t kPiece = 16u << 20;
  for (uint64_t done = 0; done < bytes;) {
    const uint64_t piece = std::min(kPiece, bytes - done);
    const int sys = posix_fallocate(fd, static_cast<off_t>(done), static_cast<off_t>(piece));
    if (sys == EINTR) continue;
    if (sys != 0) return sys;
    done += piece;
  }
  return 0;
}

}  // namespace framering
