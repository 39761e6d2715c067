#include "line.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace framering::test {
namespace {

const Wire* g_wire = nullptr;

}  // namespace

Line Line::parse(const std::string& text) {
  Line line;
  std::istringstream words(text);
  words >> line.verb_;
  for (std::string word; words >> word;) {
    const size_t at = word.find('=');
    if (at == std::string::npos) broken("no '=' in '%s'", word.c_str());
    line.words_.push_back({word.substr(0, at), word.substr(at + 1)});
  }
  return line;
}

const std::string* Line::find(const char* key) const {
  for (const Word& word : words_) {
    if (word.key == key) return &word.value;
  }
  return nullptr;
}

const std::string& Line::text(const char* key) const {
  const std::string* value = find(key);
  if (value == nullptr) broken("'%s' wants %s=", verb_.c_str(), key);
  return *value;
}

uint64_t Line::number(const char* key) const { return strtoull(text(key).c_str(), nullptr, 10); }

uint64_t Line::number(const char* key, uint64_t otherwise) const {
  return find(key) == nullptr ? otherwise : number(key);
}

bool Wire::hear(Line* out) const {
  char packet[512];
  ssize_t length = -1;
  do {
    length = recv(fd_, packet, sizeof packet, 0);
  } while (length < 0 && errno == EINTR);
  if (length <= 0) return false;
  *out = Line::parse(std::string(packet, static_cast<size_t>(length)));
  return true;
}

bool Wire::called() const {
  pollfd socket = {fd_, POLLIN, 0};
  return poll(&socket, 1, 0) == 1;
}

void Wire::say(const char* format, ...) const {
  char packet[1024];
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(packet, sizeof packet, format, args);
  va_end(args);
  // A stage that is gone hears nothing, and hear() tells.
  static_cast<void>(send(fd_, packet, static_cast<size_t>(length), MSG_NOSIGNAL));
}

void broken(const char* format, ...) {
  char what[900];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  if (g_wire != nullptr) g_wire->say("broken %s", what);
  _exit(3);
}

void set_wire(const Wire* wire) { g_wire = wire; }

}  // namespace framering::test
