// Epochs: another format in the same slots, or in larger ones under the same name.
#include <algorithm>
#include <cerrno>
#include <cinttypes>

#include "epoch_text.h"
#include "error.h"
#include "kill_point.h"
#include "limits.h"
#include "writer.h"
#include "writer_checks.h"

using framering::fail;
using framering::Generation;
using framering::LiveState;
using framering::RingState;

// A new epoch's text is in place before its first frame.
void fr_writer::start_epoch(Generation* g, const fr_format& format, const char* text,
                            uint32_t bytes) {
  ++epoch_;
  framering::write_text(g->ring.text(epoch_ % framering::kTexts), epoch_, text, bytes);
  // For onlookers, who have no frame to tell them yet: no slot has one. Relaxed: nobody else writes
  // it.
  if (g->ring.live()->latest.load(std::memory_order_relaxed) == 0) {
    fill_format(g->ring.frame(0), format);
  }
  g->ring.live()->epoch.store(epoch_, std::memory_order_release);
}

fr_status fr_writer::set_format(const fr_format& format, uint64_t slot_bytes_wanted,
                                const char* text, uint32_t text_bytes, fr_error* err) {
  if (const fr_status s = check_alive(err); s != FR_OK) return s;
  if (text_bytes > FR_MAX_DESCRIPTOR) {
    return fail(err, FR_OPTION_INVALID, 0, "the descriptor has %u bytes, at most %d fit",
                text_bytes, FR_MAX_DESCRIPTOR);
  }
  const uint64_t room = std::max(slot_bytes_wanted, slot_bytes());
  if (const fr_status s = framering::check_format(format, room, err); s != FR_OK) return s;
  if (slot_bytes_wanted <= slot_bytes()) {
    format_ = format;
    start_epoch(now_.get(), format, text, text_bytes);
    return FR_OK;
  }
  if (now_->ages.loans() != 0) {
    return fail(
        err, FR_OPTION_INVALID, 0,
        "%u loans are outstanding: publish or abandon them before a format that needs larger "
        "slots",
        now_->ages.loans());
  }
  // New objects take the name from whoever has it.
  if (!name_lock_.named()) {
    return fail(
        err, FR_NAME_IN_USE, 0,
        "the lock file of ring '%s' was removed, and another writer may have its name: close "
        "this one and create the ring again",
        spec_.name.name.c_str());
  }
  framering::ObjectSpec spec = spec_;
  const framering::Geometry& old = spec_.geometry;
  if (!framering::Geometry::compute(slot_bytes_wanted, old.slot_count, old.max_readers,
                                    &spec.geometry)) {
    return fail(err, FR_OPTION_INVALID, 0, "slots of %" PRIu64 " bytes are out of range",
                slot_bytes_wanted);
  }
  if (const fr_status s =
          framering::check_file_size(spec.name.called(), spec.geometry.data_bytes, err);
      s != FR_OK) {
    return s;
  }
  framering::WriterObjects objects;
  if (const fr_status s = framering::WriterObjects::create(spec, &objects, err); s != FR_OK) {
    return s;
  }
  FR_KILL_POINT(grow_made);
  auto next = std::make_unique<Generation>(std::move(objects));
  LiveState* live = next->ring.live();
  // Relaxed: the names below are what makes them visible.
  live->head.store(head_, std::memory_order_relaxed);
  live->first_head.store(head_, std::memory_order_relaxed);
  live->first_dropped.store(dropped_, std::memory_order_relaxed);
  live->source_lost.store(source_lost_, std::memory_order_relaxed);
  live->abandoned.store(abandoned_, std::memory_order_relaxed);
  live->waited.store(waited_, std::memory_order_relaxed);
  live->bells.store(now_->ring.live()->bells.load(std::memory_order_relaxed),
                    std::memory_order_relaxed);
  live->reclaimed.store(now_->ring.live()->reclaimed.load(std::memory_order_relaxed),
                        std::memory_order_relaxed);
  const uint32_t epoch = epoch_;
  start_epoch(next.get(), format, text, text_bytes);
  const int kept = now_->ring.keep_ctl();
  FR_KILL_POINT(grow_ctl_kept);
  fr_status s = FR_OK;
  if (kept == ENOSPC) {
    s = framering::fail_no_inode(spec_.name.directory, err);
  } else if (kept != 0 && kept != ENOENT) {
    s = fail(err, FR_SYSTEM, kept, "cannot link in %s", spec_.name.directory.c_str());
  } else {
    // ENOENT: somebody removed it, and there is nothing to keep.
    s = next->ring.publish_names(err);
  }
  if (s != FR_OK) {
    // The old ring goes on, under both its names.
    if (kept == 0) now_->ring.give_ctl_back();
    next->ring.bells().remove();
    epoch_ = epoch;
    return s;
  }
  FR_KILL_POINT(grow_linked);
  now_->ring.let_ctl_go();
  FR_KILL_POINT(grow_ctl_gone);
  spec_.geometry = spec.geometry;
  format_ = format;
  latest_ = 0;  // no frame in the new slots yet
  std::swap(now_, next);
  end(next.get(), RingState::kMoved);
  return FR_OK;
}
