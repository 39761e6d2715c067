// What a writer knows about its ring and itself.
#include "writer.h"

using framering::LiveState;

void fr_writer::info(fr_writer_info* info) const {
  const framering::Geometry& g = now_->ring.geometry();
  const framering::LockResult& lock = now_->ring.lock();
  *info = {};
  info->generation = now_->ring.generation();
  info->session = spec_.session;
  info->total_bytes = g.data_bytes + g.ctl_bytes;
  info->slot_bytes = g.slot_bytes;
  info->slot_count = g.slot_count;
  info->max_readers = g.max_readers;
  info->locked = lock.locked;
  info->lock_errno = lock.sys;
  info->locked_bytes = lock.bytes;
}

void fr_writer::stats(fr_writer_stats* stats) const {
  const LiveState* live = now_->ring.live();
  *stats = {};
  stats->head = head_;
  stats->published = published_;
  stats->dropped = dropped_;
  stats->source_lost = source_lost_;
  stats->abandoned = abandoned_;
  stats->bells = live->bells.load(std::memory_order_relaxed);
  stats->reclaimed = live->reclaimed.load(std::memory_order_relaxed);
  stats->waited_ns = waited_;
  stats->readers = now_->roll.count();
  stats->lagging = now_->roll.lagging_count();
  stats->epoch = epoch_;
}
