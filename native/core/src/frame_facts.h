// What a frame's header says, checked: the one place where its words are taken out of shared
// memory.
#pragma once

#include "layout.h"

namespace framering {

// Everything of `frame` that the header alone tells. bytes_used never exceeds the slot.
void take_facts(const FrameHeader& h, uint64_t slot_bytes, fr_frame* frame);

// False when it is no format, or none that fits a slot.
bool take_format(const FrameHeader& h, uint64_t slot_bytes, fr_format* format);

}  // namespace framering
