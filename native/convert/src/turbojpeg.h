// JPEG by libturbojpeg, where that library is installed.
#pragma once

#include "layout.h"

namespace framering::convert {

struct Compressed {
  const uint8_t* data;
  uint64_t length;
};

bool HasTurbojpeg();
// OPTION_INVALID for what is no JPEG, UNSUPPORTED without the library.
fr_status JpegSize(const Compressed& jpeg, uint32_t* width, uint32_t* height, fr_error* err);
// `to` is RGB or GREY, of the JPEG's own size.
fr_status DecodeJpeg(const Compressed& jpeg, const Picture& to, fr_error* err);
// `from` is RGB, GREY, or I420 of BT.601 and full range. OPTION_INVALID when it takes more than
// `room`; nothing is written then.
fr_status EncodeJpeg(const Picture& from, uint32_t quality, uint8_t* to, uint64_t room,
                     uint64_t* used, fr_error* err);

}  // namespace framering::convert
