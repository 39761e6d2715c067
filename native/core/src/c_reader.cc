// The reader's part of the C face.
#include "reader.h"

extern "C" {

fr_status fr_reader_open(const fr_reader_options* options, fr_reader** out, fr_error* err) {
  *out = nullptr;
  return fr_reader::open(*options, out, err);
}

fr_next fr_reader_next(fr_reader* r, uint32_t arm, uint64_t max_age, fr_frame* frame,
                       fr_error* err) {
  return r->next(arm, max_age, frame, err);
}

fr_next fr_reader_wait(fr_reader* r, uint64_t timeout, uint64_t max_age, fr_frame* frame,
                       fr_error* err) {
  return r->wait(timeout, max_age, frame, err);
}

int fr_reader_poll(fr_reader* r, uint64_t timeout) { return r->poll(timeout) ? 1 : 0; }

fr_status fr_reader_retain(fr_reader* r, uint32_t slot, fr_error* err) {
  return r->retain(slot, err);
}

fr_status fr_reader_release(fr_reader* r, uint32_t slot, fr_error* err) {
  return r->release(slot, err);
}

fr_status fr_reader_format(fr_reader* r, uint32_t slot, fr_format* format, char* descriptor,
                           uint32_t* descriptor_bytes, fr_error* err) {
  return r->format(slot, format, descriptor, descriptor_bytes, err);
}

void fr_reader_get_info(const fr_reader* r, fr_reader_info* info) { r->info(info); }
void fr_reader_get_position(const fr_reader* r, fr_position* position) { r->position(position); }
uint32_t fr_reader_leases(const fr_reader* r) { return r->leases(); }
void fr_reader_get_latency(const fr_reader* r, fr_latency* latency) { r->latency(latency); }

fr_status fr_reader_doorbell(fr_reader* r, int* bell, int* life, fr_error* err) {
  return r->doorbell(bell, life, err);
}

void fr_reader_drain(fr_reader* r) { r->drain(); }
int fr_reader_writer_alive(fr_reader* r) { return r->writer_alive() ? 1 : 0; }
fr_mapping* fr_reader_mapping(fr_reader* r) { return r->mapping(); }

void fr_reader_close(fr_reader* r) {
  if (r == nullptr) return;
  r->leave();
  delete r;
}

}  // extern "C"
