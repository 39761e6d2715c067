#include "names.h"

#include <cstdio>
#include <cstring>

#include "error.h"

namespace framering {
namespace {

constexpr char kPrefix[] = "framering.";

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

fr_status RingName::parse(const char* directory, const char* name, RingName* out, fr_error* err) {
  const size_t length = name == nullptr ? 0 : strnlen(name, FR_MAX_NAME + 1);
  if (length == 0) return fail(err, FR_NAME_INVALID, 0, "the ring's name is empty: give it one");
  if (length > FR_MAX_NAME) {
    return fail(err, FR_NAME_INVALID, 0, "the ring's name is longer than %d bytes: shorten it",
                FR_MAX_NAME);
  }
  for (size_t i = 0; i < length; ++i) {
    if (!allowed(name[i])) {
      return fail(err, FR_NAME_INVALID, 0,
                  "the ring's name has byte 0x%02x at position %zu: use letters, digits, '.', '_' "
                  "and '-' only",
                  static_cast<unsigned>(static_cast<unsigned char>(name[i])), i);
    }
  }
  out->directory = directory == nullptr || directory[0] == '\0' ? kDefaultDirectory : directory;
  out->name.assign(name, length);
  return FR_OK;
}

std::string RingName::file(const char* suffix) const { return kPrefix + name + "." + suffix; }

std::string RingName::generation_file(uint64_t generation, const char* suffix) const {
  char text[32];
  snprintf(text, sizeof text, "@%016llx.", static_cast<unsigned long long>(generation));
  return kPrefix + name + text + suffix;
}

bool RingName::is_generation_file(const char* entry) const {
  const std::string start = kPrefix + name + "@";
  if (strncmp(entry, start.c_str(), start.size()) != 0) return false;
  const char* rest = entry + start.size();
  for (int i = 0; i < 16; ++i, ++rest) {
    if (!is_hex(*rest)) return false;
  }
  return strcmp(rest, ".data") == 0 || strcmp(rest, ".ctl") == 0 || strcmp(rest, ".bells") == 0;
}

}  // namespace framering
