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
#include "limits.h"
#include "ofd_lock.h"
#include "reader_objects.h"
#include "same_file.h"

namespace framering {
namespace {

fr_status open_failed(const RingName& name, const std::string& path, int sys, const char* access,
                      const char* remedy, fr_error* err) {
  if (is_descriptor_limit(sys)) return fail_descriptor_limit(name.called(), sys, err);
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
        "of its group, or have the writer set %s",
        geteuid(), path.c_str(), access, st.st_uid, st.st_gid, st.st_mode & 07777, remedy);
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

class Attaching {
 public:
  Attaching(const RingName& name, uint64_t not_generation, Purpose purpose, DataObject* data,
            ControlObject* ctl)
      : data_path_(name.path(name.file("data"))),
        ctl_path_(name.path(name.file("ctl"))),
        name_(name),
        not_generation_(not_generation),
        purpose_(purpose),
        data_(data),
        ctl_(ctl) {}

  fr_status run(fr_error* err) {
    // Two names cannot change at once: between a writer's two renames the generations differ.
    const int attempts = purpose_ == Purpose::kInspect ? 40 : 200;
    for (int attempt = 0;; ++attempt) {
      if (const fr_status s = open_data(err); s != FR_OK) return s;
      FR_KILL_POINT(open_data);
      if (purpose_ == Purpose::kObserve) break;
      bool again = attempt + 1 < attempts;
      const fr_status s = open_ctl(&again, err);
      with_ctl_ = s == FR_OK;
      // To an onlooker the rest is worth having.
      if (s != FR_OK && purpose_ == Purpose::kInspect) break;
      if (s != FR_OK) return s;
      if (!again) break;
      pause_attempt(attempt);
    }
    return map(err);
  }

 private:
  fr_status open_data(fr_error* err) {
    data_->fd_ = ForkFd::open(data_path_, O_RDONLY | kOpenFlags);
    if (!data_->fd_.ok())
      return open_failed(name_, data_path_, errno, "reading", "mode and group", err);
    if (const fr_status s = read_identity(data_->fd_.get(), data_path_, kDataMagic, &data_->header_,
                                          sizeof data_->header_, &data_->geometry_, &file_, err);
        s != FR_OK) {
      return s;
    }
    if (data_->header_.id.generation != not_generation_) return FR_OK;
    return fail(err, FR_NOT_FOUND, 0, "%s is still the generation that ended", data_path_.c_str());
  }

  // `*again`: in, whether there may be another attempt; out, whether there must be.
  fr_status open_ctl(bool* again, fr_error* err) {
    const bool last = !*again;
    *again = true;
    const int access = purpose_ == Purpose::kInspect ? O_RDONLY : O_RDWR;
    ctl_->fd_ = ForkFd::open(ctl_path_, access | kOpenFlags);
    if (!ctl_->fd_.ok()) {
      // The data object is removed first: with only that left, somebody is half way.
      if (errno == ENOENT && !last) return FR_OK;
      return open_failed(name_, ctl_path_, errno, "writing",
                         "controlGroup; to see frames without joining, observe the ring", err);
    }
    Identity id = {};
    if (const fr_status s = read_identity(ctl_->fd_.get(), ctl_path_, kCtlMagic, &id, sizeof id,
                                          &ctl_geometry_, &ctl_file_, err);
        s != FR_OK) {
      return s;
    }
    *again = id.generation != data_->header_.id.generation;
    // Killed between its two renames, the writer will not finish: the next one starts anew.
    if (*again && (last || (!data_->writer_alive() && data_->still_named(name_)))) {
      return fail(err, FR_NOT_FOUND, 0,
                  "the objects of ring '%s' are of two generations, left half replaced: start the "
                  "writer, or wait for it",
                  name_.name.c_str());
    }
    return FR_OK;
  }

