#include "bells.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "error.h"
#include "kill_point.h"
#include "limits.h"

namespace framering {
namespace {

constexpr char kLife[] = "life";

struct EntryName {
  char text[12];
  explicit EntryName(uint32_t i) { snprintf(text, sizeof text, "%u", i); }
};

// A FIFO of the right owner and nothing else: never follows a link, never blocks.
int open_fifo(int directory, const char* name, int access, uint32_t owner, ForkFd* out) {
  ForkFd fd = ForkFd::open(directory, name, access | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (!fd.ok()) return errno;
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return errno;
  if (!S_ISFIFO(st.st_mode) || st.st_uid != owner) return EPERM;
  *out = std::move(fd);
  return 0;
}

int make_fifo(int directory, const char* name, uint32_t mode, int64_t group) {
  if (mkfifoat(directory, name, 0600) != 0) return errno;
  if (group >= 0 && fchownat(directory, name, static_cast<uid_t>(-1), static_cast<gid_t>(group),
                             AT_SYMLINK_NOFOLLOW) != 0) {
    return errno;
  }
  // After the group: changing it clears mode bits, and the umask took some away.
  return fchmodat(directory, name, mode, 0) == 0 ? 0 : errno;
}

// FIFOs alone: a directory of such a name that somebody else filled keeps what is in it.
void remove_fifo(int directory, const char* name) {
  struct stat st;
  if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(st.st_mode)) {
    unlinkat(directory, name, 0);
  }
}

void empty(int directory) {
  remove_fifo(directory, kLife);
  for (uint32_t i = 0; i < FR_MAX_READERS; ++i) {
    remove_fifo(directory, EntryName(i).text);
    FR_KILL_POINT(end_bell);
  }
}

}  // namespace

fr_status Bells::create(const RingName& name, uint64_t generation, uint32_t count, uint32_t mode,
                        int64_t group, fr_error* err) {
  path_ = name.path(name.generation_file(generation, "bells"));
  if (mkdir(path_.c_str(), 0700) != 0) {
    const int sys = errno;
    path_.clear();  // not ours to remove
    if (sys == ENOSPC) return fail_no_inode(name.directory, err);
    return fail(err, FR_SYSTEM, sys, "cannot make the doorbells' directory in %s",
                name.directory.c_str());
  }
  FR_KILL_POINT(bells_directory);
  directory_ = ForkFd::open(path_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  int sys = directory_.ok() ? 0 : errno;
  const uint32_t owner = geteuid();
  fds_.resize(count);
  const uint32_t fifo_mode = 0600 | (mode & 0040);
  const int dir = directory_.get();
  if (sys == 0) sys = make_fifo(dir, kLife, fifo_mode, group);
  // Open for reading too: a write never meets SIGPIPE or ENXIO, however many readers die. All of
  // them now: later there may be no descriptor left, or the process may have become another user.
  if (sys == 0) sys = open_fifo(dir, kLife, O_RDWR, owner, &life_);
  for (uint32_t i = 0; sys == 0 && i < count; ++i) {
    sys = make_fifo(dir, EntryName(i).text, fifo_mode, group);
    if (sys == 0) sys = open_fifo(dir, EntryName(i).text, O_RDWR, owner, &fds_[i]);
    FR_KILL_POINT(bells_fifo);
  }
  if (sys == 0 && group >= 0 &&
      fchown(dir, static_cast<uid_t>(-1), static_cast<gid_t>(group)) != 0) {
    sys = errno;
  }
  const uint32_t directory_mode = 0700 | ((mode & 0040) != 0 ? 0050 : 0);
  if (sys == 0 && fchmod(dir, directory_mode) != 0) sys = errno;
  FR_KILL_POINT(bells_made);
  if (sys == 0) return FR_OK;
  remove();
  if (is_descriptor_limit(sys)) {
    return fail(
        err, FR_SYSTEM, sys,
        "ring '%s' needs %u file descriptors for its doorbells: raise the limit (ulimit -n) or "
        "ask for fewer maxReaders",
        name.name.c_str(), count + 2);
  }
  if (sys == ENOSPC) return fail_no_inode(name.directory, err);
  return fail(err, sys == EPERM || sys == EACCES ? FR_PERMISSION : FR_SYSTEM, sys,
              "cannot make the doorbells of ring '%s' in %s", name.name.c_str(),
              name.directory.c_str());
}

bool Bells::ring(uint32_t i) {
  if (i >= fds_.size()) return false;
  const char byte = 1;
  // EAGAIN: the FIFO is full of rings nobody has read, so the reader is rung.
  return write(fds_[i].get(), &byte, 1) == 1 || errno == EAGAIN;
}

void Bells::remove() {
  if (directory_.ok()) empty(directory_.get());
  if (!path_.empty()) rmdir(path_.c_str());
  path_.clear();
  life_.reset();
  fds_.clear();
  directory_.reset();
}

int BellFds::open(const RingName& name, uint64_t generation, uint32_t entry, uint32_t owner) {
  const std::string path = name.path(name.generation_file(generation, "bells"));
  const UniqueFd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory.ok()) return errno;
  if (const int sys = open_fifo(directory.get(), kLife, O_RDONLY, owner, &life); sys != 0) {
    return sys;
  }
  // A FIFO whose writers left before we came never hangs up: that has to be asked now.
  if (hung_up()) return EPIPE;
  return open_fifo(directory.get(), EntryName(entry).text, O_RDONLY, owner, &bell);
}

void BellFds::drain() {
  char bytes[64];
  // One read is enough but for a flood: what is left keeps the descriptor readable.
  while (read(bell.get(), bytes, sizeof bytes) == static_cast<ssize_t>(sizeof bytes)) {
  }
}

bool BellFds::hung_up() {
  char bytes[64];
  // End of file without a writer, EAGAIN with one. Nobody has reason to write here; what is written
  // all the same is read away.
  return read(life.get(), bytes, sizeof bytes) == 0;
}

int remove_bells(const std::string& path) {
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (directory.ok()) empty(directory.get());
  return rmdir(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace framering
