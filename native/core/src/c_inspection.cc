// The onlookers' part of the C face.
#include "inspection.h"

extern "C" {

fr_status fr_inspection_open(const char* directory, const char* name, fr_inspection** out,
                             fr_error* err) {
  *out = nullptr;
  return fr_inspection::open(directory, name, out, err);
}
void fr_inspection_close(fr_inspection* i) { delete i; }
void fr_inspection_ring(fr_inspection* i, fr_ring_facts* facts) { i->ring(facts); }
fr_status fr_inspection_format(fr_inspection* i, fr_format* format, char* descriptor,
                               uint32_t* descriptor_bytes, fr_error* err) {
  return i->format(format, descriptor, descriptor_bytes, err);
}
int fr_inspection_reader(fr_inspection* i, uint32_t entry, fr_reader_facts* facts) {
  return i->reader(entry, facts) ? 1 : 0;
}
int fr_inspection_slot(fr_inspection* i, uint32_t slot, fr_slot_facts* facts) {
  return i->slot(slot, facts) ? 1 : 0;
}
uint64_t fr_inspection_held(fr_inspection* i, uint32_t slot, uint32_t entry) {
  return i->held(slot, entry);
}
uint32_t fr_inspection_moments(fr_inspection* i, uint64_t after, fr_moment* out, uint32_t room) {
  return i->moments(after, out, room);
}
fr_status fr_inspection_frame(fr_inspection* i, uint64_t sequence, fr_frame* frame,
                              fr_format* format, fr_error* err) {
  return i->frame(sequence, frame, format, err);
}

}  // extern "C"
