#include "epoch_text.h"

#include <algorithm>
#include <cstring>

#include "kill_point.h"

namespace framering {

// The words of the text are relaxed atomics on both sides: a reader may copy while the writer
// replaces them, and finds that out only afterwards. Plain copies would be a data race.

void write_text(EpochText* t, uint32_t epoch, const char* text, uint32_t bytes) {
  // Epoch 0 while the text changes. The fence keeps the change behind it.
  t->epoch.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  FR_KILL_POINT(epoch_cleared);
  for (uint32_t i = 0; i < bytes; i += sizeof(uint64_t)) {
    uint64_t word = 0;
    memcpy(&word, text + i, std::min<size_t>(sizeof word, bytes - i));
    t->text[i / sizeof word].store(word, std::memory_order_relaxed);
  }
  t->bytes.store(bytes, std::memory_order_relaxed);
  // Release: whoever finds the epoch finds its text.
  t->epoch.store(epoch, std::memory_order_release);
  FR_KILL_POINT(epoch_set);
}

uint32_t read_text(const EpochText* t, uint32_t epoch, char* text, uint32_t room) {
  if (t->epoch.load(std::memory_order_acquire) != epoch) return 0;
  const uint32_t bytes = t->bytes.load(std::memory_order_relaxed);
  if (bytes > FR_MAX_DESCRIPTOR || bytes > room) return 0;
  for (uint32_t i = 0; i < bytes; i += sizeof(uint64_t)) {
    const uint64_t word = t->text[i / sizeof word].load(std::memory_order_relaxed);
    memcpy(text + i, &word, std::min<size_t>(sizeof word, bytes - i));
  }
  // The fence keeps the second look behind the copy: equal epochs, so it is all of one text.
  std::atomic_thread_fence(std::memory_order_acquire);
  return t->epoch.load(std::memory_order_relaxed) == epoch ? bytes : 0;
}

}  // namespace framering
