// The pairs of formats that libyuv converts, where that library is installed.
#pragma once

#include "layout.h"

namespace framering::convert {

bool HasLibyuv();
// False: not done, and nothing written. Both pictures have one size.
bool RunLibyuv(const Picture& from, const Picture& to);

}  // namespace framering::convert
