#include "name_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "bells.h"
#include "clock.h"
#include "error.h"
#include "kill_point.h"
#include "layout.h"
#include "limits.h"
#include "ofd_lock.h"
#include "same_file.h"

namespace framering {
namespace {

constexpr uint64_t kHolder = 0, kSweeper = 1, kWriter = 2;

constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

// In two steps: with O_CREAT alone the kernel refuses an existing file of another user in a sticky
// directory (fs.protected_regular), to root as well.
int open_or_create(const std::string& path, ForkFd* out, bool* made) {
  for (;;) {
    *made = false;
    *out = ForkFd::open(path, kFlags);
    if (out->ok() || errno != ENOENT) break;
    *out = ForkFd::open(path, kFlags | O_CREAT | O_EXCL, 0600);
    *made = out->ok();
    if (out->ok() || errno != EEXIST) break;
  }
  return out->ok() ? 0 : errno;
}

// Whether nothing shows that the name's holder lives. A dying process drops its descriptors one
// after another: readers may know of its death by the life line, and one of them come to take over,
// before the kernel drops the lock. A holder on its way in or out has no life line either.
bool shows_no_life(const RingName& name) {
  const UniqueFd data(
      ::open(name.path(name.file("data")).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!data.ok()) return errno == ENOENT;
  struct stat st;
  DataHeader header;
  if (fstat(data.get(), &st) != 0 || !S_ISREG(st.st_mode) ||
      pread(data.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) {
    return false;
  }
  BellFds bells;
  const int sys = bells.open(name, header.id.generation, 0, st.st_uid);
  return sys == ENOENT || sys == EPIPE;
}

fr_status not_a_lock(const std::string& path, fr_error* err) {
  struct stat st = {};
  lstat(path.c_str(), &st);
  return fail(
      err, FR_PERMISSION, 0,
      "%s is not the plain file of its own a writer's lock is (owner uid %u, mode %04o): remove it "
      "or choose another name",
      path.c_str(), st.st_uid, st.st_mode & 07777);
}

fr_status no_locks(const RingName& name, int sys, fr_error* err) {
  return fail(err, FR_UNSUPPORTED, sys, "%s does not support open-file-description locks",
              name.directory.c_str());
}

}  // namespace

// The lock file, opened to be locked; made if there is none.
fr_status NameLock::open(const RingName& name, ForkFd* out, bool* made, fr_error* err) {
  const std::string path = name.path(name.file("lock"));
  if (const int sys = open_or_create(path, out, made); sys != 0) {
    if (is_descriptor_limit(sys)) return fail_descriptor_limit(name.called(), sys, err);
    if (sys == ENOSPC) return fail_no_inode(name.directory, err);
    if (sys == ELOOP || sys == EISDIR) return not_a_lock(path, err);
    if (sys == EACCES || sys == EPERM) {
      struct stat st = {};
      const bool exists = lstat(path.c_str(), &st) == 0;
      return fail(err, FR_PERMISSION, sys,
                  "uid %u may not write %s (%s uid %u, mode %04o): write the ring as that user or "
                  "choose another name or directory",
                  geteuid(), exists ? path.c_str() : name.directory.c_str(),
                  exists ? "owner" : "directory; owner", st.st_uid, st.st_mode & 07777);
    }
    return fail(err, sys == ENOENT || sys == ENOTDIR ? FR_OPTION_INVALID : FR_SYSTEM, sys,
                "cannot make %s: does the directory exist?", path.c_str());
  }
  FR_KILL_POINT(name_lock_file);
  struct stat st;
  if (fstat(out->get(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1) {
    return not_a_lock(path, err);
  }
  // Whoever else owns it could remove it under a live writer, and let a second one in.
  if (geteuid() != 0 && st.st_uid != geteuid()) return not_a_lock(path, err);
  return FR_OK;
}

fr_status NameLock::acquire(const RingName& name, NameLock* out, fr_error* err) {
  const std::string path = name.path(name.file("lock"));
  const int64_t until = now() + kSecond;
  for (;;) {
    ForkFd fd;
    bool made = false;
    if (const fr_status s = open(name, &fd, &made, err); s != FR_OK) return s;
    if (const int sys = lock_byte(fd.get(), kHolder); sys == EAGAIN) {
      // Only a writer is in the way for good, and only a live one. What shows neither lock is on
      // its way in or out: a sweep that ended between our two calls must not pass for a writer. A
      // second is far beyond what that takes, or a death, unless somebody was stopped half way.
      if ((!byte_is_locked(fd.get(), kWriter) || shows_no_life(name)) && now() < until) {
        usleep(1000);
        continue;
      }
      char text[24] = {};
      // For the message only; a pid of another PID namespace means nothing here.
      const bool known = pread(fd.get(), text, sizeof text - 1, 0) > 0;
      return fail(
          err, FR_NAME_IN_USE, 0,
          "ring '%s' has a live writer (process %ld): close that one or choose another name",
          name.name.c_str(), known ? strtol(text, nullptr, 10) : 0L);
    } else if (sys != 0) {
      return no_locks(name, sys, err);
    }
    // The holder before us removes the file while it holds the lock: what we locked may have no
    // name any more, and the next writer would lock another file.
    if (!names_file(path, fd.get())) continue;
    FR_KILL_POINT(name_lock_held);
    // Cannot be refused: only who holds the first byte takes this one.
    static_cast<void>(lock_byte(fd.get(), kWriter));
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

fr_status NameLock::acquire_for_sweep(const RingName& name, uint32_t owner, NameLock* out,
                                      fr_error* err) {
  const std::string path = name.path(name.file("lock"));
  for (;;) {
    ForkFd fd;
    bool made = false;
    if (const fr_status s = open(name, &fd, &made, err); s != FR_OK) return s;
    // Never a file that was there: it may belong to a live writer, and the remains to somebody who
    // only took its name.
    if (made && geteuid() == 0 && fchown(fd.get(), owner, static_cast<gid_t>(-1)) != 0) {
      // It stays root's for the moment that the sweep takes.
    }
    int sys = lock_byte(fd.get(), kSweeper);
    const bool swept = sys == EAGAIN;
    if (sys == 0) sys = lock_byte(fd.get(), kHolder);
    if (sys == EAGAIN) {
      return fail(err, FR_NAME_IN_USE, 0,
                  swept ? "another sweep is removing what is left of ring '%s'"
                        : "ring '%s' has a live writer",
                  name.name.c_str());
    }
    if (sys != 0) return no_locks(name, sys, err);
    if (!names_file(path, fd.get())) continue;
    out->path_ = path;
    out->fd_ = std::move(fd);
    return FR_OK;
  }
}

fr_status NameLock::is_held(const RingName& name, bool* held, fr_error* err) {
  const std::string path = name.path(name.file("lock"));
  const UniqueFd fd(::open(path.c_str(), kFlags));
  *held = false;
  if (fd.ok()) {
    *held = byte_is_locked(fd.get(), kHolder);
    return FR_OK;
  }
  // A writer makes it before anything else and removes it last: without it, nobody lives here.
  if (errno == ENOENT) return FR_OK;
  if (is_descriptor_limit(errno)) return fail_descriptor_limit(name.called(), errno, err);
  if (errno == ELOOP || errno == EISDIR) return not_a_lock(path, err);
  return fail(err, FR_PERMISSION, errno, "uid %u may not open %s: ask as its owner", geteuid(),
              path.c_str());
}

bool NameLock::named() const { return fd_.ok() && names_file(path_, fd_.get()); }

void NameLock::remove() {
  if (named()) unlink(path_.c_str());
  FR_KILL_POINT(end_name_lock);
  fd_.reset();
}

}  // namespace framering
