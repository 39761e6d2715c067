// What a test knows to be true of a ring, kept apart from the ring: what was sent, under which
// format, and who holds which slot.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "object_files.h"

namespace framering::test {

// One sequence as it left the writer.
struct Sent {
  bool frame = false;  // or a drop
  uint32_t epoch = 0;
  uint64_t bytes = 0;
  uint64_t dropped = 0, source_lost = 0;  // running totals, this sequence counted
};

// One writer's life.
struct Session {
  uint64_t id = 0;
  std::vector<Sent> sent{Sent{}};  // by sequence; there is no sequence 0
  std::map<uint32_t, fr_format> formats;

  uint64_t head() const { return sent.size() - 1; }
};

// One pair of objects.
struct RingModel {
  std::shared_ptr<Session> session;
  std::unique_ptr<ObjectFiles> files;
  uint64_t generation = 0;
  uint64_t latest = 0;  // newest frame in these objects, 0 = none
  enum { kRunning, kMoved, kEnded } state = kRunning;
  uint32_t readers = 0;
  std::vector<uint32_t> holders;  // leases on each slot

  bool touched() const { return files->touched(); }
};

}  // namespace framering::test
