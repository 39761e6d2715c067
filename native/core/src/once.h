// Reading words that another process may change at any moment.
#pragma once

namespace framering {

// One load of a word in shared memory: a compiler that read it twice could check one value and use
// another (I5).
template <typename T>
T once(const T& word) {
  return *const_cast<const volatile T*>(&word);
}

}  // namespace framering
