// Copying a whole frame into a slot.
#pragma once

#include <cstddef>
#include <cstdint>

namespace framering {

// As memcpy. A large frame goes past the caches where the processor can do that: the slot is not
// read first, and what the program works on stays where it is. `to` is aligned to 16 bytes, as
// every slot is. On return the bytes are ordered before whatever is stored next, in either way.
void copy_in(uint8_t* to, const void* from, size_t bytes);

}  // namespace framering
