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

bool RingName::of_entry(const std::string& directory, const char* entry, RingName* out) {
  std::string rest = entry;
  if (rest.compare(0, strlen(kPrefix), kPrefix) != 0) return false;
  rest.erase(0, strlen(kPrefix));
  const size_t at = rest.find('@');
  const bool generation = at != std::string::npos;
  const size_t end = generation ? at : rest.rfind('.');
  if (end == std::string::npos) return false;
  std::string suffix = rest.substr(end);
  rest.erase(end);
  if (generation) {
    if (suffix.size() < 18) return false;
    for (size_t i = 1; i < 17; ++i) {
      if (!is_hex(suffix[i])) return false;
    }
    suffix.erase(0, 17);
  }
  const bool known =
      suffix == ".data" || suffix == ".ctl" || suffix == (generation ? ".bells" : ".lock");
  return known && parse(directory.c_str(), rest.c_str(), out, nullptr) == FR_OK;
}

}  // namespace framering
