// Stops the program where a promise is broken: a sanitizer shows the stack, a fuzzer keeps the
// input.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(condition, ...)                                                     \
  do {                                                                            \
    if (!(condition)) {                                                           \
      fprintf(stderr, "%s:%d: not true: %s\n  ", __FILE__, __LINE__, #condition); \
      fprintf(stderr, __VA_ARGS__);                                               \
      fputc('\n', stderr);                                                        \
      abort();                                                                    \
    }                                                                             \
  } while (false)
