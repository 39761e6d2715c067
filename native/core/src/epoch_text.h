// The text that stands once per epoch in the data object: a seqlock of one writer.
#pragma once

#include <cstdint>

#include "layout.h"

namespace framering {

// At most FR_MAX_DESCRIPTOR bytes; `text` may be null when there are none.
void write_text(EpochText* t, uint32_t epoch, const char* text, uint32_t bytes);

// Copies the text of `epoch` and returns its length. 0 when there is none, when it was replaced
// meanwhile (it is kept for four epochs) and when it has more than `room` bytes.
uint32_t read_text(const EpochText* t, uint32_t epoch, char* text, uint32_t room);

}  // namespace framering
