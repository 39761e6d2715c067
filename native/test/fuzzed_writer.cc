#include "fuzzed_writer.h"

#include <algorithm>

#include "check.h"
#include "pattern.h"
#include "playground.h"

namespace framering::test {
namespace {

constexpr uint64_t kMostWait = 20'000;  // ns a loan may wait: what is fuzzed is not the patience

fr_format some_format(Bytes* in, uint64_t slot_bytes) {
  fr_format f = {};
  f.dtype = in->one_in(4) ? in->upto(16) : uint32_t{FR_UINT8};
  f.ndim = in->one_in(4) ? in->upto(FR_MAX_DIMS + 1) : 1;
  for (uint32_t i = 0; i < std::min<uint32_t>(f.ndim, FR_MAX_DIMS); ++i) {
    f.shape[i] = in->one_in(8) ? in->word() : 1 + in->upto(7);
  }
  if (f.ndim == 1 && in->one_in(2)) f.shape[0] = slot_bytes - in->upto(1);
  f.plane_count = in->one_in(4) ? in->upto(FR_MAX_PLANES + 1) : 0;
  for (uint32_t i = 0; i < std::min<uint32_t>(f.plane_count, FR_MAX_PLANES); ++i) {
    f.planes[i] = {in->one_in(8) ? in->word() : in->upto(4095), in->upto(4096)};
  }
  f.fourcc = in->byte();
  f.width = in->byte();
  return f;
}

bool is_sane(const fr_format& f, uint64_t slot_bytes) {
  unsigned __int128 bytes = fr_dtype_size(f.dtype);
  if (bytes == 0 || f.ndim > FR_MAX_DIMS || f.plane_count > FR_MAX_PLANES) return false;
  for (uint32_t i = 0; i < f.ndim; ++i) {
    bytes *= f.shape[i];
    if (bytes == 0 || bytes > slot_bytes) return false;
  }
  for (uint32_t i = 0; i < f.plane_count; ++i) {
    if (f.planes[i].offset > slot_bytes || f.planes[i].stride > slot_bytes) return false;
  }
  return bytes <= slot_bytes;
}

std::shared_ptr<RingModel> model_of(fr_writer* w, std::shared_ptr<Session> session) {
  fr_writer_info info;
  fr_writer_get_info(w, &info);
  auto ring = std::make_shared<RingModel>();
  Geometry g;
  CHECK(Geometry::compute(info.slot_bytes, info.slot_count, info.max_readers, &g),
        "a ring that exists has no geometry");
  CHECK(info.total_bytes == g.data_bytes + g.ctl_bytes, "the ring's size is not what it says");
  ring->files = ObjectFiles::open(playground(), kFuzzedRing, g);
  CHECK(ring->files != nullptr, "a ring that was made has no files");
  ring->generation = info.generation;
  ring->holders.assign(info.slot_count, 0);
  session->id = info.session;
  ring->session = std::move(session);
  return ring;
}

}  // namespace

std::unique_ptr<FuzzedWriter> FuzzedWriter::create(Bytes* in) {
  fr_writer_options o = {};
  o.directory = playground().c_str();
  o.name = kFuzzedRing;
  o.slot_count = 2 + in->upto(5);
  o.max_readers = 1 + in->upto(3);
  o.slot_bytes = 1 + in->upto(8191);
  o.mode = in->one_in(16) ? in->upto(01777) : 0600;
  o.group = -1;
  o.memory_lock = in->one_in(16) ? in->upto(3) : uint32_t{FR_LOCK_NONE};
  o.reliable_limit = in->one_in(4) ? kMostWait : 0;
  o.format.dtype = FR_UINT8;
  if (in->one_in(8)) o.format = some_format(in, o.slot_bytes);
  char text[FR_MAX_DESCRIPTOR] = {};
  o.descriptor = text;
  o.descriptor_bytes = in->one_in(4) ? in->upto(FR_MAX_DESCRIPTOR + 1) : 0;

  std::unique_ptr<FuzzedWriter> w(new FuzzedWriter);
  fr_error err;
  const fr_status s = fr_writer_create(&o, &w->writer_, &err);
  if (s != FR_OK) {
    CHECK(s == FR_OPTION_INVALID || s == FR_MEMLOCK, "create: %s", err.message);
    CHECK(err.status == s && w->writer_ == nullptr, "a refusal must be a whole one");
    CHECK(entries(playground()) == 0, "a refused ring left something behind");
    return nullptr;
  }
  w->ring_ = model_of(w->writer_, std::make_shared<Session>());
  CHECK(is_sane(o.format, w->ring_->files->geometry().slot_bytes), "a format that does not fit");
  w->ring_->session->formats[1] = o.format;
  return w;
}

FuzzedWriter::~FuzzedWriter() { close(); }

void FuzzedWriter::step(Bytes* in) {
  switch (in->upto(10)) {
    case 0:
    case 1:
      return loan();
    case 2:
    case 3:
      return publish(in);
    case 4:
      return abandon(in);
    case 5:
      return drop(in);
    case 6:
      return set_format(in);
    case 7:
      return check_stats();
    default:
      return write(in);
  }
}

// Whether the operation was done. The one excuse for not doing a legal one is an object cut off.
bool FuzzedWriter::alive(fr_status status) const {
  if (status == FR_OK) return true;
  CHECK(status == FR_TRUNCATED && ring_->files->truncated(), "%s", fr_status_name(status));
  return false;
}

// Untouched pins, so some slot can be had: neither the newest frame, nor on loan, nor leased.
// Reliable readers only delay that, for their time runs out.
bool FuzzedWriter::must_find_slot() const {
  if (ring_->touched()) return false;
  size_t held = loans_.size() + (ring_->latest != 0 ? 1 : 0);
  for (const uint32_t holders : ring_->holders) held += holders != 0 ? 1 : 0;
  return held < ring_->holders.size();
}

void FuzzedWriter::check_loan(const fr_loan& l) {
  const Geometry& g = ring_->files->geometry();
  CHECK(l.slot < g.slot_count && l.capacity == g.slot_bytes && l.data != nullptr, "slot %u",
        l.slot);
  for (const fr_loan& other : loans_) CHECK(other.slot != l.slot, "slot %u lent twice", l.slot);
  if (base_ == nullptr) base_ = l.data - l.slot * g.slot_bytes;
  CHECK(l.data == base_ + l.slot * g.slot_bytes, "slot %u is not in its place", l.slot);
  CHECK(ring_->files->ctl_touched() || ring_->holders[l.slot] == 0,
        "slot %u was lent to the writer while a reader holds it", l.slot);
  l.data[0] = l.data[g.slot_bytes - 1] = 0xa5;
}

void FuzzedWriter::loan() {
  if (loans_.size() >= 4) return;
  const bool must = must_find_slot();
  fr_loan l;
  fr_error err;
  if (!alive(fr_writer_loan(writer_, &l, &err))) return;
  CHECK(!must || l.slot != FR_NO_SLOT, "a free slot was not found");
  if (l.slot == FR_NO_SLOT) return;
  check_loan(l);
  loans_.push_back(l);
}

fr_meta FuzzedWriter::meta(Bytes* in) {
  fr_meta m = {};
  m.capture_time = in->one_in(4) ? static_cast<int64_t>(in->word()) : FR_NO_TIME;
  m.capture_clock = in->byte();
  m.source_sequence = in->one_in(4) ? last_source_ + in->upto(5) : 0;
  m.bytes_used = in->one_in(8) ? in->word() : in->upto(256);
  m.user[0] = in->byte();
  return m;
}

void FuzzedWriter::sent(uint64_t sequence, const fr_meta& m, bool frame) {
  if (m.source_sequence != 0) {
    if (last_source_ != 0 && m.source_sequence > last_source_ + 1) {
      source_lost_ += m.source_sequence - last_source_ - 1;
    }
    last_source_ = m.source_sequence;
  }
  ++(frame ? published_ : dropped_);
  Session& session = *ring_->session;
  const uint32_t epoch = session.formats.rbegin()->first;
  session.sent.push_back({frame, epoch, m.bytes_used, dropped_, source_lost_});
  CHECK(sequence == session.head(), "sequence %lu came after %lu", sequence, session.head() - 1);
  if (frame) ring_->latest = sequence;
}

void FuzzedWriter::publish(Bytes* in) {
  fr_meta m = meta(in);
  uint64_t sequence = 0;
  fr_error err;
  if (loans_.empty() || in->one_in(16)) {
    const uint32_t slot = in->one_in(2) ? in->upto(8) : static_cast<uint32_t>(in->word());
    for (const fr_loan& l : loans_) {
      if (l.slot == slot) return;
    }
    const fr_status s = fr_writer_publish(writer_, slot, &m, &sequence, &err);
    CHECK(s == FR_NOT_ON_LOAN || !alive(s), "published slot %u, which was not on loan", slot);
    return;
  }
  const size_t i = in->upto(static_cast<uint32_t>(loans_.size() - 1));
  const fr_loan l = loans_[i];
  if (m.bytes_used > l.capacity) {
    const fr_status s = fr_writer_publish(writer_, l.slot, &m, &sequence, &err);
    CHECK(s == FR_FRAME_TOO_LARGE || !alive(s), "a slot cannot hold %lu bytes", m.bytes_used);
    m.bytes_used = l.capacity;
  }
  fill_pattern(l.data, m.bytes_used, ring_->session->id, ring_->session->head() + 1);
  if (!alive(fr_writer_publish(writer_, l.slot, &m, &sequence, &err))) return;
  loans_.erase(loans_.begin() + static_cast<std::ptrdiff_t>(i));
  sent(sequence, m, true);
}

void FuzzedWriter::abandon(Bytes* in) {
  fr_error err;
  if (loans_.empty()) {
    CHECK(fr_writer_abandon(writer_, in->upto(8), &err) == FR_NOT_ON_LOAN, "nothing is on loan");
    return;
  }
  const size_t i = in->upto(static_cast<uint32_t>(loans_.size() - 1));
  CHECK(fr_writer_abandon(writer_, loans_[i].slot, &err) == FR_OK, "%s", err.message);
  loans_.erase(loans_.begin() + static_cast<std::ptrdiff_t>(i));
  ++abandoned_;
}

void FuzzedWriter::drop(Bytes* in) {
  const fr_meta m = meta(in);
  uint64_t sequence = 0;
  fr_error err;
  if (alive(fr_writer_drop(writer_, &m, &sequence, &err))) sent(sequence, m, false);
}

void FuzzedWriter::write(Bytes* in) {
  const uint64_t room = ring_->files->geometry().slot_bytes;
  fr_meta m = meta(in);
  m.bytes_used = std::min(m.bytes_used, room + 1);
  std::vector<uint8_t> bytes(m.bytes_used);
  fill_pattern(bytes.data(), bytes.size(), ring_->session->id, ring_->session->head() + 1);
  const bool must = must_find_slot();
  uint64_t sequence = 0;
  fr_error err;
  const fr_status s = fr_writer_write(writer_, bytes.data(), bytes.size(), &m, &sequence, &err);
  if (m.bytes_used > room) {
    CHECK(s == FR_FRAME_TOO_LARGE, "a slot of %lu bytes took %lu", room, m.bytes_used);
    return;
  }
  if (!alive(s)) {
    // Noticed before the loan or after it: then the loan was given back.
    fr_writer_stats stats;
    fr_writer_get_stats(writer_, &stats);
    CHECK(stats.abandoned - abandoned_ <= 1, "%lu abandoned", stats.abandoned);
    abandoned_ = stats.abandoned;
    return;
  }
  CHECK(!must || sequence != 0, "a free slot was not found");
  sent(sequence != 0 ? sequence : ring_->session->head() + 1, m, sequence != 0);
}

void FuzzedWriter::set_format(Bytes* in) {
  const uint64_t old_bytes = ring_->files->geometry().slot_bytes;
  uint64_t wanted = in->one_in(4) ? old_bytes + 1 + in->upto(4096) : old_bytes - in->upto(1);
  if (in->one_in(32)) wanted = in->word() | 1ull << 45;  // more than there is
  const bool grows = wanted > old_bytes;
  if (grows && wanted < 1ull << 45 && ++growths_ > 2) return;  // each makes two objects
  const fr_format f = some_format(in, std::max(wanted, old_bytes));
  char text[FR_MAX_DESCRIPTOR] = {};
  const uint32_t text_bytes = in->one_in(4) ? in->upto(FR_MAX_DESCRIPTOR + 1) : in->upto(40);
  fr_error err;
  const fr_status s = fr_writer_set_format(writer_, &f, wanted, text, text_bytes, &err);
  if (s == FR_OPTION_INVALID || s == FR_SHM_FULL) return;
  if (!alive(s)) return;
  CHECK(!grows || loans_.empty(), "grown under %zu loans", loans_.size());
  if (grows) {
    const uint64_t before = ring_->generation;
    ring_->state = RingModel::kMoved;
    ring_ = model_of(writer_, ring_->session);
    base_ = nullptr;
    CHECK(ring_->generation != before, "grown in place");
  }
  CHECK(is_sane(f, ring_->files->geometry().slot_bytes), "a format that does not fit was taken");
  fr_writer_stats stats;
  fr_writer_get_stats(writer_, &stats);
  auto& formats = ring_->session->formats;
  CHECK(stats.epoch == formats.rbegin()->first + 1, "the epoch is %u", stats.epoch);
  formats[stats.epoch] = f;
}

void FuzzedWriter::check_stats() {
  fr_writer_stats s;
  fr_writer_get_stats(writer_, &s);
  CHECK(s.head == ring_->session->head() && s.published == published_ && s.dropped == dropped_ &&
            s.abandoned == abandoned_ && s.source_lost == source_lost_,
        "head %lu, %lu published, %lu dropped", s.head, s.published, s.dropped);
  CHECK(ring_->touched() || s.readers == ring_->readers, "%u readers", s.readers);
}

void FuzzedWriter::close_with_views() {
  fr_mapping* m = fr_writer_mapping(writer_);
  fr_mapping_ref(m);
  uint8_t* base = base_;
  const uint64_t bytes = ring_->files->geometry().slot_bytes;
  close();
  if (base != nullptr) {
    CHECK(base[0] == 0 && base[bytes - 1] == 0, "memory of a closed ring does not read as zeros");
    base[0] = 1;
  }
  fr_mapping_unref(m);
}

void FuzzedWriter::close() {
  if (writer_ == nullptr) return;
  fr_writer_close(writer_);
  writer_ = nullptr;
  ring_->state = RingModel::kEnded;
}

}  // namespace framering::test
