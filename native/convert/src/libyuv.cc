// libyuv names RGB by the words of a little-endian machine: its ARGB is our BGRA, its ABGR our
// RGBA, its RGB24 our BGR3, its RAW our RGB3. It has constants for V and U changed places, with
// which the functions that write BGR write RGB.
#include "libyuv.h"

#include <climits>

#include "memory.h"
#include "pipeline.h"
#include "shared_library.h"

namespace framering::convert {

namespace {

using Bytes = const uint8_t*;
using Out = uint8_t*;
// Each picture is its planes, each a pointer and a stride; width and height come last.
using Packed = int(Bytes, int, Out, int, int, int);
using PackedToThree = int(Bytes, int, Out, int, Out, int, Out, int, int, int);
using PackedToTwo = int(Bytes, int, Out, int, Out, int, int, int);
using ThreeToPacked = int(Bytes, int, Bytes, int, Bytes, int, Out, int, int, int);
using ThreeToTwo = int(Bytes, int, Bytes, int, Bytes, int, Out, int, Out, int, int, int);
using TwoToThree = int(Bytes, int, Bytes, int, Out, int, Out, int, Out, int, int, int);
using ThreeToRgb = int(Bytes, int, Bytes, int, Bytes, int, Out, int, const void*, int, int);
using TwoToRgb = int(Bytes, int, Bytes, int, Out, int, const void*, int, int);

enum class Shape {
  kPacked,
  kPackedToThree,
  kPackedToTwo,
  kThreeToPacked,
  kThreeToTwo,
  kTwoToThree
};
// Of the YUV side: any as it makes no difference, the same on both sides, BT.601 of either range.
enum class Needs { kNothing, kSame, k601, k601Full };

struct Entry {
  uint32_t from, to;
  Shape shape;
  Needs needs;
  const char* name;
};

// Not here: YUY2ToNV12 and UYVYToNV12, whose chroma is wrong in version 1857 at some widths.
constexpr Entry kEntries[] = {
    {kRgb3, kBgr3, Shape::kPacked, Needs::kNothing, "RAWToRGB24"},
    {kBgr3, kRgb3, Shape::kPacked, Needs::kNothing, "RAWToRGB24"},
    {kRgba, kBgra, Shape::kPacked, Needs::kNothing, "ABGRToARGB"},
    {kBgra, kRgba, Shape::kPacked, Needs::kNothing, "ABGRToARGB"},
    {kRgb3, kRgba, Shape::kPacked, Needs::kNothing, "RGB24ToARGB"},
    {kBgr3, kBgra, Shape::kPacked, Needs::kNothing, "RGB24ToARGB"},
    {kRgb3, kBgra, Shape::kPacked, Needs::kNothing, "RAWToARGB"},
    {kBgr3, kRgba, Shape::kPacked, Needs::kNothing, "RAWToARGB"},
    {kRgba, kRgb3, Shape::kPacked, Needs::kNothing, "ARGBToRGB24"},
    {kBgra, kBgr3, Shape::kPacked, Needs::kNothing, "ARGBToRGB24"},
    {kRgba, kBgr3, Shape::kPacked, Needs::kNothing, "ARGBToRAW"},
    {kBgra, kRgb3, Shape::kPacked, Needs::kNothing, "ARGBToRAW"},
    {kYuyv, kI420, Shape::kPackedToThree, Needs::kSame, "YUY2ToI420"},
    {kUyvy, kI420, Shape::kPackedToThree, Needs::kSame, "UYVYToI420"},
    {kI420, kYuyv, Shape::kThreeToPacked, Needs::kSame, "I420ToYUY2"},
    {kI420, kUyvy, Shape::kThreeToPacked, Needs::kSame, "I420ToUYVY"},
    {kI420, kNv12, Shape::kThreeToTwo, Needs::kSame, "I420ToNV12"},
    {kI420, kNv21, Shape::kThreeToTwo, Needs::kSame, "I420ToNV21"},
    {kNv12, kI420, Shape::kTwoToThree, Needs::kSame, "NV12ToI420"},
    {kNv21, kI420, Shape::kTwoToThree, Needs::kSame, "NV21ToI420"},
    {kBgra, kI420, Shape::kPackedToThree, Needs::k601, "ARGBToI420"},
    {kRgba, kI420, Shape::kPackedToThree, Needs::k601, "ABGRToI420"},
    {kBgr3, kI420, Shape::kPackedToThree, Needs::k601, "RGB24ToI420"},
    {kRgb3, kI420, Shape::kPackedToThree, Needs::k601, "RAWToI420"},
    {kBgra, kI420, Shape::kPackedToThree, Needs::k601Full, "ARGBToJ420"},
    {kRgba, kI420, Shape::kPackedToThree, Needs::k601Full, "ABGRToJ420"},
    {kBgr3, kI420, Shape::kPackedToThree, Needs::k601Full, "RGB24ToJ420"},
    {kRgb3, kI420, Shape::kPackedToThree, Needs::k601Full, "RAWToJ420"},
    {kBgra, kNv12, Shape::kPackedToTwo, Needs::k601, "ARGBToNV12"},
    {kRgba, kNv12, Shape::kPackedToTwo, Needs::k601, "ABGRToNV12"},
    {kBgra, kNv21, Shape::kPackedToTwo, Needs::k601, "ARGBToNV21"},
    {kRgba, kNv21, Shape::kPackedToTwo, Needs::k601, "ABGRToNV21"},
    {kBgra, kYuyv, Shape::kPacked, Needs::k601, "ARGBToYUY2"},
    {kBgra, kUyvy, Shape::kPacked, Needs::k601, "ARGBToUYVY"},
};
constexpr size_t kEntryCount = sizeof kEntries / sizeof kEntries[0];

// By [standard 601, 709, 2020][full range][red first].
constexpr const char* kConstants[3][2][2] = {
    {{"kYuvI601Constants", "kYvuI601Constants"}, {"kYuvJPEGConstants", "kYvuJPEGConstants"}},
    {{"kYuvH709Constants", "kYvuH709Constants"}, {"kYuvF709Constants", "kYvuF709Constants"}},
    {{"kYuv2020Constants", "kYvu2020Constants"}, {"kYuvV2020Constants", "kYvuV2020Constants"}},
};

struct Library {
  Library() : file("libyuv.so.0") {
    for (size_t i = 0; i < kEntryCount; ++i) file.Find(kEntries[i].name, &functions[i]);
    for (int standard = 0; standard < 3; ++standard) {
      for (int full = 0; full < 2; ++full) {
        for (int red = 0; red < 2; ++red) {
          file.Find(kConstants[standard][full][red], &constants[standard][full][red]);
        }
      }
    }
    file.Find("I420ToARGBMatrix", &three_to_four);
    file.Find("I420ToRGB24Matrix", &three_to_three);
    file.Find("I422ToARGBMatrix", &pairs_to_four);
    file.Find("I422ToRGB24Matrix", &pairs_to_three);
    file.Find("NV12ToARGBMatrix", &nv12_to_four);
    file.Find("NV21ToARGBMatrix", &nv21_to_four);
    file.Find("NV12ToRGB24Matrix", &nv12_to_three);
    file.Find("NV21ToRGB24Matrix", &nv21_to_three);
    file.Find("YUY2ToARGB", &yuyv_to_bgra);
    file.Find("UYVYToARGB", &uyvy_to_bgra);
    file.Find("YUY2ToI422", &split_yuyv);
    file.Find("UYVYToI422", &split_uyvy);
  }

