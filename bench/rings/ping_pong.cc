// Framering's C face: a frame there and a frame back, both sides polling. Loan, publish, lease and
// release each way.
#include <framering.h>

#include <string>

#include "bench/floors/bench.h"

namespace {

struct Work {
  std::string directory;
  uint64_t bytes;
  bool in_place;  // one byte is written and read
};

fr_writer* Create(const Work& work, const char* name) {
  fr_writer_options options = {};
  options.directory = work.directory.c_str();
  options.name = name;
  options.format.dtype = FR_UINT8;
  options.format.ndim = 1;
  options.format.shape[0] = work.bytes;
  options.slot_bytes = work.bytes;
  options.slot_count = 8;
  options.max_readers = 32;
  options.mode = 0600;
  options.group = options.control_group = -1;
  options.memory_lock = FR_LOCK_TRY;
  fr_writer* writer = nullptr;
  fr_error error;
  if (fr_writer_create(&options, &writer, &error) != FR_OK) bench::Fail(error.message);
  return writer;
}

fr_reader* Open(const Work& work, const char* name) {
  fr_reader_options options = {};
  options.directory = work.directory.c_str();
  options.name = name;
  options.delivery = FR_LATEST;
  options.max_leases = 2;
  fr_reader* reader = nullptr;
  fr_error error;
  for (;;) {
    if (fr_reader_open(&options, &reader, &error) == FR_OK) return reader;
    if (error.status != FR_NOT_FOUND) bench::Fail(error.message);
    bench::Pause();
  }
}

class Side {
 public:
  Side(const Work& work, fr_writer* writer, fr_reader* reader)
      : work_(work), writer_(writer), reader_(reader) {}

  void Send(uint8_t value) {
    fr_loan loan;
    fr_error error;
    if (fr_writer_loan(writer_, &loan, &error) != FR_OK || loan.slot == FR_NO_SLOT) {
      bench::Fail("no slot to write to");
    }
    std::memset(loan.data, value, work_.in_place ? 1 : work_.bytes);
    fr_meta meta = {};
    meta.capture_time = FR_NO_TIME;
    meta.pts = meta.duration = FR_NO_TIME;
    meta.bytes_used = work_.bytes;
    uint64_t sequence;
    if (fr_writer_publish(writer_, loan.slot, &meta, &sequence, &error) != FR_OK) {
      bench::Fail(error.message);
    }
  }

  // False at the end of the stream.
  bool Receive(uint8_t* value) {
    fr_frame frame;
    fr_error error;
    for (;;) {
      const fr_next next = fr_reader_next(reader_, FR_BELL_NONE, 0, &frame, &error);
      if (next == FR_FRAME) break;
      if (next == FR_FAILED) bench::Fail(error.message);
      if (next != FR_NONE) return false;
      bench::Pause();
    }
    *value = frame.data[0];
    if (!work_.in_place) sum_ += Sum(frame.data, frame.bytes_used);
    if (fr_reader_release(reader_, frame.slot, &error) != FR_OK) bench::Fail(error.message);
    return true;
  }

 private:
  static uint64_t Sum(const uint8_t* data, uint64_t bytes) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i + 8 <= bytes; i += 8) {
      uint64_t word;
      std::memcpy(&word, data + i, sizeof(word));
      sum += word;
    }
    return sum;
  }

  const Work& work_;
  fr_writer* writer_;
  fr_reader* reader_;
  volatile uint64_t sum_ = 0;  // the compiler must not find out that nobody looks at it
};

}  // namespace

int main(int argc, char** argv) {
  const int64_t started = bench::Now();  // processor time is counted from here as well
  const bench::Rounds asked(argc, argv);
  const Work work = {bench::Text(argc, argv, "--directory", "/dev/shm"),
                     bench::Count(argc, argv, "--bytes", 64),
                     bench::Flag(argc, argv, "--in-place")};

  const pid_t child = bench::Fork();
  if (child == 0) {
    if (asked.pin) bench::PinTo(1);
    fr_writer* writer = Create(work, "back");
    fr_reader* reader = Open(work, "there");
    Side side(work, writer, reader);
    uint8_t value;
    while (side.Receive(&value)) side.Send(value);
    fr_reader_close(reader);
    fr_writer_close(writer);
    _exit(0);
  }
  if (asked.pin) bench::PinTo(0);
  fr_writer* writer = Create(work, "there");
  fr_reader* reader = Open(work, "back");
  Side side(work, writer, reader);
  // The other side opens this ring after it has made its own: a frame published before would be
  // lost.
  fr_writer_stats stats = {};
  while (stats.readers == 0) fr_writer_get_stats(writer, &stats);
  uint8_t value = 0;
  const auto round = [&] {
    uint8_t back;
    side.Send(++value);
    if (!side.Receive(&back) || back != value) bench::Fail("another frame came back");
  };
  std::vector<int64_t> times;
  double untimed = 0;
  bench::TimeRounds(asked, round, &times, &untimed);
  const double seconds = static_cast<double>(bench::Now() - started) / 1e9;
  fr_writer_close(writer);
  bench::Await(child);
  fr_reader_close(reader);
  bench::PrintRow(times, seconds, untimed);
}
