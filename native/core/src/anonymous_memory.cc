#include "anonymous_memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "error.h"
#include "limits.h"
#include "nameless_file.h"
#include "random_id.h"
#include "room.h"

namespace framering {
namespace {

constexpr char kWhat[] = "the array";
constexpr size_t kIdDigits = 16;

struct DirCloser {
  void operator()(DIR* d) const { closedir(d); }
};
using Dir = std::unique_ptr<DIR, DirCloser>;

std::string label_of(const std::string& id) { return "framering-" + id; }

std::string name_of(int fd, const std::string& id) {
  return std::to_string(getpid()) + "." + std::to_string(fd) + "." + id;
}

bool is_number(const char* text) {
  if (*text == '\0') return false;
  return text[strspn(text, "0123456789")] == '\0';
}

// Whether what that link stands for is the memory with the label.
bool has_label(const std::string& link, const std::string& label) {
  char target[128];
  const ssize_t length = readlink(link.c_str(), target, sizeof target - 1);
  if (length < 0) return false;
  target[length] = '\0';
  return std::string(target) == "/memfd:" + label + " (deleted)";
}

// 0, or the errno that says why not; ENOENT when it is something else.
int open_labelled(const std::string& link, const std::string& label, int access, ForkFd* out) {
  if (!has_label(link, label)) return ENOENT;
  // NONBLOCK: the descriptor may have become something else meanwhile, a FIFO even.
  ForkFd fd = ForkFd::open(link, access | O_NONBLOCK | O_CLOEXEC);
  if (!fd.ok()) return errno;
  if (!has_label(proc_path(fd.get()), label)) return ENOENT;
  *out = std::move(fd);
  return 0;
}

int look_in(const std::string& folder, const std::string& label, int access, ForkFd* out) {
  const Dir entries(opendir(folder.c_str()));
  if (entries == nullptr) return errno == EACCES ? EACCES : ENOENT;
  int worst = ENOENT;
  for (const dirent* e = readdir(entries.get()); e != nullptr; e = readdir(entries.get())) {
    if (!is_number(e->d_name)) continue;
    const int sys = open_labelled(folder + "/" + e->d_name, label, access, out);
    if (sys == 0) return 0;
    if (sys != ENOENT) worst = sys;
  }
  return worst;
}

// Every process that this one may look at.
int look_everywhere(const std::string& label, int access, ForkFd* out) {
  const Dir processes(opendir("/proc"));
  if (processes == nullptr) return errno;
  int worst = ENOENT;
  for (const dirent* e = readdir(processes.get()); e != nullptr; e = readdir(processes.get())) {
    if (!is_number(e->d_name)) continue;
    const int sys = look_in(std::string("/proc/") + e->d_name + "/fd", label, access, out);
    if (sys == 0) return 0;
    // Other users' processes say EACCES whatever they have: that is no news of this memory.
    if (sys != ENOENT && sys != EACCES) worst = sys;
  }
  return worst;
}

}  // namespace

fr_status make_anonymous(uint64_t bytes, ForkFd* out, std::string* name, fr_error* err) {
  char id[kIdDigits + 1];
  snprintf(id, sizeof id, "%016" PRIx64, random_id());
  // No fork is to come between the descriptor and its being listed, but memfd_create is no open: a
  // child that forks right here keeps the memory until it ends, and nothing worse.
  ForkFd fd{UniqueFd(memfd_create(label_of(id).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING))};
  if (!fd.ok()) {
    const int sys = errno;
    if (is_descriptor_limit(sys)) return fail_descriptor_limit(kWhat, sys, err);
    return fail(err, sys == ENOMEM ? FR_SHM_FULL : FR_SYSTEM, sys, "cannot make anonymous memory");
  }
  if (const fr_status s = check_file_size(kWhat, bytes, err); s != FR_OK) return s;
  if (const fr_status s = check_room("", bytes, kWhat, "use a smaller one", err); s != FR_OK) {
    return s;
  }
  // The default is 0777, and a descriptor in /proc is opened by these bits.
  if (fchmod(fd.get(), 0600) != 0) return fail(err, FR_SYSTEM, errno, "cannot set a mode");
  if (const int sys = allocate(fd.get(), bytes); sys != 0) {
    if (sys == ENOMEM || sys == ENOSPC || sys == EFBIG) {
      return fail_short(err, FR_SHM_FULL, bytes, 0,
                        "the machine ran out of memory while %" PRIu64
                        " bytes were allocated for %s: use a smaller one",
                        bytes, kWhat);
    }
    return fail(err, FR_SYSTEM, sys, "cannot allocate %" PRIu64 " bytes", bytes);
  }
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return fail(err, FR_SYSTEM, errno, "cannot seal anonymous memory");
  }
  *name = name_of(fd.get(), id);
  *out = std::move(fd);
  return FR_OK;
}

fr_status find_anonymous(std::string* name, int access, ForkFd* out, fr_error* err) {
  const size_t first = name->find('.');
  const size_t second = first == std::string::npos ? first : name->find('.', first + 1);
  if (second == std::string::npos) {
    return fail(err, FR_OPTION_INVALID, 0,
                "'%.80s' is no name of anonymous memory: take it as the array's handle gives it",
                name->c_str());
  }
  const std::string pid = name->substr(0, first);
  const std::string number = name->substr(first + 1, second - first - 1);
  const std::string id = name->substr(second + 1);
  if (!is_number(pid.c_str()) || pid.size() > 10 || !is_number(number.c_str()) ||
      number.size() > 10 || id.size() != kIdDigits ||
      id.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return fail(err, FR_OPTION_INVALID, 0,
                "'%.80s' is no name of anonymous memory: take it as the array's handle gives it",
                name->c_str());
  }
  const std::string label = label_of(id);
  ForkFd fd;
  const int there = open_labelled("/proc/" + pid + "/fd/" + number, label, access, &fd);
  const int sys = there == 0 ? 0 : look_everywhere(label, access, &fd);
  if (sys == ENOENT) {
    return fail(err, FR_NOT_FOUND, 0,
                "no process that uid %u can look into has the memory %.80s: it is freed with the "
                "last one that holds it, and not seen from another container",
                geteuid(), name->c_str());
  }
  if (is_descriptor_limit(sys)) return fail_descriptor_limit(kWhat, sys, err);
  if (sys != 0) {
    return fail(err, sys == EACCES || sys == EPERM ? FR_PERMISSION : FR_SYSTEM, sys,
                "cannot open the memory %.80s as uid %u: only its owner can", name->c_str(),
                geteuid());
  }
  *name = name_of(fd.get(), id);
  *out = std::move(fd);
  return FR_OK;
}

}  // namespace framering
