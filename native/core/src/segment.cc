#include "segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <memory>

#include "anonymous_memory.h"
#include "error.h"
#include "limits.h"
#include "nameless_file.h"
#include "room.h"

using framering::fail;
using framering::fail_short;
using framering::ForkFd;

namespace {

// JavaScript counts no further, and no machine has more.
constexpr uint64_t kMostBytes = 1ull << 53;
constexpr char kLess[] = "use a smaller one";

std::string quoted(const std::string& path) { return "'" + path + "'"; }

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
}

size_t whole_pages(uint64_t bytes) {
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return static_cast<size_t>((bytes + page - 1) / page * page);
}

// Sparse memory is a promise: the first touch of a page that is not there and cannot be had is a
// SIGBUS. CPython and posix_ipc make such objects.
fr_status fill_holes(int fd, const struct stat& about, const std::string& path, fr_error* err) {
  const uint64_t bytes = static_cast<uint64_t>(about.st_size);
  const uint64_t held = static_cast<uint64_t>(about.st_blocks) * 512;
  if (held >= bytes) return FR_OK;
  if (const fr_status s =
          framering::check_room(folder_of(path), bytes - held, quoted(path), kLess, err);
      s != FR_OK) {
    return s;
  }
  // Not posix_fallocate: where the file system cannot allocate, that one reads and writes back
  // every byte, over whatever others write meanwhile. There the fault guard has to do.
  constexpr uint64_t kPiece = 16u << 20;
  for (uint64_t done = 0; done < bytes;) {
    const uint64_t piece = std::min(kPiece, bytes - done);
    if (fallocate(fd, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(done), static_cast<off_t>(piece)) ==
        0) {
      done += piece;
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EOPNOTSUPP || errno == ENOSYS) return FR_OK;
    if (errno == ENOSPC || errno == ENOMEM) {
      return fail_short(err, FR_SHM_FULL, bytes - held, 0,
                        "%s ran full while the holes of %s were filled: remove what is left over "
                        "there, or enlarge it (docker run --shm-size)",
                        folder_of(path).c_str(), quoted(path).c_str());
    }
    return fail(err, FR_SYSTEM, errno, "cannot allocate the holes of %s", quoted(path).c_str());
  }
  return FR_OK;
}

fr_status fail_open(const std::string& path, uint32_t flags, int sys, fr_error* err) {
  const std::string what = quoted(path);
  if (framering::is_descriptor_limit(sys)) {
    return framering::fail_descriptor_limit(what, sys, err);
  }
  switch (sys) {
    case ENOENT:
    case ENOTDIR:
      return fail(err, FR_NOT_FOUND, 0, "%s does not exist: start its creator first", what.c_str());
    case EACCES:
    case EPERM:
    case EROFS:
      return fail(err, FR_PERMISSION, sys, "uid %u may not %s %s: %s", geteuid(),
                  (flags & FR_SEGMENT_READ_ONLY) != 0 ? "read" : "write", what.c_str(),
                  (flags & FR_SEGMENT_READ_ONLY) != 0 ? "have its owner give it a mode that lets it"
                                                      : "open it with readOnly");
    case ENAMETOOLONG:
      return fail(err, FR_NAME_INVALID, sys, "%.80s… is too long: 255 bytes is the most a name has",
                  what.c_str());
    case ELOOP:
      return fail(err, FR_OPTION_INVALID, sys, "%s is a symbolic link: name the file itself",
                  what.c_str());
    case EISDIR:
    case ENXIO:
      return fail(err, FR_OPTION_INVALID, sys, "%s is no regular file: name one", what.c_str());
    default:
      return fail(err, FR_SYSTEM, sys, "cannot open %s", what.c_str());
  }
}

}  // namespace

// What every way to one ends with: its figures, and the mapping.
fr_status fr_segment::map(const std::string& path, fr_error* err) {
  const std::string what = path.empty() ? "anonymous memory" : quoted(path);
  struct stat about;
  if (fstat(fd_.get(), &about) != 0) {
    return fail(err, FR_SYSTEM, errno, "cannot look at %s", what.c_str());
  }
  if (!S_ISREG(about.st_mode)) {
    return fail(err, FR_OPTION_INVALID, 0, "%s is no regular file: name one", what.c_str());
  }
  bytes_ = static_cast<uint64_t>(about.st_size);
  device_ = about.st_dev;
  inode_ = about.st_ino;
  mode_ = about.st_mode & 07777;
  if (bytes_ == 0) {
    return fail(err, FR_TRUNCATED, 0,
                "%s has no bytes: its creator has not given it a size yet, or died before it did",
                what.c_str());
  }
  if (bytes_ > kMostBytes) {
    return fail(err, FR_OPTION_INVALID, 0, "%s has %" PRIu64 " bytes, more than can be mapped",
                what.c_str(), bytes_);
  }
  if (!read_only_ && name_.empty()) {
    if (const fr_status s = fill_holes(fd_.get(), about, path, err); s != FR_OK) return s;
  }
  const size_t length = whole_pages(bytes_);
  fr_mapping* m = fr_mapping::map(
      fd_.get(), 0, length, length,
      read_only_ ? fr_mapping::Access::kPrivateReadOnly : fr_mapping::Access::kSharedReadWrite);
  if (m == nullptr) return framering::fail_map(what, bytes_, errno, err);
  mapping_ = framering::OwnedMapping(m);
  return FR_OK;
}

