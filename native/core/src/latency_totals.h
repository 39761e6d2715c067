// Counting how late a reader's leases are, for itself and for onlookers.
#pragma once

#include <cstdint>

#include "layout.h"

namespace framering {

// One more lease, `ns` after its frame was published.
void count_latency(int64_t ns, LatencyTotals* totals);
void read_latency(const LatencyTotals& totals, fr_latency* out);

}  // namespace framering
