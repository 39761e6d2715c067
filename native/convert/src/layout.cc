#include "layout.h"

#include "../../core/src/error.h"

namespace framering::convert {

namespace {

constexpr Layout kLayouts[] = {
    {kRgb3, Kind::kRgb, Packing::kBytes, 3, 0},
    {kBgr3, Kind::kRgb, Packing::kBytes, 3, 2},
    {kRgba, Kind::kRgb, Packing::kBytes, 4, 0},
    {kBgra, Kind::kRgb, Packing::kBytes, 4, 2},
    {kGrey, Kind::kGrey, Packing::kBytes, 1, 0},
    {kY16, Kind::kValue, Packing::kBytes, 2, 0},
    {kZ16, Kind::kValue, Packing::kBytes, 2, 0},
    {kFloat, Kind::kValue, Packing::kBytes, 4, 0},
    {kYuyv, Kind::kYuv, Packing::kPairs, 2, 0},
    {kUyvy, Kind::kYuv, Packing::kPairs, 2, 1},
    {kNv12, Kind::kYuv, Packing::kTwoPlanes, 1, 0},
    {kNv21, Kind::kYuv, Packing::kTwoPlanes, 1, 1},
    {kI420, Kind::kYuv, Packing::kThreePlanes, 1, 0},
    {Fourcc('R', 'G', 'G', 'B'), Kind::kRgb, Packing::kBayer8, 1, 0},
    {Fourcc('G', 'R', 'B', 'G'), Kind::kRgb, Packing::kBayer8, 1, 1},
    {Fourcc('G', 'B', 'R', 'G'), Kind::kRgb, Packing::kBayer8, 1, 2},
    {Fourcc('B', 'A', '8', '1'), Kind::kRgb, Packing::kBayer8, 1, 3},
    {Fourcc('R', 'G', '1', '6'), Kind::kRgb, Packing::kBayer16, 2, 0},
    {Fourcc('G', 'R', '1', '6'), Kind::kRgb, Packing::kBayer16, 2, 1},
    {Fourcc('G', 'B', '1', '6'), Kind::kRgb, Packing::kBayer16, 2, 2},
    {Fourcc('B', 'Y', 'R', '2'), Kind::kRgb, Packing::kBayer16, 2, 3},
    {kJpeg, Kind::kJpeg, Packing::kNone, 0, 0},
    {FR_TENSOR, Kind::kRgb, Packing::kTensor, 0, 0},
};

bool IsMatrix(uint32_t matrix) { return matrix == 1 || matrix == 5 || matrix == 6 || matrix == 9; }

}  // namespace

const Layout* LayoutOf(uint32_t fourcc) {
  for (const Layout& layout : kLayouts) {
    if (layout.fourcc == fourcc) return &layout;
  }
  return nullptr;
}

uint32_t PlaneCount(const Layout& layout) {
  switch (layout.packing) {
    case Packing::kNone:
    case Packing::kTensor:
      return 0;
    case Packing::kTwoPlanes:
      return 2;
    case Packing::kThreePlanes:
      return 3;
    default:
      return 1;
  }
}

PlaneSize SizeOfPlane(const Layout& layout, uint32_t plane, uint32_t width, uint32_t height) {
  const size_t pairs = (static_cast<size_t>(width) + 1) / 2;
  if (layout.packing == Packing::kPairs) return {pairs * 4, height};
  if (plane == 0) return {static_cast<size_t>(width) * layout.bytes, height};
  return {layout.packing == Packing::kTwoPlanes ? pairs * 2 : pairs, (height + 1) / 2};
}

fr_status CheckPicture(const fr_picture& given, const char* what, Picture* out, fr_error* err) {
  const Layout* layout = LayoutOf(given.fourcc);
  if (layout == nullptr) {
    return fail(err, FR_UNSUPPORTED, 0, "The %s has a format that is not converted.", what);
  }
  if (given.width < 1 || given.width > FR_MAX_SIDE || given.height < 1 ||
      given.height > FR_MAX_SIDE) {
    return fail(err, FR_OPTION_INVALID, 0, "The %s is %u x %u pixels; give sides from 1 to %d.",
                what, given.width, given.height, FR_MAX_SIDE);
  }
  if (given.plane_count != PlaneCount(*layout)) {
    return fail(err, FR_OPTION_INVALID, 0, "The %s has %u planes; its format has %u.", what,
                given.plane_count, PlaneCount(*layout));
  }
  if (layout->kind == Kind::kYuv && !IsMatrix(given.matrix)) {
    return fail(err, FR_UNSUPPORTED, 0,
                "The %s has the colour matrix %u; 1, 5, 6 and 9 are converted.", what,
                given.matrix);
  }
  *out = {layout, given.width,  given.height,         {given.data, nullptr, nullptr},
          {},     given.matrix, given.full_range != 0};
  for (uint32_t i = 0; i < given.plane_count; ++i) {
    const PlaneSize size = SizeOfPlane(*layout, i, given.width, given.height);
    const uint64_t offset = given.planes[i].offset;
    const uint64_t stride = given.planes[i].stride;
    // Written so that no sum can wrap: the last row begins at offset + stride * (rows - 1).
    const bool fits =
        stride >= size.bytes && offset <= given.length && size.bytes <= given.length - offset &&
        (size.rows == 1 || stride <= (given.length - offset - size.bytes) / (size.rows - 1));
    if (!fits) {
      return fail(err, FR_OPTION_INVALID, 0,
                  "Plane %u of the %s does not lie in its %llu bytes: %u rows of %zu bytes.", i,
                  what, static_cast<unsigned long long>(given.length), size.rows, size.bytes);
    }
    out->planes[i] = given.data + offset;
    out->strides[i] = stride;
  }
  return FR_OK;
}

}  // namespace framering::convert
