#include "lent_memory.h"

#include <cstdint>
#include <map>
#include <mutex>

namespace framering {

namespace {

struct Range {
  size_t length;
  fr_mapping* mapping;
};

struct Ranges {
  std::mutex mutex;
  std::multimap<uintptr_t, Range> by_start;
};

// One for all environments of the process. Never destroyed: finalisers may run at its very end.
Ranges& All() {
  static Ranges* const ranges = new Ranges();
  return *ranges;
}

}  // namespace

void NoteLent(const void* data, size_t length, fr_mapping* mapping) {
  Ranges& all = All();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.by_start.insert({reinterpret_cast<uintptr_t>(data), {length, mapping}});
}

void ForgetLent(const void* data, fr_mapping* mapping) {
  Ranges& all = All();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto same = all.by_start.equal_range(reinterpret_cast<uintptr_t>(data));
  for (auto it = same.first; it != same.second; ++it) {
    if (it->second.mapping != mapping) continue;
    all.by_start.erase(it);
    return;
  }
}

fr_mapping* HoldMapping(const void* data) {
  Ranges& all = All();
  const uintptr_t at = reinterpret_cast<uintptr_t>(data);
  const std::lock_guard<std::mutex> lock(all.mutex);
  auto after = all.by_start.upper_bound(at);
  if (after == all.by_start.begin()) return nullptr;
  const auto last = std::prev(after);
  if (at - last->first >= last->second.length) return nullptr;
  fr_mapping_ref(last->second.mapping);
  return last->second.mapping;
}

}  // namespace framering
