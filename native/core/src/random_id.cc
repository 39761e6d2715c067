#include "random_id.h"

#include <sys/random.h>

namespace framering {

uint64_t random_id() {
  uint64_t value = 0;
  // Again where a signal cut the call short, and in the one case in 2^53 where it is zero.
  while (value == 0) {
    if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) value = 0;
    value &= (1ull << 53) - 1;
  }
  return value;
}

}  // namespace framering
