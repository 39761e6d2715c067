// Threads that wait for one semaphore with deadlines and cancels that fall where they may: units
// are neither lost nor made, a lock lets one in at a time, and ThreadSanitizer sees the order in
// between.
//
//   semaphores --seconds N
#include <unistd.h>

#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "../core/include/framering_semaphore.h"
#include "check.h"

namespace framering::test {
namespace {

constexpr uint32_t kThreads = 4;
constexpr uint32_t kUnits = 2;

fr_semaphore* make(const std::string& name, uint32_t value) {
  fr_semaphore_options o = {};
  o.name = name.c_str();
  o.create = o.exclusive = 1;
  o.mode = 0600;
  o.value = value;
  fr_semaphore* made;
  fr_error err;
  CHECK(fr_semaphore_open(&o, &made, &err) == FR_OK, "%s", err.message);
  // Nothing is left should this be killed.
  CHECK(fr_semaphore_unlink(o.name, &err) == FR_OK, "%s", err.message);
  return made;
}

struct Shared {
  fr_semaphore* lock;
  fr_semaphore* units;
  fr_cancel cancel = {};
  uint64_t locked = 0;  // plain on purpose: only who has the lock touches it
  std::atomic<uint64_t> taken{0}, given_up{0};
  std::atomic<bool> over{false};
};

void lock_and_count(Shared* shared) {
  fr_error err;
  CHECK(fr_semaphore_wait(shared->lock, INT64_MAX, nullptr, &err) == FR_ACQUIRED, "%s",
        err.message);
  ++shared->locked;
  CHECK(fr_semaphore_post(shared->lock, &err) == FR_OK, "%s", err.message);
}

void work(Shared* shared, uint32_t seed) {
  std::minstd_rand random(seed);
  fr_error err;
  while (!shared->over.load(std::memory_order_relaxed)) {
    lock_and_count(shared);
    const int64_t deadline = fr_now() + static_cast<int64_t>(random() % 60'000);
    switch (fr_semaphore_wait(shared->units, deadline, &shared->cancel, &err)) {
      case FR_ACQUIRED:
        shared->taken.fetch_add(1, std::memory_order_relaxed);
        if (random() % 8 == 0) std::this_thread::yield();
        CHECK(fr_semaphore_post(shared->units, &err) == FR_OK, "%s", err.message);
        break;
      case FR_WAIT_FAILED:
        CHECK(false, "%s", err.message);
        break;
      default:
        shared->given_up.fetch_add(1, std::memory_order_relaxed);
    }
  }
}

void run(long seconds) {
  const std::string name = "framering-test-" + std::to_string(getpid());
  Shared shared;
  shared.lock = make(name, 1);
  shared.units = make(name, kUnits);
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreads; ++i) threads.emplace_back(work, &shared, i + 1);
  const int64_t end = fr_now() + seconds * 1'000'000'000;
  while (fr_now() < end) {
    fr_cancel_set(&shared.cancel);
    fr_cancel_clear(&shared.cancel);
    usleep(50);
  }
  shared.over.store(true, std::memory_order_relaxed);
  for (std::thread& thread : threads) thread.join();
  fr_error err;
  uint32_t lock, units;
  CHECK(fr_semaphore_value(shared.lock, &lock, &err) == FR_OK && lock == 1, "%u locks", lock);
  CHECK(fr_semaphore_value(shared.units, &units, &err) == FR_OK && units == kUnits, "%u units",
        units);
  fr_semaphore_close(shared.lock);
  fr_semaphore_close(shared.units);
  printf("%" PRIu64 " locks, %" PRIu64 " units taken, %" PRIu64 " waits given up: none lost\n",
         shared.locked, shared.taken.load(), shared.given_up.load());
}

}  // namespace
}  // namespace framering::test

int main(int argc, char** argv) {
  const long seconds =
      argc == 3 && strcmp(argv[1], "--seconds") == 0 ? strtol(argv[2], nullptr, 10) : 0;
  CHECK(seconds > 0, "usage: semaphores --seconds N");
  framering::test::run(seconds);
  return 0;
}
