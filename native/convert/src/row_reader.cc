#include "row_reader.h"

#include <cstring>

#include "pack.h"

namespace framering::convert {

bool RowReader::Prepare(const Picture& picture, const Rectangle& crop, const ValueScale& scale) {
  picture_ = picture;
  crop_ = crop;
  chroma_row_ = kNone;
  const Packing packing = picture.layout->packing;
  if (packing == Packing::kBayer8 || packing == Packing::kBayer16) {
    if (!bayer_.Prepare(picture, crop.x, crop.width, scale)) return false;
  }
  return memory_.Allocate(crop.width) && chroma_.Allocate(crop.width);
}

Row RowReader::Read(uint32_t y) {
  const Layout& layout = *picture_.layout;
  Row row = memory_.row(layout.kind, layout.packing == Packing::kBytes && layout.bytes == 4 &&
                                         layout.kind == Kind::kRgb);
  const uint32_t at = crop_.y + y;
  const size_t pairs = (static_cast<size_t>(crop_.width) + (crop_.x & 1) + 1) / 2;
  switch (layout.packing) {
    case Packing::kBayer8:
    case Packing::kBayer16:
      bayer_.Read(at, row);
      break;
    case Packing::kPairs:
      // Pairs begin at even columns: at an odd one the row begins within the first.
      SplitPairs(picture_.row(0, at) + static_cast<size_t>(crop_.x / 2) * 4, layout.first,
                 row.planes[0], chroma_.plane(0), chroma_.plane(1), pairs);
      Double(chroma_.plane(0), row.planes[1], pairs);
      Double(chroma_.plane(1), row.planes[2], pairs);
      for (uint32_t i = 0; i < 3; ++i) row.planes[i] += crop_.x & 1;
      break;
    case Packing::kTwoPlanes:
    case Packing::kThreePlanes:
      std::memcpy(row.planes[0], picture_.row(0, at) + crop_.x, crop_.width);
      ReadChroma(at / 2);
      for (uint32_t i = 1; i < 3; ++i) {
        std::memcpy(row.planes[i], chroma_.plane(i + 1) + (crop_.x & 1), crop_.width);
      }
      break;
    default:
      ReadBytes(picture_.row(0, at) + static_cast<size_t>(crop_.x) * layout.bytes, row);
  }
  return row;
}

void RowReader::ReadBytes(const uint8_t* from, const Row& to) {
  const Layout& layout = *picture_.layout;
  const size_t width = crop_.width;
  uint8_t* red = to.planes[0];
  uint8_t* blue = to.planes[2];
  if (layout.kind == Kind::kGrey) {
    std::memcpy(to.planes[0], from, width);
  } else if (layout.fourcc == kFloat) {
    std::memcpy(to.values, from, width * sizeof(float));
  } else if (layout.kind == Kind::kValue) {
    LoadUint16(from, to.values, width);
  } else if (layout.bytes == 3) {
    Split3(from, layout.first == 0 ? red : blue, to.planes[1], layout.first == 0 ? blue : red,
           width);
  } else {
    Split4(from, layout.first == 0 ? red : blue, to.planes[1], layout.first == 0 ? blue : red,
           to.planes[3], width);
  }
}

// Two rows share it, and whoever reads from the bottom up asks in the other order.
void RowReader::ReadChroma(uint32_t y) {
  if (chroma_row_ == y) return;
  chroma_row_ = y;
  const Layout& layout = *picture_.layout;
  const size_t pairs = (static_cast<size_t>(crop_.width) + (crop_.x & 1) + 1) / 2;
  const size_t first = crop_.x / 2;
  const uint8_t* u = chroma_.plane(0);
  const uint8_t* v = chroma_.plane(1);
  if (layout.packing == Packing::kTwoPlanes) {
    Split2(picture_.row(1, y) + 2 * first, chroma_.plane(layout.first),
           chroma_.plane(1 - layout.first), pairs);
  } else {
    u = picture_.row(1, y) + first;
    v = picture_.row(2, y) + first;
  }
  Double(u, chroma_.plane(2), pairs);
  Double(v, chroma_.plane(3), pairs);
}

}  // namespace framering::convert
