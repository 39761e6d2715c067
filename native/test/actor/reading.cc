#include "reading.h"

#include <poll.h>

#include <cinttypes>
#include <random>

#include "../pattern.h"
#include "writing.h"

namespace framering::test {

bool Reading::perform(const Line& line) {
  const std::string& verb = line.verb();
  fr_error err = {};
  if (verb == "open") {
    report_open(line);
  } else if (verb == "follow") {
    follow(line);
  } else if (verb == "hold") {
    hold(line.number("n"));
    wire_.say("holding n=%zu first=%" PRIu64, held_.size(),
              held_.empty() ? 0 : held_.front().sequence);
  } else if (verb == "check") {
    check_held();
    wire_.say("checked n=%zu", held_.size());
  } else if (verb == "release") {
    release_held();
    wire_.say("released");
  } else if (verb == "leave") {
    leave();
    wire_.say("left");
  } else if (verb == "fill") {
    fill(line);
  } else if (verb == "reader-flow") {
    flow(line);
  } else if (verb == "try-next") {
    fr_frame frame;
    const fr_next found = fr_reader_next(reader_, FR_BELL_NONE, 0, &frame, &err);
    wire_.say("next found=%d status=%s", found, fr_status_name(err.status));
  } else if (verb == "touch") {
    // Zeros where frames were, once they are gone; never a fault.
    uint64_t sum = 0;
    for (const fr_frame& frame : held_) {
      for (uint64_t i = 0; i < frame.bytes_used; ++i) sum += frame.data[i];
    }
    wire_.say("touched frames=%zu sum=%" PRIu64, held_.size(), sum);
  } else {
    return false;
  }
  return true;
}

// With resume=1 the account goes on from the reader before.
fr_status Reading::open(const Line& line, fr_error* err) {
  const bool resume = line.number("resume", 0) != 0 && reader_ != nullptr;
  fr_position position = {};
  if (resume) fr_reader_get_position(reader_, &position);
  const uint64_t before = session_;
  leave();
  ring_ = line.text("ring");
  options_ = {};
  options_.directory = directory_.c_str();
  options_.name = ring_.c_str();
  options_.delivery = static_cast<uint32_t>(line.number("delivery"));
  options_.max_leases = static_cast<uint32_t>(line.number("leases", 1));
  options_.replay = static_cast<uint32_t>(line.number("replay", 0));
  options_.reliable_wait = line.number("wait_ms", 60'000) * 1'000'000;
  options_.observe = line.number("observe", 0);
  options_.has_position = resume ? 1 : 0;
  options_.position = position;
  if (const fr_status s = fr_reader_open(&options_, &reader_, err); s != FR_OK) return s;
  fr_reader_info info;
  fr_reader_get_info(reader_, &info);
  session_ = info.session;
  generation_ = info.generation;
  note_head();
  if (!resume) {
    counted_ = false;
    restart_ = received_ = lost_ = 0;
  } else if (session_ != before) {
    // The next session is counted from its first sequence on.
    restart_ = position.restart + position.head - position.sequence;
    counted_ = true;
    sequence_ = dropped_ = source_lost_ = 0;
  }
  return FR_OK;
}

void Reading::report_open(const Line& line) {
  fr_error err = {};
  if (const fr_status s = open(line, &err); s != FR_OK) {
    wire_.say("refused status=%s %s", fr_status_name(s), err.message);
    return;
  }
  fr_reader_info info;
  fr_reader_get_info(reader_, &info);
  wire_.say("opened entry=%u session=%" PRIu64, info.entry, session_);
}

void Reading::verify(const fr_frame& f) {
  if (f.bytes_used != f.user[kBytes] || f.bytes_used == 0) {
    broken("frame %" PRIu64 " has %" PRIu64 " bytes, not %" PRIu64, f.sequence, f.bytes_used,
           f.user[kBytes]);
  }
  if (!has_pattern(f.data, f.bytes_used, session_, f.sequence)) {
    broken("frame %" PRIu64 " is torn", f.sequence);
  }
  if (counted_ && f.sequence <= sequence_) {
    broken("frame %" PRIu64 " after %" PRIu64, f.sequence, sequence_);
  }
  const uint64_t missing = counted_ ? f.sequence - sequence_ - 1 : 0;
  if (f.lost_no_slot + f.lost_overrun + f.lost_skipped != missing) {
    broken("frame %" PRIu64 ": %" PRIu64 " missing, accounted for %" PRIu64 "+%" PRIu64 "+%" PRIu64,
           f.sequence, missing, f.lost_no_slot, f.lost_overrun, f.lost_skipped);
  }
  if (counted_ && f.lost_no_slot != f.user[kDropped] - dropped_) {
    broken("frame %" PRIu64 ": the writer dropped %" PRIu64 ", accounted for %" PRIu64, f.sequence,
           f.user[kDropped] - dropped_, f.lost_no_slot);
  }
  if (counted_ && f.lost_source != f.user[kSourceLost] - source_lost_) {
    broken("frame %" PRIu64 ": the source lost %" PRIu64 ", accounted for %" PRIu64, f.sequence,
           f.user[kSourceLost] - source_lost_, f.lost_source);
  }
  if (options_.delivery == FR_LATEST ? f.lost_overrun != 0 : f.lost_skipped != 0) {
    broken("frame %" PRIu64 ": lost by the wrong cause", f.sequence);
  }
  // Waited for from the moment it joined, not for what was published before.
  if (options_.delivery == FR_RELIABLE && f.lost_overrun != 0 && sequence_ >= head_at_join_) {
    broken("frame %" PRIu64 ": %" PRIu64 " overrun by a writer that was to wait", f.sequence,
           f.lost_overrun);
  }
  if (f.lost_restart != restart_) {
    broken("frame %" PRIu64 ": lost %" PRIu64 " by restarts, not %" PRIu64, f.sequence,
           f.lost_restart, restart_);
  }
  counted_ = true;
  restart_ = 0;
  sequence_ = f.sequence;
  dropped_ = f.user[kDropped];
  source_lost_ = f.user[kSourceLost];
  ++received_;
  lost_ += missing;
}

void Reading::release(const fr_frame& frame) {
  fr_error err = {};
  if (const fr_status s = fr_reader_release(reader_, frame.slot, &err); s != FR_OK) {
    broken("release of frame %" PRIu64 ": %s %s", frame.sequence, fr_status_name(s), err.message);
  }
}

fr_next Reading::sleep_in_wait(fr_frame* frame, fr_error* err) {
  return fr_reader_wait(reader_, UINT64_MAX, 0, frame, err);
}

// As an event loop does.
fr_next Reading::sleep_in_poll(bool ahead, fr_frame* frame, fr_error* err) {
  int bell = -1, life = -1;
  if (fr_reader_doorbell(reader_, &bell, &life, err) != FR_OK) return FR_FAILED;
  for (;;) {
    const fr_next found = fr_reader_next(reader_, FR_BELL_FIFO, 0, frame, err);
    if (found != FR_NONE) return found;
    // Not before the first sleep: for that the bell was said to be armed.
    if (ahead && woken_) {
      fr_reader_poll(reader_, 50'000);
      const fr_next again = fr_reader_next(reader_, FR_BELL_FIFO, 0, frame, err);
      if (again != FR_NONE) return again;
    }
    pollfd fds[] = {{bell, POLLIN, 0}, {life, 0, 0}};
    poll(fds, 2, -1);
    woken_ = true;
    if ((fds[0].revents & POLLIN) != 0) fr_reader_drain(reader_);
  }
}

void Reading::follow(const Line& line) {
  // 'wait': in fr_reader_wait. 'poll': in poll(). 'ahead': in poll(), having looked by itself.
  const bool ahead = line.text("in") == "ahead";
  const bool in_poll = ahead || line.text("in") == "poll";
  bool told = false;
  woken_ = false;
  for (;;) {
    fr_frame frame;
    fr_error err = {};
    fr_next found = FR_NONE;
    if (!told) {
      // The bell is armed when this finds nothing: whatever comes from now on has to ring.
      // An observer has none and looks by itself.
      const uint32_t bell = options_.observe != 0 ? FR_BELL_NONE
                            : in_poll             ? FR_BELL_FIFO
                                                  : FR_BELL_SEMAPHORE;
      found = fr_reader_next(reader_, bell, 0, &frame, &err);
      if (found == FR_NONE) wire_.say("asleep");
      if (found == FR_NONE) told = true;
    }
    if (found == FR_NONE) {
      found = in_poll ? sleep_in_poll(ahead, &frame, &err) : sleep_in_wait(&frame, &err);
    }
    switch (found) {
      case FR_FRAME:
        verify(frame);
        release(frame);
        if (frame.user[kMark] != 0) wire_.say("mark n=%" PRIu64, frame.user[kMark]);
        break;
      case FR_ENDED:
        return over("ended");
      case FR_DIED:
        return over("died");
      case FR_MOVED:
        if (move(&err)) break;
        return err.status == FR_NOT_FOUND ? over("died") : broken("moving on: %s", err.message);
      case FR_NONE:
      case FR_FAILED:
        broken("follow: found %d, %s", found, err.message);
    }
  }
}

void Reading::over(const char* how) {
  wire_.say("over how=%s received=%" PRIu64 " lost=%" PRIu64 " last=%" PRIu64, how, received_,
            lost_, sequence_);
}

bool Reading::move(fr_error* err) {
  fr_reader_options next = options_;
  next.not_generation = generation_;
  next.has_position = 1;
  fr_reader_get_position(reader_, &next.position);
  fr_reader* successor = nullptr;
  if (fr_reader_open(&next, &successor, err) != FR_OK) return false;
  fr_reader_info info;
  fr_reader_get_info(successor, &info);
  if (info.session != session_) {
    // Already a later writer's: counted as a restart.
    restart_ += next.position.restart + next.position.head - next.position.sequence;
    counted_ = true;
    sequence_ = dropped_ = source_lost_ = 0;
  }
  session_ = info.session;
  generation_ = info.generation;
  fr_reader_close(reader_);
  reader_ = successor;
  note_head();
  return true;
}

void Reading::note_head() {
  fr_position position;
  fr_reader_get_position(reader_, &position);
  head_at_join_ = position.head;
}

void Reading::hold(uint64_t most) {
  while (held_.size() < most) {
    fr_frame frame;
    fr_error err = {};
    const fr_next found = fr_reader_next(reader_, FR_BELL_NONE, 0, &frame, &err);
    if (found == FR_FAILED) broken("hold: %s", err.message);
    if (found != FR_FRAME) return;
    verify(frame);
    held_.push_back(frame);
  }
}

void Reading::check_held() const {
  for (const fr_frame& frame : held_) {
    if (!has_pattern(frame.data, frame.bytes_used, session_, frame.sequence)) {
      broken("frame %" PRIu64 " changed under its lease", frame.sequence);
    }
  }
}

void Reading::release_held() {
  for (const fr_frame& frame : held_) release(frame);
  held_.clear();
}

void Reading::leave() {
  fr_reader_close(reader_);
  reader_ = nullptr;
  held_.clear();
}

// Joins as often as the ring lets it, and leaves again: how many entries were to be had.
void Reading::fill(const Line& line) {
  std::vector<fr_reader*> readers;
  fr_reader_options options = {};
  options.directory = directory_.c_str();
  options.name = line.text("ring").c_str();
  options.delivery = FR_LATEST;
  options.max_leases = 1;
  fr_error err = {};
  for (;;) {
    fr_reader* reader = nullptr;
    const fr_status s = fr_reader_open(&options, &reader, &err);
    if (s == FR_READERS_EXHAUSTED) break;
    if (s != FR_OK) broken("fill: %s %s", fr_status_name(s), err.message);
    readers.push_back(reader);
  }
  for (fr_reader* reader : readers) fr_reader_close(reader);
  wire_.say("filled n=%zu", readers.size());
}

// Joins, sleeps, holds, releases and leaves at random until somebody kills us or calls.
void Reading::flow(const Line& line) {
  std::mt19937 random(static_cast<uint32_t>(line.number("seed")));
  while (!wire_.called()) {
    fr_error err = {};
    if (reader_ == nullptr) {
      const fr_status s = open(line, &err);
      // Between two writers there is nobody to read from.
      if (s == FR_NOT_FOUND) continue;
      if (s != FR_OK) broken("flow: %s %s", fr_status_name(s), err.message);
    }
    if (random() % 64 == 0) {
      leave();
      continue;
    }
    fr_frame frame;
    const fr_next found = fr_reader_wait(reader_, random() % 200'000, 0, &frame, &err);
    if (found == FR_FRAME) {
      verify(frame);
      held_.push_back(frame);
    } else if (found == FR_FAILED && err.status != FR_LEASES_EXHAUSTED) {
      broken("flow: %s", err.message);
    } else if (found != FR_NONE && found != FR_FAILED) {
      leave();
      continue;
    }
    if (random() % 2 == 0 || found == FR_FAILED) {
      check_held();
      release_held();
    }
  }
  wire_.say("flowed received=%" PRIu64, received_);
}

}  // namespace framering::test
