#include "stress_writer.h"

#include <cstdlib>

#include "check.h"
#include "pattern.h"

namespace framering::test {

void StressWriter::work() {
  while (!run_->over()) one_session();
}

void StressWriter::one_session() {
  fr_writer_options o = {};
  o.directory = playground().c_str();
  o.name = kStressRing;
  o.slot_count = kStressSlots;
  o.max_readers = kStressEntries;
  o.slot_bytes = 1;
  o.mode = 0600;
  o.group = -1;
  o.memory_lock = FR_LOCK_NONE;
  o.reliable_limit = 1'000'000;
  o.format.dtype = FR_UINT8;
  fr_error err;
  CHECK(fr_writer_create(&o, &writer_, &err) == FR_OK, "create: %s", err.message);
  fr_writer_get_info(writer_, &info_);
  ++counts_.sessions;
  ++counts_.generations;
  change_format(info_.slot_bytes);
  const uint32_t frames = 200 + random_.below(4000);
  for (uint32_t i = 0; i < frames && !run_->over(); ++i) {
    send();
    if (random_.below(64) == 0) change_format(info_.slot_bytes);
    if (random_.below(1024) == 0) change_format(info_.slot_bytes + 4096);
  }
  fr_writer_stats stats;
  fr_writer_get_stats(writer_, &stats);
  CHECK(stats.head == stats.published + stats.dropped, "sequences went missing");
  counts_.published += stats.published;
  fr_writer_close(writer_);
}

void StressWriter::change_format(uint64_t slot_bytes) {
  fr_writer_stats stats;
  fr_writer_get_stats(writer_, &stats);
  const uint32_t epoch = stats.epoch + 1;
  fr_format f = {};
  f.dtype = FR_UINT8;
  f.ndim = 1;
  f.shape[0] = epoch_width(epoch);
  const std::string text = epoch_text(info_.session, epoch);
  fr_error err;
  CHECK(fr_writer_set_format(writer_, &f, slot_bytes, text.data(),
                             static_cast<uint32_t>(text.size()), &err) == FR_OK,
        "set_format: %s", err.message);
  if (slot_bytes > info_.slot_bytes) ++counts_.generations;
  fr_writer_get_info(writer_, &info_);
}

uint64_t StressWriter::next_sequence() {
  fr_writer_stats stats;
  fr_writer_get_stats(writer_, &stats);
  return stats.head + 1;
}

void StressWriter::send() {
  fr_error err;
  fr_meta meta = {};
  meta.capture_time = FR_NO_TIME;
  meta.bytes_used = 1 + random_.below(700);
  meta.user[0] = info_.session;
  uint64_t sequence = 0;
  if (random_.below(64) == 0) {
    CHECK(fr_writer_drop(writer_, &meta, &sequence, &err) == FR_OK, "drop: %s", err.message);
    return;
  }
  fr_loan loan;
  CHECK(fr_writer_loan(writer_, &loan, &err) == FR_OK, "loan: %s", err.message);
  if (loan.slot == FR_NO_SLOT) {
    CHECK(fr_writer_drop(writer_, &meta, &sequence, &err) == FR_OK, "drop: %s", err.message);
    return;
  }
  const uint64_t due = next_sequence();
  fill_pattern(loan.data, meta.bytes_used, info_.session, due);
  if (random_.below(64) == 0) {
    CHECK(fr_writer_abandon(writer_, loan.slot, &err) == FR_OK, "abandon: %s", err.message);
    return;
  }
  CHECK(fr_writer_publish(writer_, loan.slot, &meta, &sequence, &err) == FR_OK && sequence == due,
        "publish: %s", err.message);
}

}  // namespace framering::test
