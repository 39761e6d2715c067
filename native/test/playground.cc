#include "playground.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "check.h"

namespace framering::test {
namespace {

uint64_t g_operations = 0;

// One for each process: a program that crashed leaves its ring behind.
std::string make_directory() {
  const char* given = getenv("FRAMERING_PLAYGROUND");
  CHECK(given != nullptr, "FRAMERING_PLAYGROUND must name a directory on tmpfs");
  std::string path = std::string(given) + "/XXXXXX";
  CHECK(mkdtemp(path.data()) != nullptr, "cannot work in %s: %s", given, strerror(errno));
  return path;
}

}  // namespace

const std::string& playground() {
  static const std::string directory = make_directory();
  return directory;
}

uint32_t entries(const std::string& directory) {
  DIR* d = opendir(directory.c_str());
  CHECK(d != nullptr, "cannot open %s: %s", directory.c_str(), strerror(errno));
  uint32_t count = 0;
  while (const dirent* e = readdir(d)) {
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) ++count;
  }
  closedir(d);
  return count;
}

int lowest_free_fd() {
  const int fd = open("/", O_PATH | O_CLOEXEC);
  CHECK(fd >= 0, "no descriptor is left: %s", strerror(errno));
  close(fd);
  return fd;
}

void count_operations(uint64_t more) {
  static const int at_end =
      atexit([] { fprintf(stderr, "operations: %" PRIu64 "\n", g_operations); });
  static_cast<void>(at_end);
  g_operations += more;
}

}  // namespace framering::test
