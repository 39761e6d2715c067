// Floor: two processes that wake each other with POSIX semaphores, round trip.
#include <semaphore.h>
#include <sys/mman.h>

#include <cerrno>

#include "bench.h"

namespace {

struct Pair {
  alignas(64) sem_t there;
  alignas(64) sem_t back;
  bool over;
};

void Wait(sem_t* semaphore) {
  while (sem_wait(semaphore) != 0 && errno == EINTR) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t started = bench::Now();  // processor time is counted from here as well
  const bench::Rounds asked(argc, argv);
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) bench::Fail("no memory");
  Pair* pair = static_cast<Pair*>(page);
  if (sem_init(&pair->there, 1, 0) != 0 || sem_init(&pair->back, 1, 0) != 0)
    bench::Fail("sem_init");

  const pid_t child = bench::Fork();
  if (child == 0) {
    if (asked.pin) bench::PinTo(1);
    for (;;) {
      Wait(&pair->there);
      if (pair->over) _exit(0);  // written before the post that woke us
      sem_post(&pair->back);
    }
  }
  if (asked.pin) bench::PinTo(0);
  const auto round = [&] {
    sem_post(&pair->there);
    Wait(&pair->back);
  };
  std::vector<int64_t> times;
  double untimed = 0;
  bench::TimeRounds(asked, round, &times, &untimed);
  const double seconds = static_cast<double>(bench::Now() - started) / 1e9;
  pair->over = true;
  sem_post(&pair->there);
  bench::Await(child);
  bench::PrintRow(times, seconds, untimed);
}
