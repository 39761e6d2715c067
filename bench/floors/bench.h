// What the benchmark's C++ programs share: flags, clock, samples, and the line of JSON at the end.
//
// Each program is one row's work: it forks the other side itself and prints
//   {"samples":[ns, ...],"writer":{"cpu":s,...},"reader":{...},"notes":"..."}
#ifndef FRAMERING_BENCH_BENCH_H_
#define FRAMERING_BENCH_BENCH_H_

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace bench {

inline int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

inline void SleepUntil(int64_t time) {
  const timespec until = {time / 1000000000, time % 1000000000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
  }
}

inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  asm volatile("isb" ::: "memory");
#endif
}

[[noreturn]] inline void Fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

// Whether `--name` is among the arguments.
inline bool Flag(int argc, char** argv, const char* name) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return true;
  }
  return false;
}

inline const char* Text(int argc, char** argv, const char* name, const char* fallback) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return argv[i + 1];
  }
  return fallback;
}

inline uint64_t Count(int argc, char** argv, const char* name, uint64_t fallback) {
  const char* text = Text(argc, argv, name, nullptr);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

inline void PinTo(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof(set), &set) != 0) Fail("--pin needs two processors");
}

// The other side: ends with this process, however that ends.
inline pid_t Fork() {
  std::fflush(stdout);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) Fail("fork failed");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
  }
  return child;
}

inline void Await(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) Fail("the other side failed");
}

inline void PrintUsage(const char* side, int who, double seconds) {
  rusage usage;
  getrusage(who, &usage);
  const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::printf(
      ",\"%s\":{\"cpu\":%.6f,\"faults\":{\"minor\":%ld,\"major\":%ld},\"switches\":%ld,"
      "\"seconds\":%.6f}",
      side, cpu, usage.ru_minflt, usage.ru_majflt, usage.ru_nvcsw, seconds);
}

inline void PrintSamples(const char* name, const std::vector<int64_t>& samples) {
  std::printf("\"%s\":[", name);
  for (size_t i = 0; i < samples.size(); ++i) {
    std::printf(i == 0 ? "%lld" : ",%lld", static_cast<long long>(samples[i]));
  }
  std::printf("]");
}

// One line; the other sides must have been awaited. `untimed`: mean ns of rounds without clock.
inline void PrintRow(const std::vector<int64_t>& samples, double seconds, double untimed) {
  std::printf("{");
  PrintSamples("samples", samples);
  PrintUsage("writer", RUSAGE_SELF, seconds);
  PrintUsage("reader", RUSAGE_CHILDREN, seconds);
  if (untimed > 0) std::printf(",\"untimed\":%.2f", untimed);
  std::printf("}\n");
}

// How a ping-pong is asked for: --samples, --warmup, --seconds, --pin.
struct Rounds {
  uint64_t samples;
  uint64_t warmup;
  uint64_t seconds;
  bool pin;

  Rounds(int argc, char** argv)
      : samples(Count(argc, argv, "--samples", 10000)),
        warmup(Count(argc, argv, "--warmup", 1000)),
        seconds(Count(argc, argv, "--seconds", 120)),
        pin(Flag(argc, argv, "--pin")) {}
};

// Times `round` one by one, by one reading of the clock each, and then as many without the clock:
// their mean is what a round takes. Each, and the warm-up, ends
// after half of `seconds` at the latest.
template <class Round>
void TimeRounds(const Rounds& asked, Round round, std::vector<int64_t>* samples, double* untimed) {
  const int64_t most = static_cast<int64_t>(asked.seconds) * 500000000;
  const int64_t first = Now();
  for (uint64_t i = 0; i < asked.warmup && Now() - first < most; ++i) round();
  samples->reserve(asked.samples);
  const int64_t started = Now();
  for (int64_t before = started; samples->size() < asked.samples && before - started < most;) {
    round();
    const int64_t now = Now();
    samples->push_back(now - before);
    before = now;
  }
  const int64_t again = Now();
  uint64_t rounds = 0;
  do {
    for (int i = 0; i < 64; ++i) round();
    rounds += 64;
  } while (rounds < samples->size() && Now() - again < most);
  *untimed = static_cast<double>(Now() - again) / static_cast<double>(rounds);
}

}  // namespace bench

#endif  // FRAMERING_BENCH_BENCH_H_
