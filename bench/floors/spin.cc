// Floor: two processes that spin on one word of one cache line, round trip.
#include <sys/mman.h>

#include <atomic>

#include "bench.h"

namespace {

constexpr uint64_t kEnd = UINT64_MAX;

}  // namespace

int main(int argc, char** argv) {
  const int64_t started = bench::Now();  // processor time is counted from here as well
  const bench::Rounds asked(argc, argv);
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) bench::Fail("no memory");
  auto* word = static_cast<std::atomic<uint64_t>*>(page);

  const pid_t child = bench::Fork();
  if (child == 0) {
    if (asked.pin) bench::PinTo(1);
    for (uint64_t i = 0;; ++i) {
      // Acquire and release as a ring's words need them, although nothing else is exchanged here.
      uint64_t value;
      while ((value = word->load(std::memory_order_acquire)) == 2 * i) bench::Pause();
      if (value == kEnd) _exit(0);
      word->store(2 * i + 2, std::memory_order_release);
    }
  }
  if (asked.pin) bench::PinTo(0);
  uint64_t i = 0;
  const auto round = [&] {
    word->store(2 * i + 1, std::memory_order_release);
    while (word->load(std::memory_order_acquire) != 2 * i + 2) bench::Pause();
    ++i;
  };
  std::vector<int64_t> times;
  double untimed = 0;
  bench::TimeRounds(asked, round, &times, &untimed);
  const double seconds = static_cast<double>(bench::Now() - started) / 1e9;
  word->store(kEnd, std::memory_order_release);
  bench::Await(child);
  bench::PrintRow(times, seconds, untimed);
}
