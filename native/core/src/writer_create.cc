// Making a ring, and ending it.
#include <cinttypes>

#include "error.h"
#include "kill_point.h"
#include "limits.h"
#include "random_id.h"
#include "remains.h"
#include "writer.h"
#include "writer_checks.h"

using framering::Generation;
using framering::RingState;

fr_status fr_writer::create(const fr_writer_options& o, fr_writer** out, fr_error* err) {
  auto w = std::make_unique<fr_writer>();
  if (const fr_status s = framering::RingName::parse(o.directory, o.name, &w->spec_.name, err);
      s != FR_OK) {
    return s;
  }
  if (const fr_status s = framering::check_options(o, &w->spec_.geometry, err); s != FR_OK) {
    return s;
  }
  // Before the lock: into its file something is written already.
  if (const fr_status s =
          framering::check_file_size(w->spec_.name.called(), w->spec_.geometry.data_bytes, err);
      s != FR_OK) {
    return s;
  }
  w->spec_.session = framering::random_id();
  // Nobody but the owner may write frames, whatever the mode lets others do to the pins.
  w->spec_.data_mode = o.mode & ~0022u;
  w->spec_.data_group = o.group;
  const bool derived = o.control_mode == 0;
  w->spec_.ctl_mode = derived ? 0600 | ((o.mode & 0020) != 0 ? 0060 : 0) : o.control_mode;
  w->spec_.ctl_group = derived ? o.group : o.control_group;
  w->spec_.memory_lock = o.memory_lock;
  w->reliable_limit_ = o.reliable_limit;
  w->format_ = o.format;

  if (const fr_status s = framering::NameLock::acquire(w->spec_.name, &w->name_lock_, err);
      s != FR_OK) {
    return s;
  }
  framering::WriterObjects objects;
  fr_status s = framering::remove_remains(w->spec_.name, err);
  if (s == FR_OK) s = framering::WriterObjects::create(w->spec_, &objects, err);
  if (s == FR_OK) {
    w->now_ = std::make_unique<Generation>(std::move(objects));
    w->start_epoch(w->now_.get(), o.format, o.descriptor, o.descriptor_bytes);
    s = w->now_->ring.publish_names(err);
  }
  if (s != FR_OK) {
    w->name_lock_.remove();
    return s;
  }
  *out = w.release();
  return FR_OK;
}

void fr_writer::end(Generation* g, RingState how) {
  g->ring.remove_names();
  // seq_cst: after the last sequence, before the bells.
  g->ring.live()->state.store(static_cast<uint32_t>(how), std::memory_order_seq_cst);
  FR_KILL_POINT(end_marked);
  g->roll.ring_everybody();
  FR_KILL_POINT(end_rung);
  // Last: the life line hangs up with them, and to a reader that finds no end that means a death.
  g->ring.bells().remove();
  FR_KILL_POINT(end_bells);
}

void fr_writer::close() {
  // In a forked child there is nothing of it but memory.
  if (process_.foreign()) return;
  end(now_.get(), RingState::kEnded);
  name_lock_.remove();
}
