// What is the same for every reader besides finding frames: opening, leases, what it knows of
// itself.
#include "reader.h"

#include <algorithm>
#include <cinttypes>

#include "epoch_text.h"
#include "error.h"
#include "frame_facts.h"
#include "joined_reader.h"
#include "observer.h"
#include "once.h"

using framering::fail;
using framering::FrameHeader;

fr_status fr_reader::open(const fr_reader_options& o, fr_reader** out, fr_error* err) {
  if (o.delivery < FR_LATEST || o.delivery > FR_RELIABLE) {
    return fail(err, FR_OPTION_INVALID, 0, "delivery %u is unknown: use one of FR_LATEST, ...",
                o.delivery);
  }
  if (o.max_leases < 1 || o.max_leases > FR_MAX_SLOTS) {
    return fail(err, FR_OPTION_INVALID, 0, "a reader holds 1 to %d frames, not %u", FR_MAX_SLOTS,
                o.max_leases);
  }
  framering::RingName name;
  if (const fr_status s = framering::RingName::parse(o.directory, o.name, &name, err); s != FR_OK) {
    return s;
  }
  return o.observe != 0 ? framering::Observer::open(o, name, out, err)
                        : framering::JoinedReader::open(o, name, out, err);
}

// Where to begin: behind a predecessor, or with the frames asked for.
void fr_reader::start_at(const fr_reader_options& o) {
  if (o.has_position != 0) {
    cursor_ = account_.resume(o.position, data_.header().session);
  } else {
    const uint64_t entry = data_.live()->latest.load(std::memory_order_acquire);
    const uint64_t latest = std::min(framering::index_sequence(entry), framering::kMaxSequence);
    cursor_ = latest - std::min<uint64_t>(latest, o.replay);
  }
}

fr_status fr_reader::retain(uint32_t slot, fr_error* err) {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  if (slot >= leases_.size() || leases_[slot].count == 0) {
    return fail(err, FR_NOT_LEASED, 0,
                "this frame was released before: retain it while it is lent");
  }
  ++leases_[slot].count;
  return FR_OK;
}

fr_status fr_reader::release(uint32_t slot, fr_error* err) {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  if (slot >= leases_.size() || leases_[slot].count == 0) {
    return fail(err, FR_NOT_LEASED, 0, "this frame was released before");
  }
  if (--leases_[slot].count != 0) return FR_OK;
  --leased_;
  return let_go(slot, err);
}

fr_status fr_reader::format(uint32_t slot, fr_format* format, char* text, uint32_t* text_bytes,
                            fr_error* err) const {
  if (const fr_status s = process_.check(err); s != FR_OK) return s;
  if (slot >= leases_.size() || leases_[slot].count == 0) {
    return fail(err, FR_NOT_LEASED, 0, "this frame was released before");
  }
  const FrameHeader& h = *header(slot);
  if (!framering::take_format(h, data_.geometry().slot_bytes, format)) {
    return fail(err, FR_NOT_A_RING, 0,
                "the header of frame %" PRIu64
                " of ring '%s' is damaged: its format does not fit its slot",
                leases_[slot].sequence, name_.name.c_str());
  }
  const uint32_t epoch = framering::once(h.epoch);
  *text_bytes =
      framering::read_text(data_.text(epoch % framering::kTexts), epoch, text, *text_bytes);
  return FR_OK;
}

void fr_reader::info(fr_reader_info* info) const {
  *info = {};
  info->generation = data_.header().id.generation;
  info->session = data_.header().session;
  info->slot_bytes = data_.geometry().slot_bytes;
  info->slot_count = static_cast<uint32_t>(leases_.size());
  info->max_readers = data_.geometry().max_readers;
  info->entry = FR_NO_ENTRY;
  info->writer_pid = data_.header().writer_pid;
}

void fr_reader::position(fr_position* position) const {
  account_.position(data_.header().session, cursor_,
                    data_.live()->head.load(std::memory_order_acquire), position);
}
