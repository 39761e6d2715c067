#include "copy_in.h"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace framering {

#if defined(__SSE2__)

// Below this a reader on another core finds the frame in the cache that both share, and both copies
// take the same time here; above, memcpy reads each line of the slot before it overwrites it.
// glibc's own memcpy does the same beyond three quarters of that cache, which no frame reaches.
constexpr size_t kPastTheCaches = size_t{2} << 20;

void copy_in(uint8_t* to, const void* from, size_t bytes) {
  if (bytes < kPastTheCaches) {
    memcpy(to, from, bytes);
    return;
  }
  const uint8_t* source = static_cast<const uint8_t*>(from);
  const size_t lines = bytes / 64;
  for (size_t i = 0; i < lines; ++i) {
    const __m128i* in = reinterpret_cast<const __m128i*>(source + i * 64);
    __m128i* out = reinterpret_cast<__m128i*>(to + i * 64);
    const __m128i a = _mm_loadu_si128(in);
    const __m128i b = _mm_loadu_si128(in + 1);
    const __m128i c = _mm_loadu_si128(in + 2);
    const __m128i d = _mm_loadu_si128(in + 3);
    _mm_stream_si128(out, a);
    _mm_stream_si128(out + 1, b);
    _mm_stream_si128(out + 2, c);
    _mm_stream_si128(out + 3, d);
  }
  memcpy(to + lines * 64, source + lines * 64, bytes - lines * 64);
  // Such stores are not ordered by the release that publishes the frame: without this a reader
  // could find the frame published and its pixels not there.
  _mm_sfence();
}

#else

void copy_in(uint8_t* to, const void* from, size_t bytes) { memcpy(to, from, bytes); }

#endif

}  // namespace framering
