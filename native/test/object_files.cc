#include "object_files.h"

#include <fcntl.h>
#include <unistd.h>

#include "check.h"

namespace framering::test {

std::unique_ptr<ObjectFiles> ObjectFiles::open(const std::string& directory,
                                               const std::string& name, const Geometry& geometry) {
  const std::string start = directory + "/framering." + name;
  auto files = std::make_unique<ObjectFiles>();
  files->geometry_ = geometry;
  files->data_.reset(::open((start + ".data").c_str(), O_RDWR | O_CLOEXEC));
  files->ctl_.reset(::open((start + ".ctl").c_str(), O_RDWR | O_CLOEXEC));
  if (!files->data_.ok() || !files->ctl_.ok()) return nullptr;
  return files;
}

ObjectFiles::Place ObjectFiles::choose_in_data(Bytes* in) const {
  const Geometry& g = geometry_;
  switch (in->upto(15)) {
    case 0:  // identity and geometry, in the widths they have
      return {true, 4, 4ull * in->upto(sizeof(DataHeader) / 4 - 1)};
    case 1:
      return {true, 1, in->upto(sizeof(DataHeader) - 1)};
    case 2:
    case 3:
      return {true, 8, kPage + (in->one_in(2) ? 0 : offsetof(LiveState, head))};
    case 4:
      return {true, 4, kPage + offsetof(LiveState, state) + 4ull * in->upto(1)};
    case 5:
      return {true, 8, kPage + 8ull * in->upto(sizeof(LiveState) / 8 - 1)};
    case 6:
    case 7:  // near the newest sequences of a young ring
      return {true, 8, g.index_offset + 8ull * in->upto(31)};
    case 8:
      return {true, 8, g.index_offset + 8ull * in->upto(g.index_count - 1)};
    case 9:
    case 10:
    case 11: {
      const uint64_t frame = g.frames_offset + sizeof(FrameHeader) * in->upto(g.slot_count - 1);
      return {true, 8, frame + 8ull * in->upto(offsetof(FrameHeader, spare) / 8 - 1)};
    }
    case 12: {
      const uint64_t frame = g.frames_offset + sizeof(FrameHeader) * in->upto(g.slot_count - 1);
      return {true, 4, frame + 4ull * in->upto(offsetof(FrameHeader, spare) / 4 - 1)};
    }
    case 13: {
      const uint64_t text = g.texts_offset + sizeof(EpochText) * in->upto(kTexts - 1);
      return {true, 4, text + 4ull * in->upto(5)};
    }
    case 14:
      return {true, 8,
              g.payload_offset + 8ull * in->upto(static_cast<uint32_t>(g.slot_bytes / 8 - 1))};
    default:  // anywhere, on no boundary
      return {true, 1, in->word() % g.data_bytes};
  }
}

ObjectFiles::Place ObjectFiles::choose_in_ctl(Bytes* in) const {
  const Geometry& g = geometry_;
  const uint64_t entry = g.entries_offset + sizeof(ReaderEntry) * in->upto(g.max_readers - 1);
  switch (in->upto(11)) {
    case 0:
      return {false, 4, 4ull * in->upto(sizeof(Identity) / 4 - 1)};
    case 1:
      return {false, 8, offsetof(CtlHeader, active)};
    case 2:
      return {false, 8, offsetof(CtlHeader, reliable)};
    case 3:
      return {false, 4, offsetof(CtlHeader, writer_waiting)};
    case 4:
      return {false, 4, offsetof(CtlHeader, writer_bell)};
    case 5:
    case 6:
    case 7:
      return {false, 8, kPage + sizeof(PinWord) * in->upto(g.slot_count - 1)};
    case 8:
      return {false, 4, entry + (in->one_in(2) ? 0 : offsetof(ReaderEntry, semaphore))};
    case 9:
      return {false, 8, entry + offsetof(ReaderEntry, cursor)};
    case 10:
      return {false, 8, entry + 8ull * in->upto(sizeof(ReaderEntry) / 8 - 1)};
    default:
      return {false, 1, in->word() % g.ctl_bytes};
  }
}

ObjectFiles::Place ObjectFiles::choose(Bytes* in) const {
  return in->one_in(2) ? choose_in_ctl(in) : choose_in_data(in);
}

uint64_t ObjectFiles::read(const Place& place) const {
  uint64_t value = 0;
  // A truncated file has nothing there: 0.
  static_cast<void>(pread(place.in_data ? data() : ctl(), &value, place.width,
                          static_cast<off_t>(place.offset)) > 0);
  return value;
}

uint64_t ObjectFiles::nasty(Bytes* in, const Place& place) const {
  const uint64_t now = read(place);
  switch (in->upto(15)) {
    case 0:
      return 0;
    case 1:
      return ~0ull;
    case 2:
    case 3:
      return now ^ 1ull << in->upto(63);
    case 4:
      return now + 1;
    case 5:
      return now - 1;
    case 6:  // a word from elsewhere
    case 7:
      return read(choose(in));
    case 8:  // a sequence's neighbour in the order index, with another slot
      return index_entry(index_sequence(now) + in->upto(2) - 1, in->upto(geometry_.slot_count));
    case 9:
      return index_entry(in->upto(300), in->one_in(4) ? kNoSlot : in->upto(geometry_.slot_count));
    case 10:
      return now ^ (in->one_in(2) ? kProbing : kOwned);
    case 11:
      return kMaxSequence + in->upto(2) - 1;
    case 12:
      return in->upto(15);
    case 13:
      return 1ull << in->upto(63);
    case 14:
      return geometry_.slot_bytes + in->upto(2) - 1;
    default:
      return in->word();
  }
}

void ObjectFiles::scribble(Bytes* in) {
  const Place place = choose(in);
  const uint64_t value = nasty(in, place);
  (place.in_data ? data_touched_ : ctl_touched_) = true;
  const ssize_t done =
      pwrite(place.in_data ? data() : ctl(), &value, place.width, static_cast<off_t>(place.offset));
  CHECK(done == static_cast<ssize_t>(place.width), "cannot write into an object of the ring");
}

void ObjectFiles::truncate(Bytes* in) {
  const bool in_data = in->one_in(2);
  const uint64_t whole = in_data ? geometry_.data_bytes : geometry_.ctl_bytes;
  const uint64_t lengths[] = {0, 1, kPage, whole / 2, whole - kPage, whole - 1};
  const uint64_t length = lengths[in->upto(5)];
  (in_data ? data_touched_ : ctl_touched_) = true;
  truncated_ = true;
  CHECK(ftruncate(in_data ? data() : ctl(), static_cast<off_t>(length)) == 0,
        "cannot truncate an object of the ring");
}

void ObjectFiles::make_generations_equal() {
  const uint64_t generation = generation_of_data();
  CHECK(pwrite(ctl(), &generation, sizeof generation, offsetof(Identity, generation)) == 8,
        "cannot write into an object of the ring");
}

}  // namespace framering::test
