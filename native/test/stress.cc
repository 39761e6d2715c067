// One writer at full speed and readers that come, hold, verify every byte and go: all in one
// process, for a sanitizer to watch.
//
//   stress --seconds N [--one-mapping] [--scribble]
//
// --one-mapping: every handle works on the same addresses, or ThreadSanitizer would see nothing of
// the protocol (native/core/src/one_mapping.h). --scribble: another thread writes garbage into the
// control objects all the while; then a lease may break, but never unnoticed.
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cinttypes>
#include <cstring>
#include <thread>
#include <vector>

#include "../core/src/one_mapping.h"
#include "../core/src/unique_fd.h"
#include "check.h"
#include "onlooker.h"
#include "playground.h"
#include "stress_reader.h"
#include "stress_writer.h"

namespace framering::test {
namespace {

struct Arguments {
  int seconds = 5;
  bool one_mapping = false, scribble = false;

  Arguments(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const bool number = strcmp(argv[i], "--seconds") == 0 && i + 1 < argc;
      if (number) seconds = static_cast<int>(strtol(argv[++i], nullptr, 10));
      one_mapping = one_mapping || strcmp(argv[i], "--one-mapping") == 0;
      scribble = scribble || strcmp(argv[i], "--scribble") == 0;
    }
    CHECK(seconds > 0, "--seconds takes a positive number");
  }
};

// Somebody with the right to write the control object, and no good intentions.
void scribble(const StressRun* run) {
  Random random(666);
  while (!run->over()) {
    const UniqueFd fd(open(run->path("ctl").c_str(), O_RDWR | O_CLOEXEC));
    for (int i = 0; fd.ok() && i < 200; ++i) {
      const uint64_t word = random.below(4) == 0 ? random.below(70) : random.next();
      // Beyond the identity, or nobody could attach any more.
      const off_t offset = 64 + static_cast<off_t>(8 * random.below((8192 - 64) / 8));
      static_cast<void>(pwrite(fd.get(), &word, 8, offset) == 8);
    }
  }
}

// Nobody notices, whatever becomes of the ring meanwhile.
void look_on(const StressRun* run, uint64_t* frames) {
  Onlooker onlooker(kStressRing);
  while (!run->over()) {
    if (!onlooker.open()) {
      sched_yield();
      continue;
    }
    // What the writer says of itself is true whoever scribbles into the control object.
    for (int i = 0; i < 50 && !run->over(); ++i) onlooker.look(true, !run->hostile());
  }
  *frames = onlooker.frames();
}

}  // namespace
}  // namespace framering::test

int main(int argc, char** argv) {
  using namespace framering::test;
  const Arguments arguments(argc, argv);
#ifdef FR_TEST_HOOKS
  if (arguments.one_mapping) framering::share_one_mapping();
#else
  CHECK(!arguments.one_mapping, "--one-mapping needs a build with FR_TEST_HOOKS");
#endif
  const int fd = lowest_free_fd();
  StressRun run(arguments.seconds, arguments.scribble);
  {
    StressWriter writer(&run);
    std::vector<StressReader> readers;
    for (uint32_t i = 0; i < kStressReaders; ++i) readers.emplace_back(&run, i);
    std::vector<std::thread> threads;
    threads.emplace_back([&writer] { writer.work(); });
    for (StressReader& r : readers) threads.emplace_back([&r] { r.work(); });
    uint64_t looked_at = 0;
    threads.emplace_back(look_on, &run, &looked_at);
    if (arguments.scribble) threads.emplace_back(scribble, &run);
    for (std::thread& t : threads) t.join();
    StressCounts sum = writer.counts();
    for (const StressReader& r : readers) sum += r.counts();
    printf("%" PRIu64 " frames published in %" PRIu64 " sessions and %" PRIu64
           " generations, %" PRIu64 " verified under leases (%" PRIu64 " bytes), %" PRIu64
           " lost and accounted for, %" PRIu64 " joins, %" PRIu64 " broken leases, %" PRIu64
           " frames looked at\n",
           sum.published, sum.sessions, sum.generations, sum.verified, sum.bytes, sum.lost,
           sum.joins, sum.broken, looked_at);
    CHECK(looked_at != 0, "nothing was looked at");
    CHECK(sum.verified != 0 && sum.joins > kStressReaders, "nothing was tested");
  }
  CHECK(entries(playground()) == 0, "something was left behind");
  CHECK(lowest_free_fd() == fd, "a descriptor was left open");
  return 0;
}
