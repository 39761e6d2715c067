#include "named_semaphore.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "clock.h"
#include "error.h"
#include "limits.h"
#include "nameless_file.h"

using framering::fail;
using framering::ForkFd;
using framering::GlibcSemaphore;

namespace {

constexpr char kDirectory[] = "/dev/shm";
constexpr char kPrefix[] = "/dev/shm/sem.";

// How long a waiter sleeps before it looks for itself. Nobody needs to lie for a wake-up to be lost
// to it: glibc's post wakes one waiter, and when that one is killed before it takes the unit, the
// unit lies there and the others sleep on. Somebody may also move sleepers to another word
// (FUTEX_REQUEUE), or cut the file off, which wakes nobody.
constexpr int64_t kLook = framering::kSecond;

// An object of that name may go between a failed link and the open, and come back, for as long as
// somebody keeps doing that.
constexpr int kAttempts = 100;

fr_status parse_name(const char* name, std::string* out, fr_error* err) {
  if (name == nullptr) name = "";
  if (name[0] == '/') ++name;
  const size_t length = strnlen(name, FR_SEMAPHORE_MAX_NAME + 1);
  if (length == 0) return fail(err, FR_NAME_INVALID, 0, "the semaphore's name is empty: give one");
  if (length > FR_SEMAPHORE_MAX_NAME) {
    return fail(err, FR_NAME_INVALID, 0, "the semaphore's name is longer than %d bytes: shorten it",
                FR_SEMAPHORE_MAX_NAME);
  }
  if (memchr(name, '/', length) != nullptr) {
    return fail(err, FR_NAME_INVALID, 0,
                "the semaphore's name '%s' has a slash: only one at its start is allowed", name);
  }
  out->assign(name, length);
  return FR_OK;
}

std::string path_of(const std::string& name) { return kPrefix + name; }
std::string said(const std::string& name) { return "semaphore '" + name + "'"; }

fr_status fail_not_one(const std::string& name, const char* what, fr_error* err) {
  return fail(err, FR_NOT_A_SEMAPHORE, 0,
              "%s is %s: remove it if nobody needs it, or choose another name",
              path_of(name).c_str(), what);
}

fr_status fail_full(const std::string& what, fr_error* err) {
  return fail(err, FR_SHM_FULL, ENOSPC,
              "%s has no room for %s: remove what is left over there, or enlarge it (docker run "
              "--shm-size=; otherwise: mount -o remount,size=N %s)",
              kDirectory, what.c_str(), kDirectory);
}

fr_status fail_permission(const std::string& name, const char* what, int sys, fr_error* err) {
  const std::string path = path_of(name);
  struct stat file;
  if (lstat(path.c_str(), &file) != 0) {
    return fail(err, FR_PERMISSION, sys, "uid %u may not %s %s", geteuid(), what, path.c_str());
  }
  return fail(err, FR_PERMISSION, sys,
              "uid %u may not %s %s, which belongs to uid %u, gid %u with mode %04o: run as that "
              "user, or have it created with a mode that lets others read and write",
              geteuid(), what, path.c_str(), file.st_uid, file.st_gid,
              static_cast<unsigned>(file.st_mode & 07777));
}

// Counted as a waiter until it is over, however it ends.
class Counted {
 public:
  explicit Counted(GlibcSemaphore* words) : words_(words) { words_->count_me(); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    if (!taken_) words_->discount_me();
  }
  bool try_take() { return taken_ = words_->try_take_counted(); }

 private:
  GlibcSemaphore* words_;
  bool taken_ = false;
};

bool is_set(const fr_cancel* cancel) {
  return cancel != nullptr && __atomic_load_n(&cancel->set, __ATOMIC_ACQUIRE) != 0;
}

const std::atomic<uint32_t>* word_of(const fr_cancel* cancel) {
  return reinterpret_cast<const std::atomic<uint32_t>*>(cancel);
}

}  // namespace

