#include "latency_totals.h"

namespace framering {
namespace {

// Relaxed, all of them, and no read-modify-write: one thread counts, others look on.
void add(Word* word, uint64_t n) {
  word->store(word->load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

}  // namespace

void count_latency(int64_t ns, LatencyTotals* totals) {
  // A frame from the future was stamped by a writer that lies.
  const uint64_t time = ns < 0 ? 0 : static_cast<uint64_t>(ns);
  const uint64_t us = time / 1000;
  const uint32_t bits = us == 0 ? 0 : 64 - static_cast<uint32_t>(__builtin_clzll(us));
  add(&totals->counts[bits < FR_LATENCY_BUCKETS ? bits : FR_LATENCY_BUCKETS - 1], 1);
  add(&totals->sum, time);
  if (time > totals->longest.load(std::memory_order_relaxed)) {
    totals->longest.store(time, std::memory_order_relaxed);
  }
}

void read_latency(const LatencyTotals& totals, fr_latency* out) {
  for (uint32_t i = 0; i < FR_LATENCY_BUCKETS; ++i) {
    out->counts[i] = totals.counts[i].load(std::memory_order_relaxed);
  }
  out->sum = totals.sum.load(std::memory_order_relaxed);
  out->longest = totals.longest.load(std::memory_order_relaxed);
}

}  // namespace framering
