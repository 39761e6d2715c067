// Filling in fr_error: a status, an errno, and a sentence that says what to do next.
#pragma once

#include "../include/framering.h"

namespace framering {

// Returns `status`, so that a function can end with `return fail(err, ...)`. `sys` is an errno or
// 0; its text is appended in brackets. `err` may be null.
[[gnu::format(printf, 4, 5)]] fr_status fail(fr_error* err, fr_status status, int sys,
                                             const char* format, ...);

// The same for shortages, which carry two figures.
[[gnu::format(printf, 5, 6)]] fr_status fail_short(fr_error* err, fr_status status, uint64_t needed,
                                                   uint64_t available, const char* format, ...);

}  // namespace framering