  fr_status map(fr_error* err) {
    const Geometry& g = data_->geometry_;
    if (file_ < g.data_bytes ||
        (with_ctl_ && (ctl_geometry_.ctl_bytes != g.ctl_bytes || ctl_file_ < g.ctl_bytes))) {
      return fail(err, FR_NOT_A_RING, 0,
                  "%s is damaged: its objects have %" PRIu64 " and %" PRIu64
                  " bytes, the header asks for %" PRIu64 " and %" PRIu64,
                  data_path_.c_str(), file_, ctl_file_, g.data_bytes, g.ctl_bytes);
    }
    struct stat st;
    if (fstat(data_->fd_.get(), &st) != 0) return fail(err, FR_SYSTEM, errno, "cannot stat");
    data_->owner_ = st.st_uid;
    // A writer allocates every byte: holes would be filled in this process's name when it reads
    // them.
    if (static_cast<uint64_t>(st.st_blocks) * 512 < g.data_bytes) {
      return fail(err, FR_NOT_A_RING, 0,
                  "%s is damaged: %" PRIu64 " of its bytes are not allocated", data_path_.c_str(),
                  g.data_bytes - static_cast<uint64_t>(st.st_blocks) * 512);
    }
    using Access = fr_mapping::Access;
    const int fd = data_->fd_.get();
    data_->words_ = OwnedMapping(
        fr_mapping::map(fd, 0, g.payload_offset, g.payload_offset, Access::kSharedReadOnly));
    bool mapped = static_cast<bool>(data_->words_);
    // A reader that copies sees the writer's pages themselves; one that holds frames in place has
    // its own view, where a stray write of its own goes.
    if (mapped && purpose_ != Purpose::kInspect) {
      data_->payload_ = OwnedMapping(fr_mapping::map(
          fd, g.payload_offset, g.slot_bytes * g.slot_count, g.slot_bytes,
          purpose_ == Purpose::kObserve ? Access::kSharedReadOnly : Access::kPrivateReadOnly));
      mapped = static_cast<bool>(data_->payload_);
    }
    if (mapped && with_ctl_) {
      ctl_->entries_offset_ = g.entries_offset;
      ctl_->mapping_ = OwnedMapping(fr_mapping::map(
          ctl_->fd_.get(), 0, g.ctl_bytes, g.ctl_bytes,
          purpose_ == Purpose::kInspect ? Access::kSharedReadOnly : Access::kSharedReadWrite));
      mapped = static_cast<bool>(ctl_->mapping_);
    }
    if (!mapped) return fail_map(name_.called(), g.data_bytes + g.ctl_bytes, errno, err);
    FR_KILL_POINT(open_mapped);
    return FR_OK;
  }

  std::string data_path_, ctl_path_;
  const RingName& name_;
  uint64_t not_generation_;
  Purpose purpose_;
  bool with_ctl_ = false;
  DataObject* data_;
  ControlObject* ctl_;
  Geometry ctl_geometry_;
  uint64_t file_ = 0, ctl_file_ = 0;
};

fr_status attach(const RingName& name, uint64_t not_generation, Purpose purpose, DataObject* data,
                 ControlObject* ctl, fr_error* err) {
  return Attaching(name, not_generation, purpose, data, ctl).run(err);
}

fr_status fail_dead_writer(const RingName& name, fr_error* err) {
  return fail(err, FR_NOT_FOUND, 0,
              "ring '%s' in %s is what a dead writer left: start the writer, or wait for it",
              name.name.c_str(), name.directory.c_str());
}

bool DataObject::writer_alive() const { return byte_is_locked(fd_.get(), header_.life); }

bool DataObject::still_named(const RingName& name) const {
  return names_file(name.path(name.file("data")), fd_.get());
}

int ControlObject::reopen(const RingName& name, ForkFd* out) const {
  ForkFd fd = ForkFd::open(name.path(name.file("ctl")), O_RDWR | kOpenFlags);
  if (!fd.ok()) return errno;
  struct stat held, opened;
  // The name may stand for the next generation by now.
  if (fstat(fd.get(), &opened) != 0 || fstat(fd_.get(), &held) != 0 ||
      opened.st_ino != held.st_ino || opened.st_dev != held.st_dev) {
    return ENOENT;
  }
  *out = std::move(fd);
  return 0;
}

}  // namespace framering