fr_status fr_segment::create(const std::string& directory, uint64_t bytes, uint32_t mode,
                             fr_segment** out, fr_error* err) {
  if (bytes == 0 || bytes > kMostBytes) {
    return fail(err, FR_OPTION_INVALID, 0,
                "%" PRIu64 " bytes cannot be had: give 1 or more, below 2^53", bytes);
  }
  if (const fr_status status = framering::check_mode(mode, err); status != FR_OK) return status;
  struct stat about;
  if (stat(directory.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
    return fail(err, FR_NOT_FOUND, 0, "there is no directory %s: make it first",
                quoted(directory).c_str());
  }
  std::unique_ptr<fr_segment> s(new fr_segment);
  if (const fr_status status = framering::check_file_size("a file", bytes, err); status != FR_OK) {
    return status;
  }
  if (const fr_status status = framering::check_room(directory, bytes, "the memory", kLess, err);
      status != FR_OK) {
    return status;
  }
  if (const fr_status status = framering::open_nameless(directory, "a file", &s->fd_, err);
      status != FR_OK) {
    return status;
  }
  if (const int sys = framering::allocate(s->fd_.get(), bytes); sys != 0) {
    if (sys == ENOSPC || sys == ENOMEM || sys == EFBIG || sys == EDQUOT) {
      return fail_short(err, FR_SHM_FULL, bytes, 0,
                        "%s ran full while %" PRIu64
                        " bytes were allocated: remove what is left over there, or enlarge it "
                        "(docker run --shm-size)",
                        directory.c_str(), bytes);
    }
    return fail(err, FR_SYSTEM, sys, "cannot allocate %" PRIu64 " bytes in %s", bytes,
                directory.c_str());
  }
  // Explicit bits, for the umask must not decide who can read it.
  if (fchmod(s->fd_.get(), mode) != 0) {
    return fail(err, FR_SYSTEM, errno, "cannot set mode %04o in %s", mode, directory.c_str());
  }
  if (const fr_status status = s->map(directory, err); status != FR_OK) return status;
  *out = s.release();
  return FR_OK;
}

fr_status fr_segment::open(const std::string& path, uint32_t flags, fr_segment** out,
                           fr_error* err) {
  std::unique_ptr<fr_segment> s(new fr_segment);
  s->read_only_ = (flags & FR_SEGMENT_READ_ONLY) != 0;
  // NONBLOCK, for a FIFO in its place must not make anybody wait.
  const int access = (s->read_only_ ? O_RDONLY : O_RDWR) | O_NONBLOCK | O_CLOEXEC |
                     ((flags & FR_SEGMENT_FOLLOW) != 0 ? 0 : O_NOFOLLOW);
  s->fd_ = ForkFd::open(path, access);
  if (!s->fd_.ok()) return fail_open(path, flags, errno, err);
  if (const fr_status status = s->map(path, err); status != FR_OK) return status;
  s->fd_.reset();
  *out = s.release();
  return FR_OK;
}

fr_status fr_segment::anonymous(uint64_t bytes, fr_segment** out, fr_error* err) {
  if (bytes == 0 || bytes > kMostBytes) {
    return fail(err, FR_OPTION_INVALID, 0,
                "%" PRIu64 " bytes cannot be had: give 1 or more, below 2^53", bytes);
  }
  std::unique_ptr<fr_segment> s(new fr_segment);
  if (const fr_status status = framering::make_anonymous(bytes, &s->fd_, &s->name_, err);
      status != FR_OK) {
    return status;
  }
  if (const fr_status status = s->map("", err); status != FR_OK) return status;
  *out = s.release();
  return FR_OK;
}

fr_status fr_segment::attach(const std::string& name, uint32_t flags, fr_segment** out,
                             fr_error* err) {
  std::unique_ptr<fr_segment> s(new fr_segment);
  s->read_only_ = (flags & FR_SEGMENT_READ_ONLY) != 0;
  s->name_ = name;
  if (const fr_status status =
          framering::find_anonymous(&s->name_, s->read_only_ ? O_RDONLY : O_RDWR, &s->fd_, err);
      status != FR_OK) {
    return status;
  }
  if (const fr_status status = s->map("", err); status != FR_OK) return status;
  *out = s.release();
  return FR_OK;
}

void fr_segment::info(fr_segment_info* info) const {
  *info = {};
  info->data = mapping_->data();
  info->bytes = bytes_;
  info->mode = mode_;
  info->read_only = read_only_ ? 1 : 0;
  info->truncated = mapping_->truncated() ? 1 : 0;
  info->device = device_;
  info->inode = inode_;
  snprintf(info->name, sizeof info->name, "%s", name_.c_str());
}

fr_status fr_segment::link(const std::string& path, fr_error* err) {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  if (!fd_.ok() || !name_.empty()) {
    return fail(err, FR_OPTION_INVALID, 0, "only new memory can be named, and once");
  }
  const std::string from = framering::proc_path(fd_.get());
  if (linkat(AT_FDCWD, from.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    const int sys = errno;
    if (sys == EEXIST) {
      return fail(err, FR_EXISTS, 0, "'%s' exists already: remove it, or choose another name",
                  path.c_str());
    }
    if (sys == ENOSPC || sys == EDQUOT) return framering::fail_no_inode(folder_of(path), err);
    return fail_open(path, 0, sys, err);
  }
  fd_.reset();
  return FR_OK;
}

// The pages that a range of bytes touches.
fr_status fr_segment::pages(uint64_t offset, uint64_t length, Pages* out, fr_error* err) const {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  if (offset > bytes_ || length > bytes_ - offset) {
    return fail(err, FR_OPTION_INVALID, 0,
                "%" PRIu64 " bytes from %" PRIu64 " are not within the %" PRIu64 " there are",
                length, offset, bytes_);
  }
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t start = offset / page * page;
  out->first = mapping_->data() + start;
  out->bytes = whole_pages(offset + length - start);
  return FR_OK;
}

fr_status fr_segment::sync(uint64_t offset, uint64_t length, int flags, fr_error* err) {
  Pages range;
  if (const fr_status s = pages(offset, length, &range, err); s != FR_OK) return s;
  if (msync(range.first, range.bytes, flags) != 0) {
    const int sys = errno;
    if (sys == EINVAL) {
      return fail(err, FR_OPTION_INVALID, sys, "msync does not take flags %d", flags);
    }
    if (sys == EBUSY) {
      return fail(err, FR_OPTION_INVALID, sys,
                  "MS_INVALIDATE is not possible while the memory is locked: munlock it first");
    }
    return fail(err, FR_SYSTEM, sys, "msync failed");
  }
  if (!mapping_->truncated()) return FR_OK;
  return fail(err, FR_TRUNCATED, 0,
              "the file was cut off, or there was no room for a page of it: what was written there "
              "since is lost; attach anew");
}

fr_status fr_segment::lock(uint64_t offset, uint64_t length, fr_error* err) {
  Pages range;
  if (const fr_status s = pages(offset, length, &range, err); s != FR_OK) return s;
  if (range.bytes == 0 || mlock(range.first, range.bytes) == 0) return FR_OK;
  const int sys = errno;
  if (sys != EAGAIN && sys != ENOMEM && sys != EPERM) {
    return fail(err, FR_SYSTEM, sys, "mlock failed");
  }
  struct rlimit limit = {};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  return fail_short(err, FR_MEMLOCK, range.bytes, limit.rlim_cur,
                    "locking needs %zu bytes and RLIMIT_MEMLOCK is %" PRIu64
                    ": raise it (ulimit -l %zu; systemd: LimitMEMLOCK=; docker run --ulimit "
                    "memlock=-1), or give the process CAP_IPC_LOCK",
                    range.bytes, static_cast<uint64_t>(limit.rlim_cur),
                    (range.bytes + 1023) / 1024);
}

fr_status fr_segment::unlock(uint64_t offset, uint64_t length, fr_error* err) {
  Pages range;
  if (const fr_status s = pages(offset, length, &range, err); s != FR_OK) return s;
  if (range.bytes == 0 || munlock(range.first, range.bytes) == 0) return FR_OK;
  return fail(err, FR_SYSTEM, errno, "munlock failed");
}

extern "C" {

fr_status fr_segment_create(const char* directory, uint64_t bytes, uint32_t mode, fr_segment** out,
                            fr_error* err) {
  *out = nullptr;
  return fr_segment::create(directory, bytes, mode, out, err);
}

fr_status fr_segment_open(const char* path, uint32_t flags, fr_segment** out, fr_error* err) {
  *out = nullptr;
  return fr_segment::open(path, flags, out, err);
}

fr_status fr_segment_anonymous(uint64_t bytes, fr_segment** out, fr_error* err) {
  *out = nullptr;
  return fr_segment::anonymous(bytes, out, err);
}

fr_status fr_segment_attach(const char* name, uint32_t flags, fr_segment** out, fr_error* err) {
  *out = nullptr;
  return fr_segment::attach(name, flags, out, err);
}

fr_status fr_segment_link(fr_segment* s, const char* path, fr_error* err) {
  return s->link(path, err);
}

void fr_segment_get_info(const fr_segment* s, fr_segment_info* info) { s->info(info); }

fr_status fr_segment_sync(fr_segment* s, uint64_t offset, uint64_t length, int32_t flags,
                          fr_error* err) {
  return s->sync(offset, length, flags, err);
}

fr_status fr_segment_lock(fr_segment* s, uint64_t offset, uint64_t length, fr_error* err) {
  return s->lock(offset, length, err);
}

fr_status fr_segment_unlock(fr_segment* s, uint64_t offset, uint64_t length, fr_error* err) {
  return s->unlock(offset, length, err);
}

fr_mapping* fr_segment_mapping(fr_segment* s) { return s->mapping(); }

void fr_segment_close(fr_segment* s) { delete s; }

}  // extern "C"
