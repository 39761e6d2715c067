#include "error.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace framering {
namespace {

void fill(fr_error* err, fr_status status, int sys, const char* format, va_list args) {
  *err = fr_error{};
  err->status = status;
  err->sys = sys;
  const int written = vsnprintf(err->message, sizeof err->message, format, args);
  if (sys == 0 || written < 0) return;
  const size_t used = static_cast<size_t>(written);
  if (used + 4 >= sizeof err->message) return;
  char text[128];
  // The GNU strerror_r returns the text, which need not stand in the buffer.
  snprintf(err->message + used, sizeof err->message - used, " [%s]",
           strerror_r(sys, text, sizeof text));
}

}  // namespace

fr_status fail(fr_error* err, fr_status status, int sys, const char* format, ...) {
  if (err == nullptr) return status;
  va_list args;
  va_start(args, format);
  fill(err, status, sys, format, args);
  va_end(args);
  return status;
}

fr_status fail_short(fr_error* err, fr_status status, uint64_t needed, uint64_t available,
                     const char* format, ...) {
  if (err == nullptr) return status;
  va_list args;
  va_start(args, format);
  fill(err, status, 0, format, args);
  va_end(args);
  err->needed = needed;
  err->available = available;
  return status;
}

}  // namespace framering

extern "C" const char* fr_status_name(fr_status status) {
  switch (status) {
    case FR_OK:
      return "OK";
    case FR_NAME_INVALID:
      return "NAME_INVALID";
    case FR_NAME_IN_USE:
      return "NAME_IN_USE";
    case FR_OPTION_INVALID:
      return "OPTION_INVALID";
    case FR_FRAME_TOO_LARGE:
      return "FRAME_TOO_LARGE";
    case FR_NOT_ON_LOAN:
      return "NOT_ON_LOAN";
    case FR_CLOSED:
      return "CLOSED";
    case FR_NOT_FOUND:
      return "NOT_FOUND";
    case FR_NOT_A_RING:
      return "NOT_A_RING";
    case FR_LAYOUT_VERSION:
      return "LAYOUT_VERSION";
    case FR_BYTE_ORDER:
      return "BYTE_ORDER";
    case FR_WORD_SIZE:
      return "WORD_SIZE";
    case FR_LIBC:
      return "LIBC";
    case FR_PERMISSION:
      return "PERMISSION";
    case FR_SHM_FULL:
      return "SHM_FULL";
    case FR_MEMLOCK:
      return "MEMLOCK";
    case FR_READERS_EXHAUSTED:
      return "READERS_EXHAUSTED";
    case FR_LEASES_EXHAUSTED:
      return "LEASES_EXHAUSTED";
    case FR_LEASE_BROKEN:
      return "LEASE_BROKEN";
    case FR_NOT_LEASED:
      return "NOT_LEASED";
    case FR_EXISTS:
      return "EXISTS";
    case FR_NOT_A_SEMAPHORE:
      return "NOT_A_SEMAPHORE";
    case FR_SEMAPHORE_OVERFLOW:
      return "SEMAPHORE_OVERFLOW";
    case FR_TRUNCATED:
      return "TRUNCATED";
    case FR_DEVICE_BUSY:
      return "DEVICE_BUSY";
    case FR_DEVICE_GONE:
      return "DEVICE_GONE";
    case FR_UNSUPPORTED:
      return "UNSUPPORTED";
    case FR_SYSTEM:
      return "SYSTEM";
  }
  return "SYSTEM";
}
