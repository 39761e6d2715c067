// What a writer is asked for, checked at the edge.
#pragma once

#include "layout.h"

namespace framering {

// FR_OPTION_INVALID when the format is none, or needs more than `slot_bytes`.
fr_status check_format(const fr_format& format, uint64_t slot_bytes, fr_error* err);

// FR_OPTION_INVALID, or the geometry that follows from the options.
fr_status check_options(const fr_writer_options& options, Geometry* geometry, fr_error* err);

}  // namespace framering
