#include "turbojpeg.h"

#include <climits>
#include <cstring>

#include "../../core/src/error.h"
#include "memory.h"
#include "shared_library.h"

namespace framering::convert {

namespace {

// The numbers of turbojpeg.h, whose functions have kept them since 1.4.
enum PixelFormat { kTjRgb = 0, kTjBgr = 1, kTjGrey = 6, kTjRgba = 7, kTjBgra = 8 };
enum Subsampling { kTj420 = 2, kTjGreyOnly = 3 };
constexpr int kTjWarning = 0;

struct Library {
  Library() : file("libturbojpeg.so.0") {
    complete = file.Find("tjInitDecompress", &init_decompress) &&
               file.Find("tjInitCompress", &init_compress) && file.Find("tjDestroy", &destroy) &&
               file.Find("tjFree", &release) && file.Find("tjGetErrorStr2", &error_text) &&
               file.Find("tjGetErrorCode", &error_code) &&
               file.Find("tjDecompressHeader3", &header) &&
               file.Find("tjDecompress2", &decompress) && file.Find("tjCompress2", &compress) &&
               file.Find("tjCompressFromYUVPlanes", &compress_planes);
  }

  SharedLibrary file;
  bool complete;
  void* (*init_decompress)();
  void* (*init_compress)();
  int (*destroy)(void*);
  void (*release)(unsigned char*);
  char* (*error_text)(void*);
  int (*error_code)(void*);
  int (*header)(void*, const unsigned char*, unsigned long, int*, int*, int*, int*);
  int (*decompress)(void*, const unsigned char*, unsigned long, unsigned char*, int, int, int, int,
                    int);
  int (*compress)(void*, const unsigned char*, int, int, int, int, unsigned char**, unsigned long*,
                  int, int, int);
  int (*compress_planes)(void*, const unsigned char**, int, const int*, int, int, unsigned char**,
                         unsigned long*, int, int);
};

const Library& Loaded() {
  static const Library* const library = new Library();
  return *library;
}

// A handle costs a few microseconds, and threads of libuv's pool come and go without telling.
class Handle {
 public:
  explicit Handle(void* handle) : handle_(handle) {}
  ~Handle() {
    if (handle_ != nullptr) Loaded().destroy(handle_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  void* get() const { return handle_; }

 private:
  void* handle_;
};

fr_status Missing(fr_error* err) {
  return fail(err, FR_UNSUPPORTED, 0,
              "JPEG needs libturbojpeg; install it (Debian: apt install libturbojpeg0).");
}

fr_status Refuse(const Handle& handle, fr_error* err) {
  return fail(err, FR_OPTION_INVALID, 0, "The JPEG cannot be decoded: %s.",
              Loaded().error_text(handle.get()));
}

int FormatOf(const Layout& layout) {
  if (layout.kind == Kind::kGrey) return kTjGrey;
  if (layout.bytes == 3) return layout.first == 0 ? kTjRgb : kTjBgr;
  return layout.first == 0 ? kTjRgba : kTjBgra;
}

fr_status ReadHeader(const Handle& handle, const Compressed& jpeg, uint32_t* width,
                     uint32_t* height, fr_error* err) {
  int w = 0;
  int h = 0;
  int subsampling = 0;
  int colors = 0;
  if (Loaded().header(handle.get(), jpeg.data, jpeg.length, &w, &h, &subsampling, &colors) != 0) {
    return Refuse(handle, err);
  }
  *width = static_cast<uint32_t>(w);
  *height = static_cast<uint32_t>(h);
  return FR_OK;
}

}  // namespace

bool HasTurbojpeg() { return Loaded().complete; }

fr_status JpegSize(const Compressed& jpeg, uint32_t* width, uint32_t* height, fr_error* err) {
  if (!HasTurbojpeg()) return Missing(err);
  const Handle handle(Loaded().init_decompress());
  if (handle.get() == nullptr) return fail(err, FR_SYSTEM, 0, "There is no memory for a decoder.");
  return ReadHeader(handle, jpeg, width, height, err);
}

fr_status DecodeJpeg(const Compressed& jpeg, const Picture& to, fr_error* err) {
  if (!HasTurbojpeg()) return Missing(err);
  const Handle handle(Loaded().init_decompress());
  if (handle.get() == nullptr) return fail(err, FR_SYSTEM, 0, "There is no memory for a decoder.");
  uint32_t width = 0;
  uint32_t height = 0;
  const fr_status status = ReadHeader(handle, jpeg, &width, &height, err);
  if (status != FR_OK) return status;
  if (width != to.width || height != to.height) {
    return fail(err, FR_OPTION_INVALID, 0,
                "The JPEG is %u x %u pixels and %u x %u were expected; give its own size.", width,
                height, to.width, to.height);
  }
  if (to.strides[0] > INT_MAX) {
    return fail(err, FR_OPTION_INVALID, 0, "Rows of 2 GiB and more are not decoded into.");
  }
  // The size is given and not asked for: a source that changes meanwhile, as shared memory can,
  // makes the decoder look for a scale that gives it, or fail, and never write beyond it.
  if (Loaded().decompress(handle.get(), jpeg.data, jpeg.length, to.planes[0],
                          static_cast<int>(width), static_cast<int>(to.strides[0]),
                          static_cast<int>(height), FormatOf(*to.layout), 0) == 0) {
    return FR_OK;
  }
  // Some cameras leave bytes between the segments, which harms nothing. A picture that ends early,
  // or whose codes make no sense, is not passed on as if it were whole.
  const bool harmless = Loaded().error_code(handle.get()) == kTjWarning &&
                        std::strstr(Loaded().error_text(handle.get()), "extraneous") != nullptr;
  return harmless ? FR_OK : Refuse(handle, err);
}

fr_status EncodeJpeg(const Picture& from, uint32_t quality, uint8_t* to, uint64_t room,
                     uint64_t* used, fr_error* err) {
  if (!HasTurbojpeg()) return Missing(err);
  const Library& library = Loaded();
  const Handle handle(library.init_compress());
  if (handle.get() == nullptr) return fail(err, FR_SYSTEM, 0, "There is no memory for an encoder.");
  for (const size_t stride : from.strides) {
    if (stride > INT_MAX) {
      return fail(err, FR_OPTION_INVALID, 0, "Rows of 2 GiB and more are not encoded.");
    }
  }
  // Into memory of the library's own, which grows: told to use ours, it takes for granted that
  // there is room for the longest JPEG of that size.
  unsigned char* jpeg = nullptr;
  unsigned long length = 0;
  const int w = static_cast<int>(from.width);
  const int h = static_cast<int>(from.height);
  int failed;
  if (from.layout->kind == Kind::kYuv) {
    const unsigned char* planes[] = {from.planes[0], from.planes[1], from.planes[2]};
    const int strides[] = {static_cast<int>(from.strides[0]), static_cast<int>(from.strides[1]),
                           static_cast<int>(from.strides[2])};
    failed = library.compress_planes(handle.get(), planes, w, strides, h, kTj420, &jpeg, &length,
                                     static_cast<int>(quality), 0);
  } else {
    const int subsampling = from.layout->kind == Kind::kGrey ? kTjGreyOnly : kTj420;
    failed = library.compress(handle.get(), from.planes[0], w, static_cast<int>(from.strides[0]), h,
                              FormatOf(*from.layout), &jpeg, &length, subsampling,
                              static_cast<int>(quality), 0);
  }
  fr_status status = FR_OK;
  if (failed != 0) {
    status = fail(err, FR_OPTION_INVALID, 0, "The picture cannot be made a JPEG: %s.",
                  library.error_text(handle.get()));
  } else if (length > room) {
    status = fail_short(err, FR_OPTION_INVALID, length, room,
                        "The JPEG has %lu bytes and the target %llu; give more room, or less "
                        "quality.",
                        length, static_cast<unsigned long long>(room));
  } else {
    std::memcpy(to, jpeg, length);
    *used = length;
  }
  if (jpeg != nullptr) library.release(jpeg);
  return status;
}

}  // namespace framering::convert
