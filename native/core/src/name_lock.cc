#include "name_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "error.h"
#include "ofd_lock.h"

namespace framering {
namespace {

constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

// In two steps: with O_CREAT alone the kernel refuses an existing file of another user in a sticky
// directory (fs.protected_regular), to root as well.
int open_or_create(const std::string& path, UniqueFd* out) {
  for (;;) {
    out->reset(open(path.c_str(), kFlags));
    if (out->ok() || errno != ENOENT) break;
    out->reset(open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0600));
    if (out->ok() || errno != EEXIST) break;
  }
  return out->ok() ? 0 : errno;
}

bool still_named(const std::string& path, int fd) {
  struct stat named, held;
  return lstat(path.c_str(), &named) == 0 && fstat(fd, &held) == 0 && named.st_ino == held.st_ino &&
         named.st_dev == held.st_dev;
}

}  // namespace

fr_status NameLock::acquire(const RingName& name, NameLock* out, fr_error* err) {
  const std::string path = name.path(name.file("lock"));
  for (;;) {
    UniqueFd fd;
    if (const int sys = open_or_create(path, &fd); sys != 0) {
      if (sys == EACCES || sys == EPERM) {
        struct stat st = {};
        const bool exists = lstat(path.c_str(), &st) == 0;
        return fail(
            err, FR_PERMISSION, sys,
            "uid %u may not write %s (%s uid %u, mode %04o): write the ring as that user or "
            "choose another name or directory",
            geteuid(), exists ? path.c_str() : name.directory.c_str(),
            exists ? "owner" : "directory; owner", st.st_uid, st.st_mode & 07777);
      }
      return fail(err,
                  sys == ENOENT || sys == ENOTDIR ? FR_OPTION_INVALID
                  : sys == ENOSPC                 ? FR_SHM_FULL
                                                  : FR_SYSTEM,
                  sys, "cannot make %s: does the directory exist, and is there room in it?",
                  path.c_str());
    }
    struct stat st = {};
    if (fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1) {
      return fail(
          err, FR_PERMISSION, 0,
          "%s is not the plain file a writer's lock is (uid %u, mode %04o): remove it or choose "
          "another name",
          path.c_str(), st.st_uid, st.st_mode & 07777);
    }
    if (const int sys = lock_byte(fd.get(), 0); sys == EAGAIN) {
      char text[24] = {};
      // For the message only; a pid of another PID namespace means nothing here.
      const bool known = pread(fd.get(), text, sizeof text - 1, 0) > 0;
      return fail(
          err, FR_NAME_IN_USE, 0,
          "ring '%s' has a live writer (process %ld): close that one or choose another name",
          name.name.c_str(), known ? strtol(text, nullptr, 10) : 0L);
    } else if (sys != 0) {
      return fail(err, FR_UNSUPPORTED, sys, "%s does not support open-file-description locks",
                  name.directory.c_str());
    }
    // The holder before us removes the file while it holds the lock: what we locked may have no
    // name any more, and the next writer would lock another file.
    if (!still_named(path, fd.get())) continue;
    char text[24];
    const int length = snprintf(text, sizeof text, "%d\n", getpid());
    if (ftruncate(fd.get(), 0) != 0 ||
        pwrite(fd.get(), text, static_cast<size_t>(length), 0) != length) {
      // Only the message of a second writer would be poorer.
    }
    out->path_ = path;
    out->fd_ = std::move(fd);
    return FR_OK;
  }
}

void NameLock::remove() {
  if (fd_.ok() && still_named(path_, fd_.get())) unlink(path_.c_str());
  fd_.reset();
}

}  // namespace framering
