#include "remains.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "bells.h"
#include "error.h"
#include "kill_point.h"
#include "layout.h"
#include "ofd_lock.h"

namespace framering {
namespace {

bool ends_with(const std::string& text, const char* end) {
  const size_t length = std::string::traits_type::length(end);
  return text.size() >= length && text.compare(text.size() - length, length, end) == 0;
}

}  // namespace

bool list_ring_files(const std::string& directory, std::vector<RingFile>* out) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), &closedir);
  if (open == nullptr) return false;
  while (const dirent* entry = readdir(open.get())) {
    RingFile file;
    if (!RingName::of_entry(directory, entry->d_name, &file.ring)) continue;
    file.entry = entry->d_name;
    out->push_back(std::move(file));
  }
  return true;
}

bool is_bells(const RingFile& file) { return ends_with(file.entry, ".bells"); }

bool shows_life(const RingName& name) {
  const UniqueFd data(
      ::open(name.path(name.file("data")).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  DataHeader header;
  // What is not there, or is no object, has no writer. Only the object's owner can write-lock it.
  constexpr uint64_t kBeyondAny = 1ull << 62;  // a byte the kernel knows, or nothing would be told
  return data.ok() &&
         pread(data.get(), &header, sizeof header, 0) == static_cast<ssize_t>(sizeof header) &&
         memcmp(header.id.magic, kDataMagic, sizeof kDataMagic) == 0 && header.life < kBeyondAny &&
         byte_is_locked(data.get(), header.life);
}

int remove_ring_file(const RingFile& file) {
  const std::string path = file.ring.path(file.entry);
  if (is_bells(file)) return remove_bells(path);
  return unlink(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

fr_status remove_remains(const RingName& name, fr_error* err) {
  // The two names the new objects need, the data object first: a name that exists is complete.
  for (const char* suffix : {"data", "ctl"}) {
    const RingFile file = {name.file(suffix), name};
    const int sys = remove_ring_file(file);
    FR_KILL_POINT(remains_name);
    if (sys == 0) continue;
    struct stat st = {};
    lstat(name.path(file.entry).c_str(), &st);
    return fail(err, FR_PERMISSION, sys,
                "cannot remove %s, left there by uid %u (mode %04o), as uid %u: remove it as its "
                "owner or choose another name",
                name.path(file.entry).c_str(), st.st_uid, st.st_mode & 07777, geteuid());
  }
  std::vector<RingFile> files;
  list_ring_files(name.directory, &files);
  for (const RingFile& file : files) {
    if (file.ring.name != name.name || ends_with(file.entry, ".lock")) continue;
    // Somebody else's cannot be removed and does no harm: no generation of ours has that name.
    static_cast<void>(remove_ring_file(file));
    FR_KILL_POINT(remains_generation);
  }
  return FR_OK;
}

}  // namespace framering
