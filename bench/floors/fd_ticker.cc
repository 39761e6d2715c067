// Floor's writing side: rings bare FIFOs at a fixed rate. What is written is the time just before.
//
//   fd_ticker --rate 1000 --samples 11000 --start NS --fifo PATH
//
// --start: CLOCK_MONOTONIC of the first tick. The next is one period later, whatever the first
// took.
#include <fcntl.h>

#include "bench.h"

int main(int argc, char** argv) {
  const uint64_t warmup = bench::Count(argc, argv, "--warmup", 0);
  const uint64_t ticks = warmup + bench::Count(argc, argv, "--samples", 10000);
  const uint64_t rate = bench::Count(argc, argv, "--rate", 1000);
  const char* path = bench::Text(argc, argv, "--fifo", "");
  int64_t next = static_cast<int64_t>(bench::Count(argc, argv, "--start", 0));
  const int fifo = open(path, O_WRONLY | O_CLOEXEC);
  if (fifo < 0 || rate == 0) bench::Fail("fd_ticker needs --fifo with a reader, and a rate");
  // As a ring's writer does: the kernel's default would be 50 us late on top of its own lateness.
  prctl(PR_SET_TIMERSLACK, 1);
  const int64_t started = bench::Now();
  for (uint64_t i = 0; i < ticks; ++i) {
    bench::SleepUntil(next);
    next += i < warmup ? 1000000 : 1000000000 / static_cast<int64_t>(rate);
    const int64_t now = bench::Now();
    if (write(fifo, &now, sizeof(now)) != sizeof(now)) bench::Fail("the reader is gone");
  }
  std::printf("{\"done\":true");
  bench::PrintUsage("writer", RUSAGE_SELF, static_cast<double>(bench::Now() - started) / 1e9);
  std::printf("}\n");
}
