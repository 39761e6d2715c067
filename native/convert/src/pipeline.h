// The way every pair of formats can go: row by row through planes.
#pragma once

#include "row_reader.h"

namespace framering::convert {

// What of a picture is converted, and where to. `tensor`: the target's memory if it is one.
struct Job {
  Picture source;
  Picture target;
  uint8_t* tensor;
  Rectangle crop;
  fr_convert_options options;
};

// Whether there is a way from one to the other; sizes are not looked at.
bool HasWay(const Layout& from, const Layout& to);
// The same pixels at the same places: neither scaled, mirrored nor turned.
bool KeepsPlaces(const Job& job);
bool SameColor(const Picture& a, const Picture& b);
// The crop as a picture of its own, without copying. False where it begins within a group of pixels
// that share their chroma, or a colour pattern.
bool CropInPlace(const Picture& picture, const Rectangle& crop, Picture* out);

// False: no memory. Only for what HasWay.
bool RunRows(const Job& job);
// Copies planes row by row: of pictures of the same format, size and colours.
void CopyPlanes(const Picture& from, const Picture& to);

}  // namespace framering::convert
