// The names of a ring's objects, all derived from directory, ring name and generation: none is ever
// read from shared memory. '@' cannot stand in a ring's name, so no ring's objects can be mistaken
// for another ring's unfinished ones.
//
//   framering.NAME.data             the data object
//   framering.NAME.ctl              the control object
//   framering.NAME.lock             what writers of the name exclude each other with
//   framering.NAME@GENERATION.data  an object about to be renamed into place (also .ctl)
//   framering.NAME@GENERATION.bells the directory of doorbell FIFOs: `life`, 0, 1, ...
#pragma once

#include <cstdint>
#include <string>

#include "../include/framering.h"

namespace framering {

inline constexpr char kDefaultDirectory[] = "/dev/shm";

struct RingName {
  std::string directory;
  std::string name;

  static fr_status parse(const char* directory, const char* name, RingName* out, fr_error* err);

  std::string called() const { return "ring '" + name + "'"; }  // as a sentence names it
  std::string file(const char* suffix) const;                   // "data" -> framering.NAME.data
  std::string generation_file(uint64_t generation, const char* suffix) const;
  std::string path(const std::string& file) const { return directory + "/" + file; }
  // The ring that a directory entry belongs to. False for files that are not of any ring.
  static bool of_entry(const std::string& directory, const char* entry, RingName* out);
};

}  // namespace framering
