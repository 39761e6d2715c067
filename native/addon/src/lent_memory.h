// Which mapping the bytes of an external ArrayBuffer lie in, told by their address.
//
// An ArrayBuffer that is detached gives up its mapping when the runtime pleases. Work on another
// thread that was given its address holds the mapping itself meanwhile.
#ifndef FRAMERING_ADDON_LENT_MEMORY_H_
#define FRAMERING_ADDON_LENT_MEMORY_H_

#include <framering.h>

#include <cstddef>

namespace framering {

// From when a buffer is made to when it is finalised. The same bytes may be lent more than once.
void NoteLent(const void* data, size_t length, fr_mapping* mapping);
void ForgetLent(const void* data, fr_mapping* mapping);
// With a reference more, to be given back by fr_mapping_unref. nullptr: ordinary memory.
fr_mapping* HoldMapping(const void* data);

}  // namespace framering

#endif  // FRAMERING_ADDON_LENT_MEMORY_H_
