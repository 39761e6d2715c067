// What readers cost the writer: publish with N of them, who sleep or are awake, beside N bare wakes
// in the same run.
//
// Sleeping: each reader is a process in poll() on its armed doorbell and on a bare FIFO. The writer
// publishes, waits until all have the frame and sleep again, then rings the bare FIFOs, and so on
// in turn. Awake (--awake): readers have joined and look for frames every millisecond; none is
// armed.
#include <fcntl.h>
#include <framering.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <string>

#include "bench/floors/bench.h"

namespace {

constexpr uint64_t kMostReaders = 32;
constexpr uint64_t kMostSamples = 1 << 16;

struct Shared {
  std::atomic<uint64_t> joined;
  std::atomic<uint64_t> received;  // by all readers together, frames
  std::atomic<uint64_t> woken;     // bare wakes
  std::atomic<uint64_t> latencies;
  int64_t latency[kMostSamples];
};

struct Work {
  std::string directory;
  uint64_t bytes, readers;
  bool awake;
};

int64_t StampOf(const uint8_t* data) {
  int64_t stamp;
  std::memcpy(&stamp, data, sizeof(stamp));
  return stamp;
}

[[noreturn]] void Read(const Work& work, Shared* shared, int fifo) {
  fr_reader_options options = {};
  options.directory = work.directory.c_str();
  options.name = "fan";
  options.delivery = FR_LATEST;
  options.max_leases = 1;
  fr_reader* reader = nullptr;
  fr_error error;
  if (fr_reader_open(&options, &reader, &error) != FR_OK) bench::Fail(error.message);
  pollfd fds[3] = {};
  int bell = -1;
  int life = -1;
  if (fr_reader_doorbell(reader, &bell, &life, &error) != FR_OK) bench::Fail(error.message);
  fds[0] = {bell, POLLIN, 0};
  fds[1] = {fifo, POLLIN, 0};
  fds[2] = {life, 0, 0};
  bool told = false;
  for (;;) {
    fr_frame frame;
    const uint32_t arm = work.awake ? FR_BELL_NONE : FR_BELL_FIFO;
    const fr_next next = fr_reader_next(reader, arm, 0, &frame, &error);
    if (next == FR_FAILED) bench::Fail(error.message);
    if (next == FR_FRAME) {
      const int64_t stamp = StampOf(frame.data);
      const int64_t now = bench::Now();
      const uint64_t index = shared->latencies.fetch_add(1, std::memory_order_relaxed);
      if (index < kMostSamples) shared->latency[index] = now - stamp;
      if (fr_reader_release(reader, frame.slot, &error) != FR_OK) bench::Fail(error.message);
      shared->received.fetch_add(1, std::memory_order_release);
      continue;
    }
    if (next != FR_NONE) break;
    if (!told) shared->joined.fetch_add(1, std::memory_order_release);
    told = true;
    if (work.awake) {
      usleep(1000);
      continue;
    }
    poll(fds, 3, -1);
    if ((fds[0].revents & POLLIN) != 0) fr_reader_drain(reader);
    char byte;
    if ((fds[1].revents & POLLIN) != 0 && read(fifo, &byte, 1) == 1) {
      shared->woken.fetch_add(1, std::memory_order_release);
    }
  }
  fr_reader_close(reader);
  _exit(0);
}

void Until(const std::atomic<uint64_t>& count, uint64_t target) {
  while (count.load(std::memory_order_acquire) < target) usleep(100);
}

}  // namespace

