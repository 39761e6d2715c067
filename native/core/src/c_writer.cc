// The writer's part of the C face, and what is the same for both sides.
#include <cinttypes>
#include <cstring>

#include "clock.h"
#include "copy_in.h"
#include "error.h"
#include "writer.h"

using framering::fail;

extern "C" {

fr_status fr_writer_create(const fr_writer_options* options, fr_writer** out, fr_error* err) {
  *out = nullptr;
  return fr_writer::create(*options, out, err);
}

fr_status fr_writer_loan(fr_writer* w, fr_loan* loan, fr_error* err) { return w->loan(loan, err); }

fr_status fr_writer_publish(fr_writer* w, uint32_t slot, const fr_meta* meta, uint64_t* sequence,
                            fr_error* err) {
  return w->publish(slot, *meta, sequence, err);
}

fr_status fr_writer_abandon(fr_writer* w, uint32_t slot, fr_error* err) {
  return w->abandon(slot, err);
}

fr_status fr_writer_drop(fr_writer* w, const fr_meta* meta, uint64_t* sequence, fr_error* err) {
  if (const fr_status s = w->check_alive(err); s != FR_OK) return s;
  w->drop(*meta, sequence);
  return FR_OK;
}

fr_status fr_writer_write(fr_writer* w, const void* bytes, uint64_t length, const fr_meta* meta,
                          uint64_t* sequence, fr_error* err) {
  if (length > w->slot_bytes()) {
    return fail(err, FR_FRAME_TOO_LARGE, 0,
                "the frame has %" PRIu64 " bytes and a slot %" PRIu64
                ": create the ring with larger slots, or change the format first",
                length, w->slot_bytes());
  }
  fr_loan loan;
  if (const fr_status s = w->loan(&loan, err); s != FR_OK) return s;
  fr_meta used = *meta;
  used.bytes_used = length;
  if (loan.slot == FR_NO_SLOT) {
    w->drop(used, nullptr);
    *sequence = 0;
    return FR_OK;
  }
  if (length != 0) framering::copy_in(loan.data, bytes, length);
  const fr_status s = w->publish(loan.slot, used, sequence, err);
  // The caller never learned of the loan, so it cannot give it back.
  if (s != FR_OK) w->abandon(loan.slot, nullptr);
  return s;
}

fr_status fr_writer_set_format(fr_writer* w, const fr_format* format, uint64_t slot_bytes,
                               const char* descriptor, uint32_t descriptor_bytes, fr_error* err) {
  return w->set_format(*format, slot_bytes, descriptor, descriptor_bytes, err);
}

void fr_writer_get_info(const fr_writer* w, fr_writer_info* info) { w->info(info); }
void fr_writer_get_stats(fr_writer* w, fr_writer_stats* stats) { w->stats(stats); }
fr_mapping* fr_writer_mapping(fr_writer* w) { return w->mapping(); }

void fr_writer_close(fr_writer* w) {
  if (w == nullptr) return;
  w->close();
  delete w;
}

}  // extern "C"

extern "C" int64_t fr_now(void) { return framering::now(); }