  SharedLibrary file;
  void* functions[kEntryCount] = {};
  const void* constants[3][2][2] = {};
  ThreeToRgb* three_to_four;
  ThreeToRgb* three_to_three;
  ThreeToRgb* pairs_to_four;
  ThreeToRgb* pairs_to_three;
  TwoToRgb* nv12_to_four;
  TwoToRgb* nv21_to_four;
  TwoToRgb* nv12_to_three;
  TwoToRgb* nv21_to_three;
  Packed* yuyv_to_bgra;
  Packed* uyvy_to_bgra;
  PackedToThree* split_yuyv;
  PackedToThree* split_uyvy;
};

const Library& Loaded() {
  // Not destroyed: a conversion may be running in another thread when the process ends.
  static const Library* const library = new Library();
  return *library;
}

int Stride(const Picture& picture, uint32_t plane) {
  return static_cast<int>(picture.strides[plane]);
}

bool FitsInt(const Picture& picture) {
  for (const size_t stride : picture.strides) {
    if (stride > INT_MAX) return false;
  }
  return true;
}

bool Meets(Needs needs, const Picture& from, const Picture& to) {
  const bool bt601 = to.matrix == 5 || to.matrix == 6;
  switch (needs) {
    case Needs::kNothing:
      return true;
    case Needs::kSame:
      return SameColor(from, to);
    case Needs::k601:
      return bt601 && !to.full_range;
    case Needs::k601Full:
      return bt601 && to.full_range;
  }
  return false;
}

bool Call(const Entry& entry, void* function, const Picture& s, const Picture& t) {
  const int w = static_cast<int>(t.width);
  const int h = static_cast<int>(t.height);
  switch (entry.shape) {
    case Shape::kPacked:
      return reinterpret_cast<Packed*>(function)(s.planes[0], Stride(s, 0), t.planes[0],
                                                 Stride(t, 0), w, h) == 0;
    case Shape::kPackedToThree:
      return reinterpret_cast<PackedToThree*>(function)(s.planes[0], Stride(s, 0), t.planes[0],
                                                        Stride(t, 0), t.planes[1], Stride(t, 1),
                                                        t.planes[2], Stride(t, 2), w, h) == 0;
    case Shape::kPackedToTwo:
      return reinterpret_cast<PackedToTwo*>(function)(s.planes[0], Stride(s, 0), t.planes[0],
                                                      Stride(t, 0), t.planes[1], Stride(t, 1), w,
                                                      h) == 0;
    case Shape::kThreeToPacked:
      return reinterpret_cast<ThreeToPacked*>(function)(s.planes[0], Stride(s, 0), s.planes[1],
                                                        Stride(s, 1), s.planes[2], Stride(s, 2),
                                                        t.planes[0], Stride(t, 0), w, h) == 0;
    case Shape::kThreeToTwo:
      return reinterpret_cast<ThreeToTwo*>(function)(
                 s.planes[0], Stride(s, 0), s.planes[1], Stride(s, 1), s.planes[2], Stride(s, 2),
                 t.planes[0], Stride(t, 0), t.planes[1], Stride(t, 1), w, h) == 0;
    case Shape::kTwoToThree:
      return reinterpret_cast<TwoToThree*>(function)(
                 s.planes[0], Stride(s, 0), s.planes[1], Stride(s, 1), t.planes[0], Stride(t, 0),
                 t.planes[1], Stride(t, 1), t.planes[2], Stride(t, 2), w, h) == 0;
  }
  return false;
}

// A few rows at a time, so that what is between the two steps stays in the nearest cache.
bool PairsToRgb(const Library& library, const Picture& s, const Picture& t, const void* constants) {
  Packed* whole = s.layout->fourcc == kYuyv ? library.yuyv_to_bgra : library.uyvy_to_bgra;
  if (t.layout->fourcc == kBgra && !s.full_range && whole != nullptr) {
    return whole(s.planes[0], Stride(s, 0), t.planes[0], Stride(t, 0), static_cast<int>(t.width),
                 static_cast<int>(t.height)) == 0;
  }
  PackedToThree* split = s.layout->fourcc == kYuyv ? library.split_yuyv : library.split_uyvy;
  ThreeToRgb* join = t.layout->bytes == 4 ? library.pairs_to_four : library.pairs_to_three;
  if (split == nullptr || join == nullptr) return false;
  constexpr uint32_t kRows = 4;
  const size_t pairs = (static_cast<size_t>(t.width) + 1) / 2;
  const Memory<uint8_t> band = Allocate<uint8_t>(4 * pairs * kRows);
  if (band == nullptr) return false;
  uint8_t* y = band.get();
  uint8_t* u = y + 2 * pairs * kRows;
  uint8_t* v = u + pairs * kRows;
  const bool red = t.layout->first == 0;
  const int luma = static_cast<int>(2 * pairs);
  const int chroma = static_cast<int>(pairs);
  const int w = static_cast<int>(t.width);
  for (uint32_t at = 0; at < t.height; at += kRows) {
    const int rows = static_cast<int>(t.height - at < kRows ? t.height - at : kRows);
    split(s.row(0, at), Stride(s, 0), y, luma, u, chroma, v, chroma, w, rows);
    join(y, luma, red ? v : u, chroma, red ? u : v, chroma, t.row(0, at), Stride(t, 0), constants,
         w, rows);
  }
  return true;
}

bool ToRgb(const Library& library, const Picture& s, const Picture& t) {
  const bool red = t.layout->first == 0;
  // The share of U in blue is more than 2 for BT.709 and BT.2020 of limited range. libyuv takes 2,
  // as no more fits its bytes on x64, and is 13 levels off.
  if (!s.full_range && (s.matrix == 1 || s.matrix == 9)) return false;
  const int standard = s.matrix == 1 ? 1 : s.matrix == 9 ? 2 : 0;
  const void* constants = library.constants[standard][s.full_range ? 1 : 0][red ? 1 : 0];
  if (constants == nullptr) return false;
  const int w = static_cast<int>(t.width);
  const int h = static_cast<int>(t.height);
  const bool four = t.layout->bytes == 4;
  if (s.layout->packing == Packing::kPairs) return PairsToRgb(library, s, t, constants);
  if (s.layout->packing == Packing::kThreePlanes) {
    ThreeToRgb* function = four ? library.three_to_four : library.three_to_three;
    const uint32_t u = red ? 2 : 1;
    const uint32_t v = red ? 1 : 2;
    return function != nullptr &&
           function(s.planes[0], Stride(s, 0), s.planes[u], Stride(s, u), s.planes[v], Stride(s, v),
                    t.planes[0], Stride(t, 0), constants, w, h) == 0;
  }
  const bool u_first = (s.layout->first == 0) != red;
  TwoToRgb* function = four ? (u_first ? library.nv12_to_four : library.nv21_to_four)
                            : (u_first ? library.nv12_to_three : library.nv21_to_three);
  return function != nullptr && function(s.planes[0], Stride(s, 0), s.planes[1], Stride(s, 1),
                                         t.planes[0], Stride(t, 0), constants, w, h) == 0;
}

}  // namespace

bool HasLibyuv() { return Loaded().file.found(); }

bool RunLibyuv(const Picture& from, const Picture& to) {
  const Library& library = Loaded();
  if (!library.file.found() || !FitsInt(from) || !FitsInt(to)) return false;
  if (from.layout->kind == Kind::kYuv && IsRgb(*to.layout)) return ToRgb(library, from, to);
  // The second luma of a last pair without a partner would be whatever stands behind the row.
  if (to.layout->packing == Packing::kPairs && to.width % 2 != 0) return false;
  for (size_t i = 0; i < kEntryCount; ++i) {
    const Entry& entry = kEntries[i];
    if (entry.from != from.layout->fourcc || entry.to != to.layout->fourcc) continue;
    if (library.functions[i] == nullptr || !Meets(entry.needs, from, to)) continue;
    return Call(entry, library.functions[i], from, to);
  }
  return false;
}

}  // namespace framering::convert