fr_status fr_semaphore::open(const fr_semaphore_options& o, fr_semaphore** out, fr_error* err) {
  std::string name;
  if (const fr_status s = parse_name(o.name, &name, err); s != FR_OK) return s;
  if (o.create != 0 && o.value > FR_SEMAPHORE_MAX) {
    return fail(err, FR_OPTION_INVALID, 0, "value is %u: give 0 to %d", o.value, FR_SEMAPHORE_MAX);
  }
  if (o.create != 0) {
    if (const fr_status s = framering::check_mode(o.mode, err); s != FR_OK) return s;
  }
  if (!GlibcSemaphore::layout_matches()) {
    return fail(err, FR_UNSUPPORTED, 0,
                "the semaphores of this C library have another layout than glibc's on 64-bit "
                "machines: report it, with the library's version");
  }
  std::unique_ptr<fr_semaphore> made(new fr_semaphore(std::move(name)));
  fr_status status = o.create != 0 ? FR_NOT_FOUND : made->attach(err);
  for (int i = 0; o.create != 0 && i < kAttempts; ++i) {
    // Looked for first: where it is there already, no right to make files is needed.
    if (o.exclusive == 0) status = made->attach(err);
    if (status == FR_NOT_FOUND) status = made->create(o, err);
    if (status != FR_EXISTS || o.exclusive != 0) break;
  }
  if (status == FR_OK) *out = made.release();
  return status;
}

// Under no name while it is written, so that nobody opens half of it and a crash leaves nothing.
fr_status fr_semaphore::create(const fr_semaphore_options& o, fr_error* err) {
  const std::string what = said(name_);
  if (const fr_status s = framering::check_file_size(what, sizeof(GlibcSemaphore), err);
      s != FR_OK) {
    return s;
  }
  ForkFd fd;
  if (const fr_status s = framering::open_nameless(kDirectory, what, &fd, err); s != FR_OK) {
    return s;
  }
  const GlibcSemaphore fresh(o.value);
  if (pwrite(fd.get(), &fresh, sizeof fresh, 0) != static_cast<ssize_t>(sizeof fresh)) {
    if (errno == ENOSPC || errno == EDQUOT) return fail_full(what, err);
    return fail(err, FR_SYSTEM, errno, "cannot write %s", what.c_str());
  }
  if (fchmod(fd.get(), o.mode) != 0) {
    return fail(err, FR_SYSTEM, errno, "cannot set the mode of %s", what.c_str());
  }
  if (const fr_status s = map(fd.get(), err); s != FR_OK) return s;
  if (linkat(AT_FDCWD, framering::proc_path(fd.get()).c_str(), AT_FDCWD, path_of(name_).c_str(),
             AT_SYMLINK_FOLLOW) == 0) {
    return FR_OK;
  }
  if (errno == ENOSPC) return framering::fail_no_inode(kDirectory, err);
  if (errno != EEXIST) {
    return fail(err, FR_SYSTEM, errno, "cannot give %s its name: is /proc mounted?", what.c_str());
  }
  return fail(err, FR_EXISTS, 0,
              "semaphore '%s' exists: open it without `exclusive`, choose another name, or unlink "
              "it first if nobody uses it",
              name_.c_str());
}

