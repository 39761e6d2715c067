// Whether a path still stands for a file that is open: names are given to other files, and taken.
#pragma once

#include <sys/stat.h>

#include <string>

namespace framering {

// A link to the file does not count as its name.
inline bool names_file(const std::string& path, int fd) {
  struct stat named, held;
  return lstat(path.c_str(), &named) == 0 && fstat(fd, &held) == 0 && named.st_dev == held.st_dev &&
         named.st_ino == held.st_ino;
}

}  // namespace framering
