// One message of the actors' protocol: a verb and `key=value` words, in one packet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace framering::test {

class Line {
 public:
  // Splits at blanks; the first word is the verb.
  static Line parse(const std::string& text);

  const std::string& verb() const { return verb_; }
  // The value of a word that must be there.
  const std::string& text(const char* key) const;
  uint64_t number(const char* key) const;
  uint64_t number(const char* key, uint64_t otherwise) const;

 private:
  const std::string* find(const char* key) const;

  struct Word {
    std::string key, value;
  };
  std::string verb_;
  std::vector<Word> words_;
};

// The actor's end of its socket to the stage.
class Wire {
 public:
  explicit Wire(int fd) : fd_(fd) {}
  // The next command; false when the stage is gone.
  bool hear(Line* out) const;
  // Whether a command is there already.
  bool called() const;
  __attribute__((format(printf, 2, 3))) void say(const char* format, ...) const;

 private:
  int fd_;
};

// Something a test relies on is not so: says what, and ends the process.
[[noreturn]] __attribute__((format(printf, 1, 2))) void broken(const char* format, ...);

// The wire that broken() uses.
void set_wire(const Wire* wire);

}  // namespace framering::test
