// Opens and closes everything over and over, in every order and also where it fails, and compares
// what the process holds before and after: descriptors, mappings, and under LeakSanitizer memory.
//
//   cycles --rounds N
#include <dirent.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "../core/include/framering.h"
#include "../core/src/late_memory.h"
#include "check.h"
#include "playground.h"

namespace framering::test {
namespace {

constexpr char kRing[] = "cycles";

uint32_t mappings() {
  FILE* f = fopen("/proc/self/maps", "re");
  CHECK(f != nullptr, "/proc must be mounted");
  uint32_t lines = 0;
  for (int c = getc(f); c != EOF; c = getc(f)) lines += c == '\n' ? 1 : 0;
  fclose(f);
  return lines;
}

fr_writer_options writer_options() {
  fr_writer_options o = {};
  o.directory = playground().c_str();
  o.name = kRing;
  o.slot_count = 4;
  o.max_readers = 3;
  o.slot_bytes = 5000;
  o.mode = 0600;
  o.group = -1;
  o.memory_lock = FR_LOCK_TRY;
  o.format.dtype = FR_UINT8;
  return o;
}

fr_reader_options reader_options(uint32_t delivery) {
  fr_reader_options o = {};
  o.directory = playground().c_str();
  o.name = kRing;
  o.delivery = delivery;
  o.max_leases = 2;
  o.replay = 2;
  return o;
}

void write_frame(fr_writer* w) {
  const uint8_t bytes[100] = {};
  fr_meta meta = {};
  uint64_t sequence;
  fr_error err;
  CHECK(fr_writer_write(w, bytes, sizeof bytes, &meta, &sequence, &err) == FR_OK, "%s",
        err.message);
}

// Whatever is refused leaves nothing open.
void refusals(fr_writer_options wo) {
  fr_error err;
  fr_writer* second;
  CHECK(fr_writer_create(&wo, &second, &err) == FR_NAME_IN_USE, "%s", err.message);
  wo.slot_count = 1;
  CHECK(fr_writer_create(&wo, &second, &err) == FR_OPTION_INVALID, "%s", err.message);
  wo = writer_options();
  wo.name = "too-large";
  wo.slot_bytes = 1ull << 43;
  CHECK(fr_writer_create(&wo, &second, &err) == FR_SHM_FULL, "%s", err.message);
  fr_reader* r;
  fr_reader_options ro = reader_options(FR_EVERY);
  CHECK(fr_reader_open(&ro, &r, &err) == FR_READERS_EXHAUSTED, "%s", err.message);
  ro.name = "nobody";
  CHECK(fr_reader_open(&ro, &r, &err) == FR_NOT_FOUND, "%s", err.message);
}

// `order`: bits that say what is closed first and what is still held then.
void cycle(uint32_t order) {
  const fr_writer_options wo = writer_options();
  fr_error err;
  fr_writer* w;
  CHECK(fr_writer_create(&wo, &w, &err) == FR_OK, "%s", err.message);
  fr_reader* readers[3];
  for (uint32_t i = 0; i < 3; ++i) {
    const fr_reader_options ro = reader_options(FR_LATEST + i);
    CHECK(fr_reader_open(&ro, &readers[i], &err) == FR_OK, "%s", err.message);
  }
  refusals(wo);
  write_frame(w);
  fr_frame frames[3];
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(fr_reader_next(readers[i], FR_BELL_NONE, 0, &frames[i], &err) == FR_FRAME, "%s",
          err.message);
    // A copy of the page of our own, which must go with the view.
    const_cast<uint8_t*>(frames[i].data)[i] = 1;
  }
  CHECK(fr_reader_release(readers[0], frames[0].slot, &err) == FR_OK, "%s", err.message);
  if ((order & 1) != 0) {
    CHECK(fr_writer_set_format(w, &wo.format, 9000, nullptr, 0, &err) == FR_OK, "%s", err.message);
    write_frame(w);
  }
  fr_mapping* view = fr_reader_mapping(readers[1]);
  fr_mapping* loan = fr_writer_mapping(w);
  if ((order & 2) != 0) fr_mapping_ref(view);
  if ((order & 2) != 0) fr_mapping_ref(loan);
  if ((order & 4) != 0) fr_writer_close(w);
  for (uint32_t i = 0; i < 3; ++i) fr_reader_close(readers[(i + order) % 3]);
  if ((order & 4) == 0) fr_writer_close(w);
  if ((order & 2) != 0) fr_mapping_unref(view);
  if ((order & 2) != 0) fr_mapping_unref(loan);
}

}  // namespace
}  // namespace framering::test

int main(int argc, char** argv) {
  using namespace framering::test;
  const long rounds =
      argc == 3 && strcmp(argv[1], "--rounds") == 0 ? strtol(argv[2], nullptr, 10) : 0;
  CHECK(rounds > 0, "usage: cycles --rounds N");
  // The first few bring in what the C library and the sanitizer keep for good.
  for (uint32_t i = 0; i < 32; ++i) cycle(i);
  // What stands in for lent memory is kept by count, not for good: counted without.
  framering::give_back_late_memory();
  const uint32_t descriptors = entries("/proc/self/fd"), maps = mappings();
  for (long i = 0; i < rounds; ++i) cycle(static_cast<uint32_t>(i));
  framering::give_back_late_memory();
  const uint32_t descriptors_after = entries("/proc/self/fd"), maps_after = mappings();
  CHECK(descriptors == descriptors_after, "%u descriptors before, %u after", descriptors,
        descriptors_after);
  CHECK(maps == maps_after, "%u mappings before, %u after", maps, maps_after);
  CHECK(entries(playground()) == 0, "something was left behind");
  printf("%ld cycles: %u descriptors and %u mappings before and after\n", rounds, descriptors,
         maps);
  return 0;
}
