// A quarter turn of pixels where they stand in memory, without their passing through planes.
#pragma once

#include "pipeline.h"

namespace framering::convert {

// Whether the target is one that can be turned as it is, and `job` asks for a quarter turn. Not
// where pixels in a row share their chroma, nor odd sides of planes with less of it: a last column
// without a partner would become the first row.
bool CanTurn(const Job& job);
// Of such: whether nothing else is to be done.
bool OnlyTurns(const Job& job);
// Only for what CanTurn. `from`: the target as it is before it is mirrored and turned.
void Turn(const Job& job, const Picture& from);

}  // namespace framering::convert
