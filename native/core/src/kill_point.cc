#include "kill_point.h"

#ifdef FR_TEST_HOOKS

#include <signal.h>
#include <unistd.h>

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

std::atomic<uint32_t> g_point{kCount};
std::atomic<uint32_t> g_left{0};

}  // namespace

void reach(KillPoint point) {
  // Relaxed: a count, of one thread in nearly every test.
  if (static_cast<uint32_t>(point) != g_point.load(std::memory_order_relaxed)) return;
  if (g_left.fetch_sub(1, std::memory_order_relaxed) != 1) return;
  kill(getpid(), SIGKILL);
  for (;;) pause();  // until the signal is there
}

}  // namespace framering

extern "C" const char* fr_test_kill_point(uint32_t i) {
  return i < framering::kCount ? framering::kNames[i] : nullptr;
}

extern "C" int fr_test_kill_at(const char* name, uint32_t nth) {
  for (uint32_t i = 0; i < framering::kCount; ++i) {
    if (strcmp(framering::kNames[i], name) != 0) continue;
    framering::g_left.store(nth, std::memory_order_relaxed);
    framering::g_point.store(i, std::memory_order_relaxed);
    return 1;
  }
  return 0;
}

#endif
