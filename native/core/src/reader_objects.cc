#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstring>

#include "error.h"
#include "kill_point.h"
#include "objects.h"
#include "ofd_lock.h"

namespace framering {
namespace {

fr_status open_failed(const std::string& path, int sys, const char* access, fr_error* err) {
  if (sys == ENOENT) {
    return fail(err, FR_NOT_FOUND, 0,
                "there is no ring at %s: start its writer first, or wait for it", path.c_str());
  }
  if (sys == EACCES || sys == EPERM) {
    struct stat st = {};
    stat(path.c_str(), &st);
    return fail(
        err, FR_PERMISSION, sys,
        "uid %u may not open %s for %s (owner uid %u, group %u, mode %04o): run as a member "
        "of its group, or have the writer set mode and group",
        geteuid(), path.c_str(), access, st.st_uid, st.st_gid, st.st_mode & 07777);
  }
  if (sys == ELOOP) return fail(err, FR_NOT_A_RING, sys, "%s is a symbolic link", path.c_str());
  return fail(err, FR_SYSTEM, sys, "cannot open %s", path.c_str());
}

// NONBLOCK so that a FIFO somebody put there does not hang us; a regular file ignores it.
constexpr int kOpenFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

// Reads, not maps: a file that shrinks meanwhile is a short read and not a fault.
fr_status read_identity(int fd, const std::string& path, const char (&magic)[8], void* header,
                        size_t bytes, Geometry* g, uint64_t* file_bytes, fr_error* err) {
  struct stat st;
  if (fstat(fd, &st) != 0) return fail(err, FR_SYSTEM, errno, "cannot stat %s", path.c_str());
  Identity id;
  if (!S_ISREG(st.st_mode) || pread(fd, header, bytes, 0) != static_cast<ssize_t>(bytes)) {
    return fail(err, FR_NOT_A_RING, 0,
                "%s is not a framering object: it is no regular file or too short", path.c_str());
  }
  memcpy(&id, header, sizeof id);
  if (memcmp(id.magic, magic, sizeof id.magic) != 0) {
    return fail(err, FR_NOT_A_RING, 0, "%s is not a framering object: its first bytes are not ours",
                path.c_str());
  }
  if (id.byte_order == kByteOrderSwapped) {
    return fail(err, FR_BYTE_ORDER, 0,
                "%s was written on a machine of the other byte order: write it on this one",
                path.c_str());
  }
  if (id.byte_order != kByteOrder) {
    return fail(err, FR_NOT_A_RING, 0, "%s is damaged: byte order mark 0x%08x", path.c_str(),
                id.byte_order);
  }
  if (id.oldest > kLayoutVersion || id.version < kLayoutOldest) {
    return fail(err, FR_LAYOUT_VERSION, 0,
                "%s has layout %u (readable from %u on), this release reads %u to %u: use the same "
                "release of framering in writer and reader",
                path.c_str(), id.version, id.oldest, kLayoutOldest, kLayoutVersion);
  }
  if (id.word_bits != 64) {
    return fail(err, FR_WORD_SIZE, 0, "%s was written by a %u-bit process, this one has 64 bits",
                path.c_str(), id.word_bits);
  }
  if (id.libc != kLibcGlibc) {
    return fail(
        err, FR_LIBC, 0,
        "%s was written by a process on another C library (kind %u; this is glibc, %u): run both "
        "sides on the same one",
        path.c_str(), id.libc, kLibcGlibc);
  }
  if (!Geometry::compute(id.slot_bytes, id.slot_count, id.max_readers, g) ||
      g->index_count != id.index_count || g->slot_bytes != id.slot_bytes || id.generation == 0) {
    return fail(err, FR_NOT_A_RING, 0,
                "%s is damaged: %u slots of %" PRIu64 " bytes for %u readers is no valid ring",
                path.c_str(), id.slot_count, id.slot_bytes, id.max_readers);
  }
  *file_bytes = static_cast<uint64_t>(st.st_size);
  return FR_OK;
}

// A live writer needs microseconds; one that was preempted gets milliseconds.
void pause_attempt(int attempt) {
  if (attempt < 20) {
    sched_yield();
  } else {
    usleep(1000);
  }
}

}  // namespace

fr_status ReaderObjects::open(const RingName& name, uint64_t not_generation, ReaderObjects* out,
                              fr_error* err) {
  const std::string data_path = name.path(name.file("data"));
  const std::string ctl_path = name.path(name.file("ctl"));
  // Two names cannot change at once: between a writer's two renames the generations differ.
  constexpr int kAttempts = 200;
  for (int attempt = 0;; ++attempt) {
    const bool last = attempt + 1 == kAttempts;
    ReaderObjects o;
    Geometry ctl_geometry;
    Identity ctl_id = {};
    uint64_t data_file = 0, ctl_file = 0;

    o.data_fd_ = ForkFd(UniqueFd(::open(data_path.c_str(), O_RDONLY | kOpenFlags)));
    if (!o.data_fd_.ok()) return open_failed(data_path, errno, "reading", err);
    if (const fr_status s = read_identity(o.data_fd_.get(), data_path, kDataMagic, &o.header_,
                                          sizeof o.header_, &o.geometry_, &data_file, err);
        s != FR_OK) {
      return s;
    }
    if (o.header_.id.generation == not_generation) {
      return fail(err, FR_NOT_FOUND, 0, "%s is still the generation that ended", data_path.c_str());
    }
    FR_KILL_POINT(open_data);
    o.ctl_fd_ = ForkFd(UniqueFd(::open(ctl_path.c_str(), O_RDWR | kOpenFlags)));
    if (!o.ctl_fd_.ok()) {
      // The data object is removed first: with only that left, somebody is half way.
      if (errno != ENOENT || last) return open_failed(ctl_path, errno, "writing", err);
      pause_attempt(attempt);
      continue;
    }
    if (const fr_status s = read_identity(o.ctl_fd_.get(), ctl_path, kCtlMagic, &ctl_id,
                                          sizeof ctl_id, &ctl_geometry, &ctl_file, err);
        s != FR_OK) {
      return s;
    }
    if (ctl_id.generation != o.header_.id.generation) {
      // Killed between its two renames, the writer will not finish: the next one starts anew.
      if (last || !o.writer_alive()) {
        return fail(
            err, FR_NOT_FOUND, 0,
            "the objects of ring '%s' are of two generations, left half replaced: start the "
            "writer, or wait for it",
            name.name.c_str());
      }
      pause_attempt(attempt);
      continue;
    }
    const Geometry& g = o.geometry_;
    if (ctl_geometry.ctl_bytes != g.ctl_bytes || data_file < g.data_bytes ||
        ctl_file < g.ctl_bytes) {
      return fail(err, FR_NOT_A_RING, 0,
                  "%s is damaged: its objects have %" PRIu64 " and %" PRIu64
                  " bytes, the header asks for %" PRIu64 " and %" PRIu64,
                  data_path.c_str(), data_file, ctl_file, g.data_bytes, g.ctl_bytes);
    }
    struct stat st;
    if (fstat(o.data_fd_.get(), &st) != 0) return fail(err, FR_SYSTEM, errno, "cannot stat");
    o.owner_ = st.st_uid;
    // A writer allocates every byte: holes would be filled in this process's name when it reads
    // them.
    if (static_cast<uint64_t>(st.st_blocks) * 512 < g.data_bytes) {
      return fail(err, FR_NOT_A_RING, 0,
                  "%s is damaged: %" PRIu64 " of its bytes are not allocated", data_path.c_str(),
                  g.data_bytes - static_cast<uint64_t>(st.st_blocks) * 512);
    }

    fr_mapping* words = fr_mapping::map(o.data_fd_.get(), 0, g.payload_offset, g.payload_offset,
                                        fr_mapping::Access::kSharedReadOnly);
    if (words != nullptr) o.words_ = OwnedMapping(words);
    fr_mapping* payload =
        words == nullptr
            ? nullptr
            : fr_mapping::map(o.data_fd_.get(), g.payload_offset, g.slot_bytes * g.slot_count,
                              g.slot_bytes, fr_mapping::Access::kPrivateReadOnly);
    if (payload != nullptr) o.payload_ = OwnedMapping(payload);
    fr_mapping* ctl = payload == nullptr
                          ? nullptr
                          : fr_mapping::map(o.ctl_fd_.get(), 0, g.ctl_bytes, g.ctl_bytes,
                                            fr_mapping::Access::kSharedReadWrite);
    if (ctl == nullptr) return fail(err, FR_SYSTEM, errno, "cannot map %s", data_path.c_str());
    o.ctl_ = OwnedMapping(ctl);
    FR_KILL_POINT(open_mapped);
    *out = std::move(o);
    return FR_OK;
  }
}

bool ReaderObjects::writer_alive() const { return byte_is_locked(data_fd_.get(), header_.life); }

ForkFd ReaderObjects::reopen_ctl(const RingName& name) const {
  ForkFd fd(UniqueFd(::open(name.path(name.file("ctl")).c_str(), O_RDWR | kOpenFlags)));
  struct stat held, opened;
  // The name may stand for the next generation by now.
  if (!fd.ok() || fstat(fd.get(), &opened) != 0 || fstat(ctl_fd_.get(), &held) != 0 ||
      opened.st_ino != held.st_ino || opened.st_dev != held.st_dev) {
    return ForkFd();
  }
  return fd;
}

}  // namespace framering
