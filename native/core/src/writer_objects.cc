#include <dirent.h>
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
#include <memory>

#include "error.h"
#include "objects.h"
#include "ofd_lock.h"
#include "random_id.h"
#include "room.h"

namespace framering {
namespace {

std::string proc_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

// A nameless file in the directory, so that a crash before the link leaves nothing.
fr_status open_nameless(const RingName& name, UniqueFd* out, fr_error* err) {
  UniqueFd fd(open(name.directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd.ok()) {
    const int sys = errno;
    const fr_status status = sys == EACCES || sys == EPERM        ? FR_PERMISSION
                             : sys == EOPNOTSUPP || sys == EISDIR ? FR_UNSUPPORTED
                             : sys == ENOSPC                      ? FR_SHM_FULL
                                                                  : FR_SYSTEM;
    if (sys == EMFILE || sys == ENFILE) {
      return fail(err, FR_SYSTEM, sys, "no file descriptor is left: raise the limit (ulimit -n)");
    }
    return fail(err, status, sys,
                "uid %u cannot make files in %s: choose a directory on tmpfs that it may write",
                geteuid(), name.directory.c_str());
  }
  *out = std::move(fd);
  return FR_OK;
}

// Allocates every byte now: a page that cannot be had later would be a SIGBUS in the middle of a
// frame. In pieces, because a signal makes the kernel undo the whole of an unfinished call.
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

// Explicit bits, for the umask must not decide who can read a ring.
int give(int fd, uint32_t mode, int64_t group) {
  if (group >= 0 && fchown(fd, static_cast<uid_t>(-1), static_cast<gid_t>(group)) != 0) {
    return errno;
  }
  return fchmod(fd, mode) == 0 ? 0 : errno;
}

fr_status make_object(const ObjectSpec& spec, uint64_t bytes, uint32_t mode, UniqueFd* out,
                      fr_error* err) {
  if (const fr_status s = open_nameless(spec.name, out, err); s != FR_OK) return s;
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
  if (const int sys = give(out->get(), mode, spec.group); sys != 0) {
    return fail(err, FR_PERMISSION, sys,
                "cannot give ring '%s' mode %04o and group %" PRId64
                ": uid %u must be a member of that group",
                spec.name.name.c_str(), spec.mode, spec.group, geteuid());
  }
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

bool same_file(const std::string& path, int fd) {
  struct stat named, held;
  return lstat(path.c_str(), &named) == 0 && fstat(fd, &held) == 0 && named.st_dev == held.st_dev &&
         named.st_ino == held.st_ino;
}

// linkat cannot replace, rename can: linked under a name of the generation first, then renamed
// over.
int link_temporary(const RingName& name, uint64_t generation, const char* suffix, int fd) {
  const std::string temporary = name.path(name.generation_file(generation, suffix));
  return linkat(AT_FDCWD, proc_path(fd).c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) ==
                 0
             ? 0
             : errno;
}

int put_in_place(const RingName& name, uint64_t generation, const char* suffix) {
  const std::string temporary = name.path(name.generation_file(generation, suffix));
  return rename(temporary.c_str(), name.path(name.file(suffix)).c_str()) == 0 ? 0 : errno;
}

}  // namespace

fr_status WriterObjects::create(const ObjectSpec& spec, WriterObjects* out, fr_error* err) {
  const Geometry& g = spec.geometry;
  if (const fr_status s = check_room(spec.name.directory, g.data_bytes + g.ctl_bytes, err);
      s != FR_OK) {
    return s;
  }
  WriterObjects o;
  o.name_ = spec.name;
  o.geometry_ = g;
  o.generation_ = random_id();
  // Nobody but the owner may write frames, whatever the ring's mode lets them do to the pins.
  if (const fr_status s = make_object(spec, g.data_bytes, spec.mode & ~0022u, &o.data_fd_, err);
      s != FR_OK) {
    return s;
  }
  // Who may only read the frames must not read this: a read lock on its bytes keeps readers out.
  const uint32_t ctl_mode = 0600 | ((spec.mode & 0020) != 0 ? 0060 : 0);
  if (const fr_status s = make_object(spec, g.ctl_bytes, ctl_mode, &o.ctl_fd_, err); s != FR_OK) {
    return s;
  }
  o.life_fd_.reset(::open(proc_path(o.data_fd_.get()).c_str(), O_RDWR | O_CLOEXEC));
  o.reader_locks_.reset(::open(proc_path(o.ctl_fd_.get()).c_str(), O_RDWR | O_CLOEXEC));
  if (!o.life_fd_.ok() || !o.reader_locks_.ok()) {
    return fail(err, FR_SYSTEM, errno, "cannot reopen the ring's objects: /proc must be mounted");
  }
  // Where nobody could have put a lock beforehand: a read lock, which any reader can take, would
  // keep the writer out.
  const uint64_t life = (1ull << 54) + random_id();
  if (const int sys = lock_byte(o.life_fd_.get(), life); sys != 0) {
    return fail(err, FR_UNSUPPORTED, sys, "%s does not support open-file-description locks",
                spec.name.directory.c_str());
  }
  fr_mapping* data = fr_mapping::map(o.data_fd_.get(), 0, g.data_bytes, g.slot_bytes,
                                     fr_mapping::Access::kSharedReadWrite);
  if (data == nullptr) return fail(err, FR_SYSTEM, errno, "cannot map the data object");
  o.data_ = OwnedMapping(data);
  fr_mapping* ctl = fr_mapping::map(o.ctl_fd_.get(), 0, g.ctl_bytes, g.ctl_bytes,
                                    fr_mapping::Access::kSharedReadWrite);
  if (ctl == nullptr) return fail(err, FR_SYSTEM, errno, "cannot map the control object");
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

  if (const fr_status s =
          o.bells_.create(spec.name, o.generation_, g.max_readers, ctl_mode, spec.group, err);
      s != FR_OK) {
    return s;
  }
  *out = std::move(o);
  return FR_OK;
}

int WriterObjects::link_names() {
  // Everything that may want memory before anything that replaces a name.
  int sys = link_temporary(name_, generation_, "ctl", ctl_fd_.get());
  if (sys == 0) sys = link_temporary(name_, generation_, "data", data_fd_.get());
  if (sys == 0) sys = put_in_place(name_, generation_, "ctl");
  if (sys == 0) sys = put_in_place(name_, generation_, "data");
  if (sys != 0) {
    for (const char* suffix : {"ctl", "data"}) {
      unlink(name_.path(name_.generation_file(generation_, suffix)).c_str());
    }
  }
  return sys;
}

int WriterObjects::keep_ctl() { return link_temporary(name_, generation_, "ctl", ctl_fd_.get()); }

void WriterObjects::give_ctl_back() { put_in_place(name_, generation_, "ctl"); }

void WriterObjects::let_ctl_go() {
  unlink(name_.path(name_.generation_file(generation_, "ctl")).c_str());
}

fr_status WriterObjects::publish_names(fr_error* err) {
  // The link and rename calls order everything written above before the name.
  const int sys = link_names();
  if (sys == 0) return FR_OK;
  remove_names();
  bells_.remove();
  return fail(err,
              sys == EACCES || sys == EPERM ? FR_PERMISSION
              : sys == ENOSPC               ? FR_SHM_FULL
                                            : FR_SYSTEM,
              sys,
              "cannot put ring '%s' in place in %s: a file of that name may belong to another user",
              name_.name.c_str(), name_.directory.c_str());
}

void WriterObjects::remove_names() {
  const std::string data = name_.path(name_.file("data"));
  const std::string ctl = name_.path(name_.file("ctl"));
  // The data object first: a name that exists is complete.
  if (same_file(data, data_fd_.get())) unlink(data.c_str());
  if (same_file(ctl, ctl_fd_.get())) unlink(ctl.c_str());
}

fr_status remove_remains(const RingName& name, fr_error* err) {
  for (const char* suffix : {"data", "ctl"}) {
    const std::string path = name.path(name.file(suffix));
    if (unlink(path.c_str()) == 0 || errno == ENOENT) continue;
    const int sys = errno;
    struct stat st = {};
    lstat(path.c_str(), &st);
    return fail(err, FR_PERMISSION, sys,
                "cannot remove %s, left there by uid %u (mode %04o), as uid %u: remove it as its "
                "owner or choose another name",
                path.c_str(), st.st_uid, st.st_mode & 07777, geteuid());
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(name.directory.c_str()), &closedir);
  if (directory == nullptr) return FR_OK;
  while (const dirent* entry = readdir(directory.get())) {
    if (!name.is_generation_file(entry->d_name)) continue;
    const std::string path = name.path(entry->d_name);
    const bool bells = path.compare(path.size() - 6, 6, ".bells") == 0;
    // Somebody else's cannot be removed and does no harm: no generation of ours has that name.
    if (bells) {
      remove_bells(path);
    } else {
      unlink(path.c_str());
    }
  }
  return FR_OK;
}

}  // namespace framering
