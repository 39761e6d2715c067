#include "late_memory.h"

#include <sys/mman.h>

#include <mutex>

namespace framering {
namespace {

struct Range {
  uint8_t* base = nullptr;
  size_t length = 0;
};

// Address space only, but a process may be limited in that too (RLIMIT_AS).
constexpr size_t kMostRanges = 64;
constexpr size_t kMostBytes = size_t{2} << 30;

std::mutex g_mutex;
Range g_ranges[kMostRanges];  // oldest at g_first, g_count of them
size_t g_first = 0, g_count = 0, g_bytes = 0;

void drop_oldest() {
  Range& oldest = g_ranges[g_first];
  munmap(oldest.base, oldest.length);
  g_bytes -= oldest.length;
  g_first = (g_first + 1) % kMostRanges;
  --g_count;
}

}  // namespace

void leave_zeros(uint8_t* base, size_t length) {
  if (length > kMostBytes ||
      mmap(base, length, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
    munmap(base, length);
    return;
  }
  const std::lock_guard<std::mutex> hold(g_mutex);
  while (g_count == kMostRanges || g_bytes + length > kMostBytes) drop_oldest();
  g_ranges[(g_first + g_count) % kMostRanges] = {base, length};
  ++g_count;
  g_bytes += length;
}

bool give_back_late_memory() {
  const std::lock_guard<std::mutex> hold(g_mutex);
  if (g_count == 0) return false;
  while (g_count != 0) drop_oldest();
  return true;
}

void hold_late_memory() { g_mutex.lock(); }
void free_late_memory() { g_mutex.unlock(); }

}  // namespace framering
