// A process of a row in C++: its command line, its two lines on standard output, what it used up.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "payload.h"

namespace part {

// As bench/lib/flags.mjs gives them on: `--name value`, and `--name` alone for a flag.
class Flags {
 public:
  Flags(int count, char** given) : given_(given + 1, given + count) {}

  [[nodiscard]] std::string Text(const char* name, const char* fallback = "") const {
    for (size_t i = 0; i + 1 < given_.size(); i++) {
      if (given_[i] == name) return given_[i + 1];
    }
    return fallback;
  }
  [[nodiscard]] uint64_t Number(const char* name, uint64_t fallback = 0) const {
    const std::string text = Text(name);
    return text.empty() ? fallback : strtoull(text.c_str(), nullptr, 10);
  }
  [[nodiscard]] bool Has(const char* name) const {
    for (const auto& word : given_) {
      if (word == name) return true;
    }
    return false;
  }

 private:
  std::vector<std::string> given_;
};

// What a row is asked to do: see bench/lib/flags.mjs.
struct Task {
  explicit Task(const Flags& flags)
      : ping_pong(flags.Text("--workload") == "ping-pong"),
        bytes(flags.Number("--bytes")),
        samples(flags.Number("--samples")),
        warmup(flags.Number("--warmup")),
        rate(flags.Number("--rate")),
        readers(flags.Number("--readers", 1)),
        in_place(flags.Has("--in-place")) {}

  bool ping_pong;
  size_t bytes;
  uint64_t samples;
  uint64_t warmup;
  uint64_t rate;
  uint64_t readers;
  bool in_place;

  [[nodiscard]] uint64_t Total() const { return samples + warmup; }
  void Write(void* frame, uint64_t sequence) const {
    if (in_place)
      payload::WriteOne(frame, sequence);
    else
      payload::Write(frame, bytes, sequence);
  }
  [[nodiscard]] bool Read(const void* frame, uint64_t sequence) const {
    return in_place ? payload::ReadOne(frame, sequence) : payload::Read(frame, bytes, sequence);
  }
};

// When the next frame is due. A frame that is late moves those after it.
class Pace {
 public:
  explicit Pace(uint64_t rate) : period_(rate == 0 ? 0 : 1'000'000'000u / rate) {}
  void Wait() {
    if (period_ == 0) return;
    const uint64_t now = payload::Now();
    due_ = due_ + period_ > now ? due_ + period_ : now;
    payload::SleepUntil(due_);
  }

 private:
  uint64_t period_;
  uint64_t due_ = 0;
};

// Samples and the process's own costs, from the first frame that counts to the last.
class Record {
 public:
  explicit Record(const Task& task) : task_(task) {
    samples_.reserve(task.samples + 1);
    // A page of the list that is touched first in the loop would be a fault of the engine's.
    samples_.resize(task.samples + 1);
    samples_.clear();
    if (task.warmup == 0) Start();
  }

  // After frame `sequence`, which begins at 1. `ns`: 0 where the other side measures.
  void Frame(uint64_t sequence, uint64_t ns, bool right) {
    if (!right) wrong_++;
    if (sequence == task_.warmup) Start();
    if (sequence > task_.warmup) samples_.push_back(ns);
  }
  void Start() {
    getrusage(RUSAGE_SELF, &first_);
    started_ = payload::Now();
  }

  // The result line. `measured`: whether this side's samples are the row's.
  void Print(bool measured, const std::string& versions = "{}") const {
    rusage last;
    getrusage(RUSAGE_SELF, &last);
    const double seconds = static_cast<double>(payload::Now() - started_) / 1e9;
    printf(
        "{\"wrong\":%llu,\"versions\":%s,\"usage\":{\"cpu\":%.6f,\"seconds\":%.6f,\"gc\":0,"
        "\"gcMajor\":0,\"switches\":%ld,\"faults\":{\"minor\":%ld,\"major\":%ld}},\"samples\":[",
        static_cast<unsigned long long>(wrong_), versions.c_str(), Cpu(last) - Cpu(first_), seconds,
        last.ru_nvcsw - first_.ru_nvcsw, last.ru_minflt - first_.ru_minflt,
        last.ru_majflt - first_.ru_majflt);
    const char* separator = "";
    for (size_t i = 0; measured && i < samples_.size(); i++, separator = ",") {
      printf("%s%llu", separator, static_cast<unsigned long long>(samples_[i]));
    }
    printf("]}\n");
    fflush(stdout);
  }

 private:
  static double Cpu(const rusage& used) {
    const auto seconds = [](timeval t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
  }

  const Task& task_;
  std::vector<uint64_t> samples_;
  uint64_t wrong_ = 0;
  uint64_t started_ = 0;
  rusage first_{};
};

// A line from the row, or the row has ended, and so does this.
inline void WaitForLine() {
  char line[16];
  if (fgets(line, sizeof line, stdin) == nullptr) exit(1);
}

// {"ready":true}, then waits until all sides are.
inline void WaitForGo() {
  printf("{\"ready\":true}\n");
  fflush(stdout);
  WaitForLine();
}

// Until nobody needs the last frame any more: for the side that sends it.
inline void WaitForEnd() { WaitForLine(); }

}  // namespace part
