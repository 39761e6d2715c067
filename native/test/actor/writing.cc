#include "writing.h"

#include <cinttypes>
#include <random>
#include <vector>

#include "../pattern.h"

namespace framering::test {
namespace {

constexpr char kText[] = "an epoch's text";

fr_format bytes_format(uint64_t bytes) {
  fr_format format = {};
  format.dtype = FR_UINT8;
  format.ndim = 1;
  format.shape[0] = bytes;
  return format;
}

}  // namespace

bool Writing::perform(const Line& line) {
  const std::string& verb = line.verb();
  if (verb == "create") {
    if (create(line)) wire_.say("created session=%" PRIu64, session_);
  } else if (verb == "publish") {
    publish(line.number("n"), line.number("mark", 0));
  } else if (verb == "drop") {
    for (uint64_t n = line.number("n"); n > 0; --n) drop_one();
    wire_.say("dropped head=%" PRIu64, head_);
  } else if (verb == "lend") {
    wire_.say("lent n=%u", lend());
  } else if (verb == "abandon") {
    for (uint64_t n = line.number("n"); n > 0; --n) abandon_one();
    wire_.say("abandoned");
  } else if (verb == "format") {
    set_format(64 + head_ % 64, 0);
    wire_.say("formatted");
  } else if (verb == "grow") {
    set_format(2 * slot_bytes_, 2 * slot_bytes_);
    wire_.say("grown");
  } else if (verb == "close") {
    close();
    wire_.say("closed");
  } else if (verb == "writer-flow") {
    flow(line);
  } else if (verb == "try-loan") {
    fr_error err = {};
    fr_loan loan;
    wire_.say("loan status=%s", fr_status_name(fr_writer_loan(writer_, &loan, &err)));
  } else {
    return false;
  }
  return true;
}

bool Writing::create(const Line& line) {
  fr_writer_options options = {};
  options.directory = directory_.c_str();
  options.name = line.text("ring").c_str();
  options.slot_bytes = line.number("bytes", 4096);
  options.slot_count = static_cast<uint32_t>(line.number("slots"));
  options.max_readers = static_cast<uint32_t>(line.number("readers"));
  options.mode = 0600;
  options.group = -1;
  options.memory_lock = FR_LOCK_NONE;
  options.reliable_limit = line.number("limit_ms", 60'000) * 1'000'000;
  options.format = bytes_format(options.slot_bytes);
  options.descriptor = kText;
  options.descriptor_bytes = sizeof kText;
  if (writer_ != nullptr) broken("create while a writer is open");
  fr_error err = {};
  if (const fr_status s = fr_writer_create(&options, &writer_, &err); s != FR_OK) {
    wire_.say("refused status=%s %s", fr_status_name(s), err.message);
    return false;
  }
  fr_writer_info info;
  fr_writer_get_info(writer_, &info);
  session_ = info.session;
  slot_bytes_ = info.slot_bytes;
  head_ = dropped_ = source_ = source_lost_ = 0;
  return true;
}

void Writing::fill_and_publish(const fr_loan& loan, uint64_t mark) {
  fr_error err = {};
  const uint64_t expected = head_ + 1;
  fr_meta meta = {};
  meta.capture_time = FR_NO_TIME;
  meta.bytes_used = 1 + (expected * 977) % loan.capacity;
  // Now and then the source loses some.
  const bool jump = source_ != 0 && expected % 7 == 0;
  source_ += jump ? 3 : 1;
  if (jump) source_lost_ += 2;
  meta.source_sequence = source_;
  meta.user[kMark] = mark;
  meta.user[kDropped] = dropped_;
  meta.user[kSourceLost] = source_lost_;
  meta.user[kBytes] = meta.bytes_used;
  fill_pattern(loan.data, meta.bytes_used, session_, expected);
  uint64_t sequence = 0;
  if (const fr_status s = fr_writer_publish(writer_, loan.slot, &meta, &sequence, &err);
      s != FR_OK) {
    broken("publish: %s %s", fr_status_name(s), err.message);
  }
  if (sequence != expected) {
    broken("published %" PRIu64 " instead of %" PRIu64, sequence, expected);
  }
  head_ = sequence;
}

bool Writing::publish_one(uint64_t mark) {
  fr_error err = {};
  fr_loan loan;
  if (const fr_status s = fr_writer_loan(writer_, &loan, &err); s != FR_OK) {
    broken("loan: %s %s", fr_status_name(s), err.message);
  }
  if (loan.slot == FR_NO_SLOT) {
    drop_one();
    return false;
  }
  fill_and_publish(loan, mark);
  return true;
}

void Writing::publish(uint64_t count, uint64_t mark) {
  uint64_t dropped = 0;
  for (uint64_t i = 1; i <= count; ++i) {
    if (!publish_one(i == count ? mark : 0)) ++dropped;
  }
  wire_.say("published head=%" PRIu64 " dropped=%" PRIu64, head_, dropped);
}

void Writing::drop_one() {
  fr_meta meta = {};
  meta.capture_time = FR_NO_TIME;
  fr_error err = {};
  uint64_t sequence = 0;
  ++dropped_;
  if (fr_writer_drop(writer_, &meta, &sequence, &err) != FR_OK || sequence != head_ + 1) {
    broken("drop: %s, sequence %" PRIu64 " after %" PRIu64, err.message, sequence, head_);
  }
  head_ = sequence;
}

// Every slot there is to have, given back again.
uint32_t Writing::lend() {
  fr_error err = {};
  std::vector<uint32_t> slots;
  for (;;) {
    fr_loan loan;
    if (fr_writer_loan(writer_, &loan, &err) != FR_OK) broken("loan: %s", err.message);
    if (loan.slot == FR_NO_SLOT) break;
    slots.push_back(loan.slot);
  }
  for (const uint32_t slot : slots) {
    if (fr_writer_abandon(writer_, slot, &err) != FR_OK) broken("abandon: %s", err.message);
  }
  return static_cast<uint32_t>(slots.size());
}

void Writing::abandon_one() {
  fr_error err = {};
  fr_loan loan;
  if (fr_writer_loan(writer_, &loan, &err) != FR_OK) broken("loan: %s", err.message);
  if (loan.slot == FR_NO_SLOT) return;
  if (fr_writer_abandon(writer_, loan.slot, &err) != FR_OK) broken("abandon: %s", err.message);
}

void Writing::set_format(uint64_t bytes, uint64_t slot_bytes) {
  const fr_format format = bytes_format(bytes);
  fr_error err = {};
  if (const fr_status s =
          fr_writer_set_format(writer_, &format, slot_bytes, kText, sizeof kText, &err);
      s != FR_OK) {
    broken("set_format: %s %s", fr_status_name(s), err.message);
  }
  if (slot_bytes > slot_bytes_) slot_bytes_ = slot_bytes;
}

void Writing::close() {
  fr_writer_close(writer_);
  writer_ = nullptr;
}

void Writing::flow(const Line& line) {
  std::mt19937 random(static_cast<uint32_t>(line.number("seed")));
  constexpr uint64_t kLargest = 32'768;
  while (!wire_.called()) {
    const uint32_t chance = random() % 1000;
    if (chance < 900) {
      publish_one(0);
    } else if (chance < 930) {
      drop_one();
    } else if (chance < 960) {
      abandon_one();
    } else if (chance < 980) {
      lend();
    } else if (chance < 990) {
      set_format(1 + random() % slot_bytes_, 0);
    } else if (chance < 996 && slot_bytes_ < kLargest) {
      set_format(2 * slot_bytes_, 2 * slot_bytes_);
    } else {
      close();
      if (!create(line)) return;
    }
  }
  wire_.say("flowed head=%" PRIu64, head_);
}

}  // namespace framering::test
