#include "copy_unheld.h"

#include <cstring>

#if defined(__SANITIZE_THREAD__)
#define FR_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FR_THREAD_SANITIZER 1
#endif
#endif

#ifdef FR_THREAD_SANITIZER
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
}
#endif

namespace framering {

void copy_unheld(void* to, const void* from, size_t bytes) {
#ifdef FR_THREAD_SANITIZER
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
#endif
  memcpy(to, from, bytes);
#ifdef FR_THREAD_SANITIZER
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
#endif
}

}  // namespace framering
