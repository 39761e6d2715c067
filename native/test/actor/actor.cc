#include "actor.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "../../core/src/kill_point.h"

namespace framering::test {

int Actor::play() {
  Line line;
  while (wire_.hear(&line)) {
    if (line.verb() == "exit") return static_cast<int>(line.number("code", 0));
    if (!perform(line) && !writing_.perform(line) && !reading_.perform(line) &&
        !counting_.perform(line)) {
      broken("no such command: %s", line.verb().c_str());
    }
  }
  return 0;
}

bool Actor::perform(const Line& line) {
  const std::string& verb = line.verb();
  if (verb == "arm") {
    arm(line);
  } else if (verb == "doom") {
    doom(line);
  } else if (verb == "sweep") {
    sweep(line);
  } else if (verb == "sweeper-flow") {
    while (!wire_.called()) sweep_quietly();
    wire_.say("flowed");
  } else if (verb == "halt") {
    // Whoever was in full flow has stopped to hear it.
  } else if (verb == "fork") {
    fork_on();
  } else if (verb == "become") {
    const auto id = static_cast<uint32_t>(line.number("uid"));
    if (setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0) broken("cannot become %u", id);
    wire_.say("became uid=%u", geteuid());
  } else if (verb == "points") {
    for (uint32_t i = 0; fr_test_kill_point(i) != nullptr; ++i) {
      wire_.say("point name=%s", fr_test_kill_point(i));
    }
    wire_.say("points");
  } else {
    return false;
  }
  return true;
}

void Actor::arm(const Line& line) const {
  const char* point = line.text("point").c_str();
  const auto nth = static_cast<uint32_t>(line.number("nth", 1));
  const bool known =
      line.number("stop", 0) != 0 ? fr_test_stop_at(point, nth) : fr_test_kill_at(point, nth);
  if (!known) broken("no kill-point is called %s", point);
}

// Killed by the kernel's own clock after so many ns, wherever it is by then.
void Actor::doom(const Line& line) const {
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  timer_t timer;
  const uint64_t after = line.number("ns");
  itimerspec when = {};
  when.it_value.tv_sec = static_cast<time_t>(after / 1'000'000'000);
  when.it_value.tv_nsec = static_cast<long>(after % 1'000'000'000);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
      timer_settime(timer, 0, &when, nullptr) != 0) {
    broken("no timer");
  }
}

void Actor::sweep(const Line& line) const {
  struct Count {
    const Wire* wire;
    bool tell;
    uint32_t removed = 0, kept = 0, found = 0;
  } count = {&wire_, line.number("tell", 0) != 0};
  fr_error err = {};
  const fr_status s = fr_clean(
      directory_.c_str(), nullptr, line.number("dry", 0) != 0 ? 1 : 0,
      [](void* context, const fr_stale* stale) {
        auto* c = static_cast<Count*>(context);
        ++c->found;
        if (stale->removed != 0) ++c->removed;
        if (stale->kept != FR_OK) ++c->kept;
        if (c->tell) {
          c->wire->say("file ring=%s name=%s removed=%d kept=%s", stale->ring, stale->file,
                       stale->removed, fr_status_name(stale->kept));
        }
      },
      &count, &err);
  if (s != FR_OK) {
    wire_.say("refused status=%s %s", fr_status_name(s), err.message);
    return;
  }
  wire_.say("swept found=%u removed=%u kept=%u", count.found, count.removed, count.kept);
}

void Actor::sweep_quietly() const {
  fr_error err = {};
  const fr_status s = fr_clean(
      directory_.c_str(), nullptr, 0, [](void*, const fr_stale*) {}, nullptr, &err);
  if (s != FR_OK) broken("sweep: %s %s", fr_status_name(s), err.message);
}

// A child without exec: it hears the commands from now on, and the parent only lives.
void Actor::fork_on() {
  const pid_t child = fork();
  if (child < 0) broken("no fork");
  if (child != 0) {
    for (;;) pause();
  }
  wire_.say("forked");
}

}  // namespace framering::test