int main(int argc, char** argv) {
  const int64_t started = bench::Now();  // processor time is counted from here as well
  const uint64_t samples = bench::Count(argc, argv, "--samples", 1000);
  const uint64_t warmup = bench::Count(argc, argv, "--warmup", 50);
  const bool pin = bench::Flag(argc, argv, "--pin");
  const Work work = {bench::Text(argc, argv, "--directory", "/dev/shm"),
                     bench::Count(argc, argv, "--bytes", 64),
                     bench::Count(argc, argv, "--readers", 1), bench::Flag(argc, argv, "--awake")};
  if (work.readers > kMostReaders) bench::Fail("at most 32 readers");
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) bench::Fail("no memory");
  Shared* shared = static_cast<Shared*>(memory);
  signal(SIGPIPE, SIG_IGN);

  fr_writer_options options = {};
  options.directory = work.directory.c_str();
  options.name = "fan";
  options.format.dtype = FR_UINT8;
  options.format.ndim = 1;
  options.format.shape[0] = work.bytes;
  options.slot_bytes = work.bytes;
  options.slot_count = static_cast<uint32_t>(2 + work.readers);
  options.max_readers = kMostReaders;
  options.mode = 0600;
  options.group = options.control_group = -1;
  options.memory_lock = FR_LOCK_TRY;
  fr_writer* writer = nullptr;
  fr_error error;
  if (fr_writer_create(&options, &writer, &error) != FR_OK) bench::Fail(error.message);

  int fifos[kMostReaders];
  pid_t children[kMostReaders];
  for (uint64_t i = 0; i < work.readers; ++i) {
    const std::string path = work.directory + "/bare-" + std::to_string(i);
    if (mkfifo(path.c_str(), 0600) != 0) bench::Fail("mkfifo failed");
    fifos[i] = open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    unlink(path.c_str());
    if (fifos[i] < 0) bench::Fail("the FIFO cannot be opened");
    children[i] = bench::Fork();
    if (children[i] != 0) continue;
    if (pin) bench::PinTo(1);
    Read(work, shared, fifos[i]);
  }
  if (pin) bench::PinTo(0);
  Until(shared->joined, work.readers);

  std::vector<int64_t> publishing;
  std::vector<int64_t> waking;
  fr_meta meta = {};
  meta.capture_time = meta.pts = meta.duration = FR_NO_TIME;
  meta.bytes_used = work.bytes;
  for (uint64_t i = 0; i < warmup + samples; ++i) {
    fr_loan loan;
    if (fr_writer_loan(writer, &loan, &error) != FR_OK || loan.slot == FR_NO_SLOT) {
      bench::Fail("no slot to write to");
    }
    const int64_t before = bench::Now();
    std::memcpy(loan.data, &before, sizeof(before));
    uint64_t sequence;
    if (fr_writer_publish(writer, loan.slot, &meta, &sequence, &error) != FR_OK) {
      bench::Fail(error.message);
    }
    const int64_t after = bench::Now();
    Until(shared->received, (i + 1) * work.readers);
    usleep(200);  // for the last of them to be asleep again: it counts before it arms
    int64_t bare = 0;
    if (!work.awake) {
      const int64_t first = bench::Now();
      for (uint64_t r = 0; r < work.readers; ++r) {
        if (write(fifos[r], "!", 1) != 1) bench::Fail("a bare FIFO is full");
      }
      bare = bench::Now() - first;
      Until(shared->woken, (i + 1) * work.readers);
      usleep(200);
    }
    if (i < warmup) {
      shared->latencies.store(0, std::memory_order_relaxed);
      continue;
    }
    publishing.push_back(after - before);
    if (!work.awake) waking.push_back(bare);
  }
  const double seconds = static_cast<double>(bench::Now() - started) / 1e9;
  fr_writer_stats stats;
  fr_writer_get_stats(writer, &stats);
  fr_writer_close(writer);
  for (uint64_t i = 0; i < work.readers; ++i) bench::Await(children[i]);

  const uint64_t taken = shared->latencies.load(std::memory_order_relaxed);
  const std::vector<int64_t> latencies(
      shared->latency, shared->latency + (taken < kMostSamples ? taken : kMostSamples));
  std::printf("{");
  bench::PrintSamples("samples", publishing);
  std::printf(",");
  bench::PrintSamples("bare", waking);
  std::printf(",");
  bench::PrintSamples("latencies", latencies);
  std::printf(",\"bells\":%llu", static_cast<unsigned long long>(stats.bells));
  bench::PrintUsage("writer", RUSAGE_SELF, seconds);
  bench::PrintUsage("reader", RUSAGE_CHILDREN, seconds);
  std::printf("}\n");
}
