// Memory that is either there or null: nothing here throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

// The loops over a row, compiled a second time for processors with AVX2, which takes half the time.
// Sanitizers run before the choice between the two can be made.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    defined(__GNUC__) && !defined(__clang__)
#define FR_ROW __attribute__((target_clones("avx2", "default")))
#else
#define FR_ROW
#endif

namespace framering::convert {

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};

template <typename T>
using Memory = std::unique_ptr<T[], FreeMemory>;

// Null when there is none. Loops that are unrolled may read, never use, what stands behind a row:
// hence the zeroed bytes after it.
template <typename T>
Memory<T> Allocate(size_t count) {
  constexpr size_t kBehind = 64;
  if (count > (SIZE_MAX - kBehind) / sizeof(T)) return nullptr;
  return Memory<T>(static_cast<T*>(std::calloc(1, count * sizeof(T) + kBehind)));
}

}  // namespace framering::convert
