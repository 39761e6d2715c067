#include "fuzzed_reader.h"

#include <poll.h>

#include <algorithm>

#include "check.h"
#include "fuzzed_writer.h"
#include "pattern.h"
#include "playground.h"

namespace framering::test {
namespace {

constexpr uint64_t kMostWait = 20'000;  // ns

bool is_refusal_of_damage(fr_status s) {
  return s == FR_NOT_A_RING || s == FR_NOT_FOUND || s == FR_LAYOUT_VERSION || s == FR_BYTE_ORDER ||
         s == FR_WORD_SIZE || s == FR_LIBC || s == FR_READERS_EXHAUSTED || s == FR_SYSTEM ||
         s == FR_PERMISSION;
}

}  // namespace

std::unique_ptr<FuzzedReader> FuzzedReader::open(Bytes* in, std::shared_ptr<RingModel> ring,
                                                 const std::optional<LeftPosition>& before) {
  std::unique_ptr<FuzzedReader> r(new FuzzedReader);
  fr_reader_options o = {};
  o.timed = 1;
  o.directory = playground().c_str();
  o.name = kFuzzedRing;
  o.delivery = in->one_in(16) ? in->upto(4) : 1 + in->upto(2);
  o.max_leases = in->one_in(16) ? in->upto(FR_MAX_SLOTS + 1) : 1 + in->upto(3);
  o.replay = in->one_in(4) ? static_cast<uint32_t>(in->word()) : in->upto(8);
  o.reliable_wait = in->one_in(8) ? in->word() : kMostWait;
  o.observe = in->one_in(4) ? 1 + in->byte() : 0;
  const bool refuse = ring != nullptr && in->one_in(32);
  if (refuse) o.not_generation = ring->generation;
  if (before && in->one_in(2)) {
    o.has_position = 1;
    o.position = before->position;
    r->exact_ = before->sound;
  }
  const bool valid = o.delivery >= FR_LATEST && o.delivery <= FR_RELIABLE && o.max_leases >= 1 &&
                     o.max_leases <= FR_MAX_SLOTS && (o.observe == 0 || o.delivery != FR_RELIABLE);
  fr_error err;
  const fr_status s = fr_reader_open(&o, &r->reader_, &err);
  if (s != FR_OK) {
    CHECK(err.status == s && r->reader_ == nullptr, "a refusal must be a whole one");
    const fr_status expected = !valid            ? FR_OPTION_INVALID
                               : ring == nullptr ? FR_NOT_FOUND
                               : refuse          ? FR_NOT_FOUND
                                                 : FR_READERS_EXHAUSTED;
    const bool full = ring != nullptr && ring->readers == ring->files->geometry().max_readers;
    if (valid && ring != nullptr && ring->touched()) {
      CHECK(is_refusal_of_damage(s), "open: %s", err.message);
    } else {
      CHECK(s == expected && (s != FR_READERS_EXHAUSTED || full), "open: %s", err.message);
    }
    return nullptr;
  }
  CHECK(valid && ring != nullptr, "opened what must be refused");
  r->ring_ = std::move(ring);
  fr_reader_get_info(r->reader_, &r->info_);
  if (r->data_sound()) {
    const Geometry& g = r->ring_->files->geometry();
    CHECK(r->info_.slot_bytes == g.slot_bytes &&
              r->info_.slot_count == (o.observe != 0 ? o.max_leases : g.slot_count) &&
              r->info_.session == r->ring_->session->id,
          "another ring was opened");
  }
  r->observes_ = o.observe != 0;
  CHECK(r->observes_ ? r->info_.entry == FR_NO_ENTRY : r->info_.entry < r->info_.max_readers,
        "entry %u", r->info_.entry);
  r->held_.assign(r->info_.slot_count, Held{});
  r->delivery_ = o.delivery;
  r->max_leases_ = o.max_leases;
  if (!r->observes_) ++r->ring_->readers;
  if (o.has_position == 0) {
    r->cursor_ = r->ring_->latest - std::min<uint64_t>(r->ring_->latest, o.replay);
  } else if (o.position.session == r->info_.session) {
    r->cursor_ = r->last_ = o.position.sequence;
    r->counted_ = o.position.counted != 0;
    r->lost_restart_ = o.position.restart;
  } else {
    r->counted_ = true;
    r->lost_restart_ = o.position.restart + (o.position.head - o.position.sequence);
  }
  return r;
}

FuzzedReader::~FuzzedReader() { close(); }

void FuzzedReader::step(Bytes* in, std::optional<LeftPosition>* left) {
  switch (in->upto(10)) {
    case 0:
      return wait(in);
    case 1:
    case 2:
      return release(in);
    case 3:
      return retain(in);
    case 4:
      return format(in);
    case 5:
      return write_into_view(in);
    case 6:
      *left = position();
      return;
    case 7:
      return drain();
    default:
      return next(in);
  }
}

bool FuzzedReader::is_whole(uint32_t slot) const {
  const Held& h = held_[slot];
  return has_pattern(payload(slot), h.bytes, ring_->session->id, h.sequence);
}

// The sequence that must be delivered by now, or a later one; 0 = there is none. The newest frame
// stays in its slot, so it can always be had.
uint64_t FuzzedReader::newest_due() const {
  // A lease that somebody broke keeps the reader from the frame that came into the slot.
  if (ring_->touched()) return 0;
  return !passed_ && ring_->latest > cursor_ ? ring_->latest : 0;
}

void FuzzedReader::check_losses(const fr_frame& f) const {
  const uint64_t lost = f.lost_no_slot + f.lost_overrun + f.lost_skipped;
  if (!counted_) {
    CHECK(lost == 0 && f.lost_source == 0, "a first frame has nothing before it");
    return;
  }
  CHECK(f.sequence > last_ && f.sequence - last_ - 1 == lost,
        "%lu came after %lu with a gap of %lu", f.sequence, last_, lost);
  CHECK(f.lost_no_slot <= lost && f.lost_overrun <= lost && f.lost_skipped <= lost, "wrapped");
}

void FuzzedReader::check_sent(const fr_frame& f) const {
  const Session& session = *ring_->session;
  CHECK(f.sequence <= ring_->latest, "%lu was never sent", f.sequence);
  const Sent& sent = session.sent[f.sequence];
  CHECK(sent.frame && f.bytes_used == sent.bytes && f.epoch == sent.epoch, "another frame");
  CHECK(is_whole(f.slot), "frame %lu is torn", f.sequence);
  CHECK(delivery_ != FR_LATEST || f.sequence == ring_->latest, "not the latest");
  CHECK(f.lost_restart == lost_restart_, "%lu lost by restarts", f.lost_restart);
  if (!counted_ || !exact_) return;
  const Sent& last = session.sent[last_];
  CHECK(f.lost_no_slot == sent.dropped - last.dropped, "%lu for want of a slot", f.lost_no_slot);
  CHECK(f.lost_source == sent.source_lost - last.source_lost, "%lu at the source", f.lost_source);
  CHECK(delivery_ != FR_LATEST || f.lost_overrun == 0, "nothing is overrun for who wants one");
}

void FuzzedReader::delivered(const fr_frame& f) {
  CHECK(f.slot < held_.size() && f.bytes_used <= info_.slot_bytes, "slot %u", f.slot);
  if (base_ == nullptr) base_ = const_cast<uint8_t*>(f.data) - f.slot * info_.slot_bytes;
  CHECK(f.data == payload(f.slot), "slot %u is not in its place", f.slot);
  CHECK(!owns(f.slot), "slot %u was delivered under a lease", f.slot);
  CHECK(f.sequence > last_ && f.sequence > cursor_ && f.sequence <= kMaxSequence,
        "%lu came after %lu", f.sequence, last_);
  // Both ends can be read, whatever became of the object.
  static_cast<void>(*static_cast<const volatile uint8_t*>(f.data));
  static_cast<void>(*static_cast<const volatile uint8_t*>(f.data + info_.slot_bytes - 1));
  held_[f.slot] = {1, f.sequence, f.bytes_used, f.epoch, false};
  ++leases_;
  if (!observes_ && f.slot < ring_->holders.size()) ++ring_->holders[f.slot];
  check_losses(f);
  if (data_sound()) check_sent(f);
  last_ = cursor_ = f.sequence;
  counted_ = exact_ = true;
  passed_ = false;
  lost_restart_ = 0;
}

void FuzzedReader::answer(fr_next found, const fr_frame& f, const fr_error& err, bool any_age) {
  CHECK(fr_reader_leases(reader_) == leases_ + (found == FR_FRAME ? 1 : 0), "leases miscounted");
  const bool sound = data_sound();
  const uint64_t due = newest_due();
  seen_ = ring_->latest;
  passed_ = passed_ || !any_age;
  switch (found) {
    case FR_FRAME:
      CHECK(leases_ < max_leases_, "more leases than were asked for");
      delivered(f);
      break;
    case FR_NONE:
      CHECK(!any_age || due == 0, "frame %lu was not found", due);
      CHECK(!sound || ring_->state == RingModel::kRunning, "the end was not found");
      break;
    case FR_ENDED:
    case FR_MOVED:
      CHECK(!sound || ring_->state == (found == FR_ENDED ? RingModel::kEnded : RingModel::kMoved),
            "the stream did not end so");
      CHECK(!any_age || due == 0, "frame %lu was lost at the end", due);
      break;
    case FR_DIED:
      CHECK(!sound, "the writer is not dead");
      break;
    case FR_FAILED:
      CHECK((err.status == FR_LEASES_EXHAUSTED && leases_ >= max_leases_) ||
                (err.status == FR_NOT_A_RING && !sound) ||
                (err.status == FR_TRUNCATED && ring_->files->truncated()),
            "next: %s", err.message);
      break;
  }
}

void FuzzedReader::next(Bytes* in) {
  const uint32_t arm = in->one_in(16) ? in->byte() : in->upto(2);
  // One byte for both: what was kept of older inputs means the same as ever, with a poll here and
  // there.
  const uint8_t how = in->byte();
  const uint64_t max_age = how % 8 == 1 ? in->word() : how == 252 ? 1 : 0;
  if (how % 8 == 3) poll(how == 251 ? UINT64_MAX : how * uint64_t{100});
  fr_frame f;
  fr_error err = {};
  const fr_next found = fr_reader_next(reader_, arm, max_age, &f, &err);
  if (observes_ && found == FR_FAILED && err.status == FR_UNSUPPORTED) {
    CHECK(arm != FR_BELL_NONE, "an observer may look");
    seen_ = ring_->latest;
    return;
  }
  if (arm > FR_BELL_SEMAPHORE) {
    CHECK(found == FR_FAILED, "doorbell %u", arm);
    return;
  }
  answer(found, f, err, max_age == 0);
  armed_ = found == FR_NONE ? arm == FR_BELL_FIFO : armed_ && arm == FR_BELL_NONE;
}

void FuzzedReader::wait(Bytes* in) {
  const uint64_t timeout = in->one_in(8) ? in->upto(kMostWait) : 0;
  const uint64_t max_age = in->one_in(8) ? in->word() : 0;
  fr_frame f;
  fr_error err = {};
  answer(fr_reader_wait(reader_, timeout, max_age, &f, &err), f, err, max_age == 0);
}

// Nobody else is at work meanwhile: there is news before it, or none.
void FuzzedReader::poll(uint64_t timeout) {
  const bool news = fr_reader_poll(reader_, timeout) != 0;
  armed_ = false;
  if (!data_sound()) return;
  CHECK(news == (ring_->latest != seen_ || ring_->state != RingModel::kRunning),
        "a poll says %d of frame %lu after %lu", news, ring_->latest, seen_);
}

void FuzzedReader::retain(Bytes* in) {
  const uint32_t slot = in->one_in(16) ? static_cast<uint32_t>(in->word()) : in->upto(6);
  fr_error err;
  const fr_status s = fr_reader_retain(reader_, slot, &err);
  CHECK(s == (owns(slot) ? FR_OK : FR_NOT_LEASED), "retain: %s", fr_status_name(s));
  if (s == FR_OK) ++held_[slot].count;
}

void FuzzedReader::let_go(uint32_t slot) {
  --leases_;
  if (!observes_ && slot < ring_->holders.size()) --ring_->holders[slot];
}

void FuzzedReader::release(Bytes* in) {
  const uint32_t slot = in->one_in(16) ? static_cast<uint32_t>(in->word()) : in->upto(6);
  fr_error err;
  if (!owns(slot)) {
    CHECK(fr_reader_release(reader_, slot, &err) == FR_NOT_LEASED, "slot %u was not leased", slot);
    return;
  }
  Held& h = held_[slot];
  const bool whole = !data_sound() || h.scribbled || is_whole(slot);
  const fr_status s = fr_reader_release(reader_, slot, &err);
  if (--h.count != 0) {
    CHECK(s == FR_OK, "release: %s", err.message);
    return;
  }
  let_go(slot);
  stale_ = slot;
  CHECK(ring_->files->truncated() || whole || s == FR_LEASE_BROKEN,
        "frame %lu changed under its lease, unnoticed", h.sequence);
  CHECK(s == FR_OK || (s == FR_LEASE_BROKEN && ring_->touched() && !observes_) ||
            (s == FR_TRUNCATED && ring_->files->truncated()),
        "release: %s", err.message);
}

void FuzzedReader::format(Bytes* in) {
  const uint32_t slot = in->one_in(16) ? static_cast<uint32_t>(in->word()) : in->upto(6);
  fr_format f = {};
  // Exactly as large as we say, so that one byte too many is seen.
  uint32_t bytes = in->one_in(2) ? in->upto(FR_MAX_DESCRIPTOR) : 32;
  const uint32_t room = bytes;
  std::vector<char> text(room);
  fr_error err;
  const fr_status s = fr_reader_format(reader_, slot, &f, text.data(), &bytes, &err);
  if (!owns(slot)) {
    CHECK(s == FR_NOT_LEASED, "slot %u was not leased", slot);
    return;
  }
  if (s != FR_OK) {
    CHECK(s == FR_NOT_A_RING && ring_->touched(), "format: %s", err.message);
    return;
  }
  CHECK(bytes <= room && f.ndim <= FR_MAX_DIMS && f.plane_count <= FR_MAX_PLANES, "format");
  unsigned __int128 product = fr_dtype_size(f.dtype);
  for (uint32_t i = 0; i < f.ndim; ++i) product *= f.shape[i];
  CHECK(product != 0 && product <= info_.slot_bytes, "a format that does not fit its slot");
  for (uint32_t i = 0; i < f.plane_count; ++i) {
    CHECK(f.planes[i].offset <= info_.slot_bytes && f.planes[i].stride <= info_.slot_bytes,
          "plane %u does not fit its slot", i);
  }
  if (!ring_->touched()) {
    const fr_format& sent = ring_->session->formats.at(held_[slot].epoch);
    CHECK(f.dtype == sent.dtype && f.ndim == sent.ndim && f.fourcc == sent.fourcc &&
              std::equal(f.shape, f.shape + f.ndim, sent.shape),
          "the format of another epoch");
  }
}

void FuzzedReader::write_into_view(Bytes* in) {
  if (base_ == nullptr) return;
  const uint32_t slot = stale_ && in->one_in(2) ? *stale_ : in->upto(6);
  if (slot >= held_.size() || (!owns(slot) && slot != stale_)) return;
  held_[slot].scribbled = true;
  payload(slot)[in->word() % info_.slot_bytes] ^= 0xff;
}

LeftPosition FuzzedReader::position() const {
  fr_position p;
  fr_reader_get_position(reader_, &p);
  uint64_t sum;
  CHECK(p.session == info_.session && p.sequence <= p.head && p.head <= kMaxSequence,
        "position %lu of %lu", p.sequence, p.head);
  CHECK(!__builtin_add_overflow(p.restart, p.head - p.sequence, &sum), "wrapped");
  return {p, data_sound() && exact_};
}

void FuzzedReader::drain() {
  fr_reader_drain(reader_);
  armed_ = false;
}

void FuzzedReader::check_bell() const {
  if (!armed_ || ring_->touched()) return;
  if (newest_due() == 0 && ring_->state == RingModel::kRunning) return;
  pollfd fds[2] = {{-1, POLLIN, 0}, {-1, POLLIN, 0}};
  fr_error err;
  CHECK(fr_reader_doorbell(reader_, &fds[0].fd, &fds[1].fd, &err) == FR_OK, "no doorbell");
  CHECK(::poll(fds, 2, 0) > 0, "a frame would be slept through");
}

void FuzzedReader::close_with_views() {
  fr_mapping* m = fr_reader_mapping(reader_);
  fr_mapping_ref(m);
  close();
  if (base_ != nullptr) {
    CHECK(base_[0] == 0 && base_[info_.slot_bytes - 1] == 0,
          "memory of a closed reader does not read as zeros");
    base_[0] = 1;
  }
  fr_mapping_unref(m);
}

void FuzzedReader::close() {
  if (reader_ == nullptr) return;
  for (uint32_t slot = 0; slot < held_.size(); ++slot) {
    if (owns(slot)) let_go(slot);
  }
  fr_reader_close(reader_);
  reader_ = nullptr;
  if (!observes_) --ring_->readers;
}

}  // namespace framering::test
