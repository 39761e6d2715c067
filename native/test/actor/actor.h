// A process of a ring, told what to do by the stage: writer, reader or sweeper. It knows the C face
// only.
#pragma once

#include <string>

#include "counting.h"
#include "line.h"
#include "reading.h"
#include "writing.h"

namespace framering::test {

class Actor {
 public:
  Actor(int fd, const std::string& directory)
      : wire_(fd),
        directory_(directory),
        writing_(wire_, directory),
        reading_(wire_, directory),
        counting_(wire_) {
    set_wire(&wire_);
  }
  // Until the stage lets go of it.
  int play();

 private:
  bool perform(const Line& line);
  void arm(const Line& line) const;
  void doom(const Line& line) const;
  void sweep(const Line& line) const;
  void sweep_quietly() const;
  void fork_on();

  Wire wire_;
  std::string directory_;
  Writing writing_;
  Reading reading_;
  Counting counting_;
};

}  // namespace framering::test
