// Usage: actor DIRECTORY. The rest is said on standard input, see stage.h.
#include <signal.h>

#include <cstdio>

#include "stage.h"

int main(int count, char** words) {
  if (count != 2) {
    fputs("usage: actor DIRECTORY\n", stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  return framering::test::Stage(words[1]).run();
}
