#include "pipeline.h"

#include <cfloat>
#include <cstring>

#include "adapter.h"
#include "pack.h"
#include "row_writer.h"
#include "scaler.h"
#include "turner.h"

namespace framering::convert {

namespace {

// A range that is empty, or that nothing lies in, makes everything 0.
bool FindScale(const Job& job, ValueScale* out) {
  const bool depth = job.source.layout->fourcc == kZ16 || job.source.layout->fourcc == kFloat;
  float low = static_cast<float>(job.options.low);
  float high = static_cast<float>(job.options.high);
  if (job.options.automatic != 0 && job.source.layout->kind == Kind::kValue) {
    RowReader reader;
    if (!reader.Prepare(job.source, job.crop, {})) return false;
    low = FLT_MAX;
    high = -FLT_MAX;
    for (uint32_t y = 0; y < job.crop.height; ++y) {
      Widen(reader.Read(y).values, job.crop.width, depth, &low, &high);
    }
    if (!(low < high)) high = low + 1;
  }
  *out = {low, 255 / (high - low), depth};
  return true;
}

}  // namespace

bool HasWay(const Layout& from, const Layout& to) {
  if (from.kind == Kind::kJpeg || to.kind == Kind::kJpeg) return false;
  if (to.packing == Packing::kBayer8 || to.packing == Packing::kBayer16) return false;
  return to.kind != Kind::kValue || from.fourcc == to.fourcc;
}

bool KeepsPlaces(const Job& job) {
  return job.options.flip == 0 && job.options.rotate == 0 && job.crop.width == job.target.width &&
         job.crop.height == job.target.height;
}

bool SameColor(const Picture& a, const Picture& b) {
  const auto standard = [](uint32_t matrix) { return matrix == 5 ? 6 : matrix; };
  return a.full_range == b.full_range && standard(a.matrix) == standard(b.matrix);
}

bool CropInPlace(const Picture& picture, const Rectangle& crop, Picture* out) {
  const Layout& layout = *picture.layout;
  const bool pairs = layout.packing == Packing::kPairs;
  const bool bayer = layout.packing == Packing::kBayer8 || layout.packing == Packing::kBayer16;
  const bool squares = IsSubsampledBothWays(layout) || bayer;
  if ((pairs || squares) && crop.x % 2 != 0) return false;
  if (squares && crop.y % 2 != 0) return false;
  *out = picture;
  out->width = crop.width;
  out->height = crop.height;
  for (uint32_t i = 0; i < PlaneCount(layout); ++i) {
    const uint32_t y = i == 0 ? crop.y : crop.y / 2;
    size_t x = static_cast<size_t>(crop.x) * layout.bytes;
    if (i > 0) x = layout.packing == Packing::kTwoPlanes ? crop.x : crop.x / 2;
    out->planes[i] = picture.row(i, y) + x;
  }
  return true;
}

void CopyPlanes(const Picture& from, const Picture& to) {
  for (uint32_t i = 0; i < PlaneCount(*to.layout); ++i) {
    const PlaneSize size = SizeOfPlane(*to.layout, i, to.width, to.height);
    for (uint32_t y = 0; y < size.rows; ++y) std::memcpy(to.row(i, y), from.row(i, y), size.bytes);
  }
}

bool RunRows(const Job& job) {
  const fr_convert_options& options = job.options;
  const bool sideways = options.rotate == 90 || options.rotate == 270;
  const bool about = options.rotate == 180;
  const bool mirror = ((options.flip & 1) != 0) != about;
  const bool upside_down = ((options.flip & 2) != 0) != about;
  const uint32_t width = sideways ? job.target.height : job.target.width;
  const uint32_t height = sideways ? job.target.width : job.target.height;

  ValueScale scale;
  RowReader reader;
  Scaler scaler;
  Adapter adapter;
  RowWriter writer;
  Turner turner;
  if (!FindScale(job, &scale) || !reader.Prepare(job.source, job.crop, scale) ||
      !scaler.Prepare(&reader, job.crop, width, height, options.resize == FR_RESIZE_NEAREST,
                      scale.depth) ||
      !adapter.Prepare(job, scale, width) || !writer.Prepare(job.target, job.tensor, options) ||
      (sideways && !turner.Prepare(width, height, options.rotate == 90))) {
    return false;
  }
  for (uint32_t y = 0; y < height; ++y) {
    Row row = adapter.Adapt(scaler.Read(upside_down ? height - 1 - y : y));
    if (mirror && row.kind == Kind::kValue) Reverse(row.values, width);
    if (mirror && row.kind != Kind::kValue) {
      const uint32_t planes = row.kind == Kind::kGrey ? 1 : row.alpha ? 4 : 3;
      for (uint32_t i = 0; i < planes; ++i) Reverse(row.planes[i], width);
    }
    if (sideways) {
      if (!turner.Keep(y, row)) return false;
    } else {
      writer.Write(y, row);
    }
  }
  for (uint32_t y = 0; sideways && y < job.target.height; ++y) writer.Write(y, turner.Read(y));
  return true;
}

}  // namespace framering::convert
