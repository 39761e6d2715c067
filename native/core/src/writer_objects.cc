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
#include <ctime>

#include "error.h"
#include "kill_point.h"
#include "limits.h"
#include "nameless_file.h"
#include "ofd_lock.h"
#include "random_id.h"
#include "room.h"
#include "writer_objects.h"

namespace framering {
namespace {

// Explicit bits, for the umask must not decide who can read a ring.
int give(int fd, uint32_t mode, int64_t group) {
  if (group >= 0 && fchown(fd, static_cast<uid_t>(-1), static_cast<gid_t>(group)) != 0) {
    return errno;
  }
  return fchmod(fd, mode) == 0 ? 0 : errno;
}

fr_status make_object(const ObjectSpec& spec, uint64_t bytes, uint32_t mode, int64_t group,
                      ForkFd* out, fr_error* err) {
  if (const fr_status s = open_nameless(spec.name.directory, spec.name.called(), out, err);
      s != FR_OK) {
    return s;
  }
  FR_KILL_POINT(object_nameless);
  if (const int sys = allocate(out->get(), bytes); sys != 0) {
    if (sys == ENOSPC || sys == ENOMEM || sys == EFBIG) {
      return fail_short(err, FR_SHM_FULL, bytes, 0,
                        "%s ran full while %" PRIu64
                        " bytes were allocated for ring '%s': use fewer or smaller slots or "
                        "enlarge it (docker run --shm-size)",
                        spec.name.directory.c_str(), bytes, spec.name.name.c_str());
    }
    return fail(err, FR_SYSTEM, sys, "cannot allocate %" PRIu64 " bytes in %s", bytes,
                spec.name.directory.c_str());
  }
  FR_KILL_POINT(object_sized);
  if (const int sys = give(out->get(), mode, group); sys != 0) {
    return fail(err, FR_PERMISSION, sys,
                "cannot give ring '%s' mode %04o and group %" PRId64
                ": uid %u must be a member of that group",
                spec.name.name.c_str(), mode, group, geteuid());
  }
  FR_KILL_POINT(object_given);
  return FR_OK;
}

// Slot by slot when the whole does not fit, so that what can be locked is.
LockResult lock_memory(const OwnedMapping& data, const Geometry& g) {
  LockResult r;
  if (mlock(data->data(), data->length()) == 0) {
    r.locked = FR_LOCKED_YES;
    r.bytes = data->length();
    return r;
  }
  r.sys = errno;
  if (mlock(data->data(), g.payload_offset) != 0) return r;
  r.bytes = g.payload_offset;
  for (uint32_t i = 0; i < g.slot_count; ++i) {
    if (mlock(data->data() + g.payload_offset + i * g.slot_bytes, g.slot_bytes) != 0) break;
    r.bytes += g.slot_bytes;
  }
  r.locked = FR_LOCKED_PARTIAL;
  return r;
}

fr_status require_locked(const LockResult& r, uint64_t needed, fr_error* err) {
  struct rlimit limit = {};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  return fail_short(err, FR_MEMLOCK, needed, limit.rlim_cur,
                    "locking the ring needs %" PRIu64 " bytes and RLIMIT_MEMLOCK is %" PRIu64
                    " (%s): raise it (ulimit -l %" PRIu64
                    "; systemd: LimitMEMLOCK=; docker run --ulimit memlock=-1), give the process "
                    "CAP_IPC_LOCK, or use memoryLock: 'try'",
                    needed, static_cast<uint64_t>(limit.rlim_cur), strerrorname_np(r.sys),
                    (needed + 1023) / 1024);
}

// Another open file description of the same file, for locks.
ForkFd reopen(const ForkFd& fd) { return ForkFd::open(proc_path(fd.get()), O_RDWR | O_CLOEXEC); }

Identity make_identity(const char (&magic)[8], const Geometry& g, uint64_t generation) {
  Identity id = {};
  memcpy(id.magic, magic, sizeof id.magic);
  id.byte_order = kByteOrder;
  id.version = kLayoutVersion;
  id.oldest = kLayoutOldest;
  id.word_bits = 64;
  id.libc = kLibcGlibc;
  id.slot_count = g.slot_count;
  id.max_readers = g.max_readers;
  id.index_count = g.index_count;
  id.generation = generation;
  id.slot_bytes = g.slot_bytes;
  return id;
}

}  // namespace

fr_status WriterObjects::create(const ObjectSpec& spec, WriterObjects* out, fr_error* err) {
  const Geometry& g = spec.geometry;
  if (const fr_status s = check_room(spec.name.directory, g.data_bytes + g.ctl_bytes, "the ring",
                                     "use fewer or smaller slots", err);
      s != FR_OK) {
    return s;
  }
  WriterObjects o;
  o.name_ = spec.name;
  o.geometry_ = g;
  o.generation_ = random_id();
  if (const fr_status s =
          make_object(spec, g.data_bytes, spec.data_mode, spec.data_group, &o.data_fd_, err);
      s != FR_OK) {
    return s;
  }
  if (const fr_status s =
          make_object(spec, g.ctl_bytes, spec.ctl_mode, spec.ctl_group, &o.ctl_fd_, err);
      s != FR_OK) {
    return s;
  }
  o.life_fd_ = reopen(o.data_fd_);
  o.reader_locks_ = reopen(o.ctl_fd_);
  if (!o.life_fd_.ok() || !o.reader_locks_.ok()) {
    if (is_descriptor_limit(errno)) return fail_descriptor_limit(spec.name.called(), errno, err);
    return fail(err, FR_SYSTEM, errno, "cannot reopen the ring's objects: /proc must be mounted");
  }
  // Where nobody could have put a lock beforehand: a read lock, which any reader can take, would
  // keep the writer out.
  const uint64_t life = (1ull << 54) + random_id();
  if (const int sys = lock_byte(o.life_fd_.get(), life); sys != 0) {
    return fail(err, FR_UNSUPPORTED, sys, "%s does not support open-file-description locks",
                spec.name.directory.c_str());
  }
  FR_KILL_POINT(objects_locked);
  fr_mapping* data = fr_mapping::map(o.data_fd_.get(), 0, g.data_bytes, g.slot_bytes,
                                     fr_mapping::Access::kSharedReadWrite);
  if (data == nullptr) return fail_map(spec.name.called(), g.data_bytes, errno, err);
  o.data_ = OwnedMapping(data);
  fr_mapping* ctl = fr_mapping::map(o.ctl_fd_.get(), 0, g.ctl_bytes, g.ctl_bytes,
                                    fr_mapping::Access::kSharedReadWrite);
  if (ctl == nullptr) return fail_map(spec.name.called(), g.ctl_bytes, errno, err);
  o.ctl_ = OwnedMapping(ctl);
  if (spec.memory_lock != FR_LOCK_NONE) {
    o.lock_ = lock_memory(o.data_, g);
    if (o.lock_.locked == FR_LOCKED_YES) {
      if (mlock(ctl->data(), g.ctl_bytes) == 0) {
        o.lock_.bytes += g.ctl_bytes;
      } else {
        o.lock_.sys = errno;
        o.lock_.locked = FR_LOCKED_PARTIAL;
      }
    }
    if (spec.memory_lock == FR_LOCK_REQUIRED && o.lock_.locked != FR_LOCKED_YES) {
      return require_locked(o.lock_, g.data_bytes + g.ctl_bytes, err);
    }
  }
  FR_KILL_POINT(objects_mapped);
  o.data_->prefault();
  o.ctl_->prefault();

  timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  auto* header = at<DataHeader>(o.data_, 0);
  header->id = make_identity(kDataMagic, g, o.generation_);
  header->session = spec.session;
  header->life = life;
  header->writer_pid = static_cast<uint32_t>(getpid());
  header->writer_uid = geteuid();
  header->created = t.tv_sec * 1'000'000'000 + t.tv_nsec;
  o.live()->state.store(static_cast<uint32_t>(RingState::kRunning), std::memory_order_relaxed);
  o.live()->locked_bytes.store(o.lock_.bytes, std::memory_order_relaxed);
  o.ctl()->id = make_identity(kCtlMagic, g, o.generation_);
  FR_KILL_POINT(objects_filled);

  if (const fr_status s = o.bells_.create(spec.name, o.generation_, g.max_readers, spec.ctl_mode,
                                          spec.ctl_group, err);
      s != FR_OK) {
    return s;
  }
  *out = std::move(o);
  return FR_OK;
}

}  // namespace framering
