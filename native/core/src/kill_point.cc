#include "kill_point.h"

#ifdef FR_TEST_HOOKS

#include <signal.h>

#include <atomic>
#include <cstring>

namespace framering {
namespace {

constexpr const char* kNames[] = {
#define FR_NAME(name) #name,
    FR_KILL_POINTS(FR_NAME)
#undef FR_NAME
};
constexpr uint32_t kCount = sizeof kNames / sizeof kNames[0];

// What becomes of the process at each point: `signal` at the last of `left` arrivals; 0 = nothing.
struct Armed {
  std::atomic<uint32_t> left{0};
  std::atomic<int> signal{0};
};
Armed g_armed[kCount];

int arm(const char* name, uint32_t nth, int signal) {
  for (uint32_t i = 0; i < kCount; ++i) {
    if (strcmp(kNames[i], name) != 0) continue;
    g_armed[i].signal.store(signal, std::memory_order_relaxed);
    g_armed[i].left.store(nth, std::memory_order_relaxed);
    return 1;
  }
  return 0;
}

}  // namespace

void reach(KillPoint point) {
  Armed& armed = g_armed[static_cast<uint32_t>(point)];
  // Relaxed: a count, of one thread in nearly every test.
  if (armed.left.load(std::memory_order_relaxed) == 0) return;
  if (armed.left.fetch_sub(1, std::memory_order_relaxed) != 1) return;
  // To this thread, so that it takes effect before another instruction of ours.
  raise(armed.signal.load(std::memory_order_relaxed));
}

}  // namespace framering

extern "C" const char* fr_test_kill_point(uint32_t i) {
  return i < framering::kCount ? framering::kNames[i] : nullptr;
}

extern "C" int fr_test_kill_at(const char* name, uint32_t nth) {
  return framering::arm(name, nth, SIGKILL);
}

extern "C" int fr_test_stop_at(const char* name, uint32_t nth) {
  return framering::arm(name, nth, SIGSTOP);
}

#endif
