// Reading words that another process may change at any moment.
#pragma once

#include <atomic>

namespace framering {

// A word that orders nothing: a figure, or a hint.
template <typename T>
T relaxed(const std::atomic<T>& word) {
  return word.load(std::memory_order_relaxed);
}

// One load of a word in shared memory: a compiler that read it twice could check one value and use
// another (I5).
template <typename T>
T once(const T& word) {
  return *const_cast<const volatile T*>(&word);
}

}  // namespace framering
