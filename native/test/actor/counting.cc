#include "counting.h"

namespace framering::test {

bool Counting::perform(const Line& line) {
  const std::string& verb = line.verb();
  fr_error err = {};
  if (verb == "semaphore") {
    open(line);
  } else if (verb == "semaphore-post") {
    tell(fr_semaphore_post(semaphore_, &err), err);
  } else if (verb == "semaphore-value") {
    uint32_t value = 0;
    const fr_status s = fr_semaphore_value(semaphore_, &value, &err);
    wire_.say("semaphore status=%s value=%u", fr_status_name(s), value);
  } else if (verb == "semaphore-wait") {
    const auto wait = static_cast<int64_t>(line.number("ms") * 1'000'000);
    const fr_wait end = fr_semaphore_wait(semaphore_, fr_now() + wait, nullptr, &err);
    wire_.say("semaphore end=%d status=%s", end, fr_status_name(err.status));
  } else if (verb == "semaphore-close") {
    fr_semaphore_close(semaphore_);
    semaphore_ = nullptr;
    wire_.say("semaphore status=OK");
  } else {
    return false;
  }
  return true;
}

void Counting::open(const Line& line) {
  fr_semaphore_options o = {};
  o.name = line.text("name").c_str();
  o.create = 1;
  o.mode = 0600;
  o.value = static_cast<uint32_t>(line.number("value", 0));
  fr_error err = {};
  tell(fr_semaphore_open(&o, &semaphore_, &err), err);
}

void Counting::tell(fr_status status, const fr_error& err) const {
  wire_.say("semaphore status=%s %s", fr_status_name(status), status == FR_OK ? "" : err.message);
}

}  // namespace framering::test