fr_status fr_semaphore::attach(fr_error* err) {
  // Of a FIFO or a device NONBLOCK keeps the open from waiting; a link could lead anywhere.
  const ForkFd fd =
      ForkFd::open(path_of(name_), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (!fd.ok()) {
    switch (const int sys = errno; sys) {
      case ENOENT:
        return fail(err, FR_NOT_FOUND, 0,
                    "there is no semaphore '%s': create it first, or check the name",
                    name_.c_str());
      case EACCES:
      case EPERM:
        return fail_permission(name_, "open", sys, err);
      case ELOOP:
        return fail_not_one(name_, "a symbolic link", err);
      case EISDIR:
        return fail_not_one(name_, "a directory", err);
      case ENXIO:
        return fail_not_one(name_, "a socket or a device", err);
      case EMFILE:
      case ENFILE:
        return framering::fail_descriptor_limit(said(name_), sys, err);
      default:
        return fail(err, FR_SYSTEM, sys, "cannot open semaphore '%s'", name_.c_str());
    }
  }
  struct stat file;
  if (fstat(fd.get(), &file) != 0) {
    return fail(err, FR_SYSTEM, errno, "cannot look at semaphore '%s'", name_.c_str());
  }
  if (!S_ISREG(file.st_mode)) return fail_not_one(name_, "no regular file", err);
  if (file.st_size != sizeof(GlibcSemaphore)) {
    return fail_not_one(name_, "not 32 bytes long, as a semaphore of a 64-bit glibc is", err);
  }
  if (const fr_status s = map(fd.get(), err); s != FR_OK) return s;
  if (!words()->is_shared() && !mapping_->truncated()) {
    return fail_not_one(name_, "damaged, or of another C library than glibc", err);
  }
  return check_whole(err);
}

fr_status fr_semaphore::map(int fd, fr_error* err) {
  constexpr size_t kBytes = sizeof(GlibcSemaphore);
  mapping_ = framering::OwnedMapping(
      fr_mapping::map(fd, 0, kBytes, kBytes, fr_mapping::Access::kSharedReadWrite));
  return mapping_ ? FR_OK : framering::fail_map(said(name_), kBytes, errno, err);
}

fr_status fr_semaphore::unlink(const char* given, fr_error* err) {
  std::string name;
  if (const fr_status s = parse_name(given, &name, err); s != FR_OK) return s;
  if (::unlink(path_of(name).c_str()) == 0) return FR_OK;
  switch (const int sys = errno; sys) {
    case ENOENT:
      return fail(
          err, FR_NOT_FOUND, 0,
          "there is no semaphore '%s' to unlink: somebody did so already, or check the name",
          name.c_str());
    case EISDIR:
      return fail_not_one(name, "a directory", err);
    case EACCES:
    case EPERM:
      return fail_permission(name, "remove", sys, err);
    default:
      return fail(err, FR_SYSTEM, sys, "cannot unlink semaphore '%s'", name.c_str());
  }
}

fr_status fr_semaphore::check_process(fr_error* err) const {
  if (!process_.foreign()) return FR_OK;
  return fail(err, FR_CLOSED, 0,
              "this handle of semaphore '%s' belongs to the process that forked this one: open it "
              "again here",
              name_.c_str());
}

// After each operation, not before: what was done on the zeros that stand in for a file that was
// cut off reached nobody.
fr_status fr_semaphore::check_whole(fr_error* err) const {
  if (!mapping_->truncated()) return FR_OK;
  return fail(err, FR_TRUNCATED, 0,
              "another process cut off %s: close this handle, unlink the semaphore and create it "
              "anew",
              path_of(name_).c_str());
}

fr_status fr_semaphore::post(fr_error* err) {
  if (const fr_status s = check_process(err); s != FR_OK) return s;
  const bool posted = words()->post();
  if (const fr_status s = check_whole(err); s != FR_OK) return s;
  if (posted) return FR_OK;
  return fail(err, FR_SEMAPHORE_OVERFLOW, 0,
              "semaphore '%s' has %d units, and there can be no more: somebody posts without "
              "waiting",
              name_.c_str(), FR_SEMAPHORE_MAX);
}

fr_wait fr_semaphore::try_wait(fr_error* err) {
  if (check_process(err) != FR_OK) return FR_WAIT_FAILED;
  const bool taken = words()->try_take();
  if (check_whole(err) != FR_OK) return FR_WAIT_FAILED;
  return taken ? FR_ACQUIRED : FR_TIMED_OUT;
}

fr_wait fr_semaphore::wait(int64_t deadline, const fr_cancel* cancel, fr_error* err) {
  if (const fr_wait first = try_wait(err); first != FR_TIMED_OUT) return first;
  // A thread that will not sleep is not counted.
  if (is_set(cancel)) return FR_CANCELLED;
  if (deadline <= framering::now()) return FR_TIMED_OUT;
  Counted me(words());
  for (;;) {
    // First, whatever ended the sleep: a post may have woken this thread and no other, so a wait
    // that was cancelled or is late must not leave the unit lying.
    const bool taken = me.try_take();
    if (check_whole(err) != FR_OK) return FR_WAIT_FAILED;
    if (taken) return FR_ACQUIRED;
    if (is_set(cancel)) return FR_CANCELLED;
    const int64_t time = framering::now();
    if (deadline <= time) return FR_TIMED_OUT;
    words()->sleep(std::min(deadline, time + kLook), word_of(cancel));
  }
}

fr_status fr_semaphore::value(uint32_t* value, fr_error* err) {
  if (const fr_status s = check_process(err); s != FR_OK) return s;
  *value = words()->value();
  return check_whole(err);
}
