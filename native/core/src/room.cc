#include "room.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include "error.h"

namespace framering {
namespace {

struct FileCloser {
  void operator()(FILE* f) const { fclose(f); }
};
using File = std::unique_ptr<FILE, FileCloser>;

File open_text(const std::string& path) { return File(fopen(path.c_str(), "re")); }

// The number a one-line file of the cgroup file system holds; nothing for "max" or no such file.
std::optional<uint64_t> read_number(const std::string& path) {
  const File f = open_text(path);
  if (f == nullptr) return std::nullopt;
  char line[64];
  if (fgets(line, sizeof line, f.get()) == nullptr) return std::nullopt;
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = strtoull(line, &end, 10);
  if (end == line || errno != 0) return std::nullopt;
  return value;
}

// The value after `key` in a file of "key value" lines, such as memory.stat or /proc/meminfo.
std::optional<uint64_t> read_keyed(const std::string& path, const char* key) {
  const File f = open_text(path);
  if (f == nullptr) return std::nullopt;
  char line[256];
  const size_t length = strlen(key);
  while (fgets(line, sizeof line, f.get()) != nullptr) {
    if (strncmp(line, key, length) == 0 && (line[length] == ' ' || line[length] == ':')) {
      return strtoull(line + length + 1, nullptr, 10);
    }
  }
  return std::nullopt;
}

// Room below one cgroup's limit. Clean page cache counts as room: the kernel gives it up first.
std::optional<uint64_t> headroom(const std::string& group, const char* limit_file,
                                 const char* usage_file, const char* cache_key) {
  const auto limit = read_number(group + "/" + limit_file);
  const auto usage = read_number(group + "/" + usage_file);
  // cgroup v1 writes "no limit" as a number near 2^63.
  if (!limit || !usage || *limit >= 1ull << 62) return std::nullopt;
  const uint64_t cache = read_keyed(group + "/memory.stat", cache_key).value_or(0);
  const uint64_t held = *usage > cache ? *usage - cache : 0;
  return *limit > held ? *limit - held : 0;
}

void narrow(std::optional<uint64_t>* least, std::optional<uint64_t> value) {
  if (value && (!*least || *value < **least)) *least = value;
}

// The least room of the process's memory cgroup and its parents, v1 or v2; nothing when unlimited.
std::optional<uint64_t> cgroup_room() {
  const File f = open_text("/proc/self/cgroup");
  if (f == nullptr) return std::nullopt;
  std::optional<uint64_t> least;
  char line[4096];
  while (fgets(line, sizeof line, f.get()) != nullptr) {
    line[strcspn(line, "\n")] = '\0';
    char* controllers = strchr(line, ':');
    if (controllers == nullptr) continue;
    char* path = strchr(++controllers, ':');
    if (path == nullptr) continue;
    *path++ = '\0';
    const bool v2 = *controllers == '\0';
    if (!v2 && strstr(controllers, "memory") == nullptr) continue;
    const std::string root = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    // Inside a container the path may be the host's and not exist here; the root then is the
    // container's own group, and it is looked at last in any case.
    for (std::string group = path;;) {
      if (group == "/") group.clear();
      if (v2) {
        narrow(&least, headroom(root + group, "memory.max", "memory.current", "inactive_file"));
      } else {
        narrow(&least, headroom(root + group, "memory.limit_in_bytes", "memory.usage_in_bytes",
                                "total_inactive_file"));
      }
      if (group.empty()) break;
      const size_t slash = group.rfind('/');
      if (slash == std::string::npos) break;  // a line cut off: not a path
      group.erase(slash);
    }
  }
  return least;
}

constexpr uint64_t mib(uint64_t bytes) { return (bytes + (1 << 20) - 1) >> 20; }

}  // namespace

fr_status check_room(const std::string& directory, uint64_t needed, const std::string& what,
                     const char* less, fr_error* err) {
  struct statvfs fs;
  if (!directory.empty() && statvfs(directory.c_str(), &fs) == 0) {
    const uint64_t available = static_cast<uint64_t>(fs.f_bavail) * fs.f_frsize;
    // A size of 0 blocks is a tmpfs without a limit.
    if (fs.f_blocks != 0 && available < needed) {
      return fail_short(err, FR_SHM_FULL, needed, available,
                        "%s needs %" PRIu64 " bytes and %s has %" PRIu64
                        " free: %s, remove what is left over there, or "
                        "enlarge it (docker run --shm-size=%" PRIu64
                        "m; Kubernetes: an emptyDir with medium: Memory; otherwise: mount -o "
                        "remount,size=%" PRIu64 "m %s)",
                        what.c_str(), needed, directory.c_str(), available, less, mib(needed) + 64,
                        mib(needed) + 64, directory.c_str());
    }
  }
  if (const auto room = cgroup_room(); room && *room < needed) {
    return fail_short(err, FR_SHM_FULL, needed, *room,
                      "%s needs %" PRIu64
                      " bytes and the memory cgroup of this process has "
                      "%" PRIu64
                      " left: %s, or raise the limit (docker "
                      "run --memory; Kubernetes: resources.limits.memory)",
                      what.c_str(), needed, *room, less);
  }
  if (const auto free = read_keyed("/proc/meminfo", "MemAvailable")) {
    const uint64_t swap = read_keyed("/proc/meminfo", "SwapFree").value_or(0);
    const uint64_t available = (*free + swap) * 1024;
    if (available < needed) {
      return fail_short(err, FR_SHM_FULL, needed, available,
                        "%s needs %" PRIu64 " bytes and the machine has %" PRIu64
                        " of memory available: %s",
                        what.c_str(), needed, available, less);
    }
  }
  return FR_OK;
}

}  // namespace framering
