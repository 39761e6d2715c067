#include "stress_reader.h"

#include <poll.h>
#include <sched.h>

#include "check.h"
#include "pattern.h"

namespace framering::test {
namespace {

// In a row, where an entry is free all the time.
constexpr uint32_t kMostRefusals = 100;

}  // namespace

void StressReader::work() {
  while (!run_->over()) {
    if (!join()) {
      // Between two sessions there is no ring. Yielding orders nothing between the threads.
      sched_yield();
      continue;
    }
    ended_ = stay() ? info_.generation : 0;
    leave();
  }
}

bool StressReader::join() {
  fr_reader_options o = {};
  o.directory = playground().c_str();
  o.name = kStressRing;
  o.delivery = 1 + random_.below(3);
  max_leases_ = o.max_leases = 1 + random_.below(2);
  o.replay = random_.below(4);
  o.reliable_wait = 500'000;
  o.timed = random_.below(2);
  o.not_generation = ended_;
  observes_ = o.delivery != FR_RELIABLE && random_.below(4) == 0;
  o.observe = observes_ ? 100'000 : 0;
  o.has_position = has_left_ && random_.below(2) == 0 ? 1 : 0;
  o.position = left_;
  fr_error err;
  const fr_status s = fr_reader_open(&o, &reader_, &err);
  if (s == FR_NOT_FOUND) return false;
  if (s == FR_READERS_EXHAUSTED) {
    // Forged pins have the writer lock a free entry to clean it, again and again. Nor is a look at
    // one entry after the other a look at all of them at once: one that was free is taken by the
    // time it is reached. But not over and over.
    CHECK(run_->hostile() || ++refusals_ < kMostRefusals, "open: %s", err.message);
    return false;
  }
  CHECK(s == FR_OK, "open: %s", err.message);
  refusals_ = 0;
  fr_reader_get_info(reader_, &info_);
  ++counts_.joins;
  const bool same = o.has_position != 0 && left_.session == info_.session;
  counted_ = o.has_position != 0 && (!same || left_.counted != 0);
  last_ = same ? left_.sequence : 0;
  return true;
}

bool StressReader::stay() {
  for (uint32_t left = random_.below(2000); left != 0 && !run_->over(); --left) {
    fr_frame frame;
    fr_error err;
    switch (fetch(&frame, &err)) {
      case FR_FRAME:
        take(frame);
        break;
      case FR_NONE:
        break;
      case FR_ENDED:
      case FR_MOVED:
        return true;
      case FR_DIED:
        CHECK(false, "the writer is not dead");
        break;
      case FR_FAILED:
        CHECK(false, "next: %s", err.message);
        break;
    }
  }
  return false;
}

fr_next StressReader::fetch(fr_frame* frame, fr_error* err) {
  while (held_.size() >= max_leases_) let_go_of_oldest();
  const uint64_t max_age = random_.below(16) == 0 ? 1 + random_.below(200'000) : 0;
  switch (random_.below(5)) {
    case 0:
      return fr_reader_wait(reader_, 50'000'000, max_age, frame, err);
    case 1: {
      if (observes_) break;
      fr_next found = fr_reader_next(reader_, FR_BELL_FIFO, max_age, frame, err);
      if (found == FR_NONE) sleep_by_fifo(&found, frame, err);
      return found;
    }
    case 2:
      return look_ahead(frame, err);
    default:
      break;
  }
  return fr_reader_next(reader_, FR_BELL_NONE, max_age, frame, err);
}

// As whoever wakes shortly before a frame: with its bell armed it polls, and sleeps by it after
// that.
fr_next StressReader::look_ahead(fr_frame* frame, fr_error* err) {
  fr_next found = fr_reader_next(reader_, observes_ ? FR_BELL_NONE : FR_BELL_FIFO, 0, frame, err);
  if (found != FR_NONE) return found;
  const bool news = fr_reader_poll(reader_, random_.below(100'000)) != 0;
  const bool sleeps = !news && !observes_;
  found = fr_reader_next(reader_, sleeps ? FR_BELL_FIFO : FR_BELL_NONE, 0, frame, err);
  // The newest frame can always be had.
  CHECK(!news || found != FR_NONE || run_->hostile(), "a poll saw what is not there");
  if (sleeps && found == FR_NONE) sleep_by_fifo(&found, frame, err);
  return found;
}

// The writer publishes without a pause or ends its session: nobody sleeps for seconds, unless a
// ring was lost. A forger may take one away; the writer makes that good within half a second.
void StressReader::sleep_by_fifo(fr_next* found, fr_frame* frame, fr_error* err) {
  pollfd fds[2] = {{-1, POLLIN, 0}, {-1, POLLIN, 0}};
  CHECK(fr_reader_doorbell(reader_, &fds[0].fd, &fds[1].fd, err) == FR_OK, "no doorbell");
  CHECK(poll(fds, 2, 60'000) > 0, "slept through");
  fr_reader_drain(reader_);
  *found = fr_reader_next(reader_, FR_BELL_NONE, 0, frame, err);
}

void StressReader::take(const fr_frame& f) {
  check_losses(f);
  const bool whole = is_whole(f);
  CHECK(whole || (run_->hostile() && !observes_), "frame %lu is torn", f.sequence);
  held_.push_back({f, whole});
  if (random_.below(8) == 0) {
    fr_error err;
    CHECK(fr_reader_retain(reader_, f.slot, &err) == FR_OK, "retain: %s", err.message);
    CHECK(fr_reader_release(reader_, f.slot, &err) == FR_OK, "release: %s", err.message);
  }
  if (random_.below(4) == 0) check_format(f);
}

void StressReader::check_losses(const fr_frame& f) {
  const uint64_t lost = f.lost_no_slot + f.lost_overrun + f.lost_skipped;
  CHECK(f.sequence > last_, "%lu came after %lu", f.sequence, last_);
  CHECK(lost == (counted_ ? f.sequence - last_ - 1 : 0), "%lu came after %lu, %lu lost", f.sequence,
        last_, lost);
  counts_.lost += lost;
  counted_ = true;
  last_ = f.sequence;
}

bool StressReader::is_whole(const fr_frame& f) {
  ++counts_.verified;
  counts_.bytes += f.bytes_used;
  return f.user[0] == info_.session && has_pattern(f.data, f.bytes_used, info_.session, f.sequence);
}

void StressReader::check_format(const fr_frame& f) {
  fr_format format;
  char text[FR_MAX_DESCRIPTOR];
  uint32_t bytes = sizeof text;
  fr_error err;
  const fr_status s = fr_reader_format(reader_, f.slot, &format, text, &bytes, &err);
  if (run_->hostile()) return;
  CHECK(s == FR_OK, "format: %s", err.message);
  CHECK(format.ndim == 1 && format.shape[0] == epoch_width(f.epoch), "another epoch's format");
  // None when four more epochs went by meanwhile.
  const std::string expected = epoch_text(info_.session, f.epoch);
  CHECK(bytes == 0 || expected == std::string(text, bytes), "another epoch's text");
}

void StressReader::let_go_of_oldest() {
  const Held h = held_.front();
  held_.pop_front();
  const bool whole = is_whole(h.frame) && h.whole;
  fr_error err;
  const fr_status s = fr_reader_release(reader_, h.frame.slot, &err);
  if (run_->hostile()) {
    CHECK(whole || s == FR_LEASE_BROKEN, "frame %lu changed, unnoticed", h.frame.sequence);
    if (s == FR_LEASE_BROKEN) ++counts_.broken;
    return;
  }
  CHECK(whole, "frame %lu changed under its lease", h.frame.sequence);
  CHECK(s == FR_OK, "release: %s", err.message);
}

void StressReader::leave() {
  // Now and then without letting go first: closing does.
  const bool tidy = random_.below(4) != 0;
  while (tidy && !held_.empty()) let_go_of_oldest();
  held_.clear();
  fr_reader_get_position(reader_, &left_);
  has_left_ = true;
  fr_reader_close(reader_);
  reader_ = nullptr;
}

}  // namespace framering::test
