// Attaches to what the input makes of a ring's files: random bytes, or a real ring's with some of
// them changed, and other things in the places of files and FIFOs. Then makes a ring over it.
//
// The life lock is held by the fuzzer, or nearly everything would be refused as a dead writer's.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../core/src/ofd_lock.h"
#include "bytes.h"
#include "check.h"
#include "fuzzed_reader.h"
#include "fuzzed_writer.h"
#include "onlooker.h"
#include "playground.h"

namespace framering::test {
namespace {

constexpr uint32_t kSlots = 3, kEntries = 2;

std::string path_of(const char* suffix) {
  return playground() + "/framering." + kFuzzedRing + "." + suffix;
}

std::vector<uint8_t> bytes_of(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat st = {};
  CHECK(fd.ok() && fstat(fd.get(), &st) == 0, "cannot read %s", path.c_str());
  std::vector<uint8_t> bytes(static_cast<size_t>(st.st_size));
  CHECK(read(fd.get(), bytes.data(), bytes.size()) == st.st_size, "cannot read %s", path.c_str());
  return bytes;
}

fr_writer_options options() {
  fr_writer_options o = {};
  o.directory = playground().c_str();
  o.name = kFuzzedRing;
  o.slot_count = kSlots;
  o.max_readers = kEntries;
  o.slot_bytes = 1;
  o.mode = 0600;
  o.group = -1;
  o.memory_lock = FR_LOCK_NONE;
  o.format.dtype = FR_UINT8;
  o.descriptor = "text";
  o.descriptor_bytes = 4;
  return o;
}

// What the files of a sound ring hold, with frames in every slot and an entry in use.
struct Image {
  Geometry geometry;
  std::vector<uint8_t> data, ctl;

  Image() {
    CHECK(Geometry::compute(1, kSlots, kEntries, &geometry), "no such ring");
    const fr_writer_options o = options();
    fr_writer* w;
    fr_error err;
    CHECK(fr_writer_create(&o, &w, &err) == FR_OK, "create: %s", err.message);
    fr_reader_options ro = {};
    ro.directory = o.directory;
    ro.name = o.name;
    ro.delivery = FR_EVERY;
    ro.max_leases = 1;
    fr_reader* r;
    CHECK(fr_reader_open(&ro, &r, &err) == FR_OK, "open: %s", err.message);
    fr_meta meta = {};
    for (uint64_t i = 1, sequence; i <= kSlots; ++i) {
      CHECK(fr_writer_write(w, "frame", 5, &meta, &sequence, &err) == FR_OK, "%s", err.message);
    }
    data = bytes_of(path_of("data"));
    ctl = bytes_of(path_of("ctl"));
    fr_reader_close(r);
    fr_writer_close(w);
  }
};

// Something else where a file should be: a directory, a link, a FIFO, nothing at all.
void put_other(const std::string& path, uint32_t kind) {
  int failed = 0;
  switch (kind) {
    case 0:
      break;
    case 1:
      failed = mkdir(path.c_str(), 0700);
      break;
    case 2:
      failed = symlink((playground() + "/elsewhere").c_str(), path.c_str());
      break;
    default:
      failed = mkfifo(path.c_str(), 0600);
  }
  CHECK(failed == 0, "cannot make %s", path.c_str());
}

void put_file(const std::string& path, const uint8_t* bytes, size_t length) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  CHECK(fd.ok() && write(fd.get(), bytes, length) == static_cast<ssize_t>(length),
        "cannot write %s", path.c_str());
}

class Attachment {
 public:
  explicit Attachment(Bytes in) : in_(in) {}

  uint64_t play() {
    put_objects();
    if (whole_) {
      lock_life();
      put_bells();
    }
    const uint64_t steps = read();
    create_over();
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(playground(), failed)) {
      std::filesystem::remove_all(entry.path(), failed);
    }
    return steps + 1;
  }

 private:
  void put_objects() {
    static const Image image;
    const bool data = put_object("data", image.data);
    const bool ctl = put_object("ctl", image.ctl);
    whole_ = data && ctl;
    ring_->session = std::make_shared<Session>();
    ring_->files = whole_ ? ObjectFiles::open(playground(), kFuzzedRing, image.geometry)
                          : std::make_unique<ObjectFiles>();
    ring_->files->distrust();
    ring_->holders.assign(kSlots, 0);
    if (!whole_) return;
    for (uint32_t n = in_.upto(12); n != 0; --n) ring_->files->scribble(&in_);
    if (in_.one_in(32)) ring_->files->truncate(&in_);
    if (ring_->files->generation_of_data() != ring_->files->generation_of_ctl() && !patient()) {
      ring_->files->make_generations_equal();
    }
  }

  // What looks like a writer half way makes open() look again, for up to a fifth of a second. That
  // this ends is seen soon; a fuzzer that meets it in every other input gets nowhere. So it takes a
  // word that the input must spell out.
  bool patient() {
    constexpr uint64_t kAsked = 0x746e656974617021;
    const bool asked = in_.left() >= sizeof kAsked && in_.word() == kAsked;
    waited_ = waited_ || asked;
    return asked;
  }

  // Whether the ring's own bytes are there.
  bool put_object(const char* suffix, const std::vector<uint8_t>& bytes) {
    const std::string path = path_of(suffix);
    const uint8_t kind = in_.byte();
    if (kind < 4) {
      put_other(path, kind != 0 || patient() ? kind : 1);
    } else if (kind < 12) {
      // Raw, or after a header that is right so far.
      std::vector<uint8_t> head(bytes.begin(), bytes.begin() + in_.upto(sizeof(DataHeader)));
      size_t length;
      const uint8_t* raw = in_.run(in_.upto(4096), &length);
      head.insert(head.end(), raw, raw + length);
      put_file(path, head.data(), head.size());
    } else {
      put_file(path, bytes.data(), bytes.size());
      return true;
    }
    return false;
  }

  void lock_life() {
    uint64_t life = 0;
    static_cast<void>(pread(ring_->files->data(), &life, sizeof life, offsetof(DataHeader, life)) >
                      0);
    if (in_.one_in(16)) return;
    life_lock_.reset(open(path_of("data").c_str(), O_RDWR | O_CLOEXEC));
    // Refused where the offset is none: then open() must do without an answer.
    static_cast<void>(lock_byte(life_lock_.get(), life));
  }

  void put_bells() {
    char name[96];
    snprintf(name, sizeof name, "/framering.%s@%016llx.bells", kFuzzedRing,
             static_cast<unsigned long long>(ring_->files->generation_of_data()));
    const std::string directory = playground() + name;
    if (patient()) return;
    if (in_.one_in(32)) return put_other(directory, 1 + in_.upto(2));
    CHECK(mkdir(directory.c_str(), 0700) == 0, "cannot make %s", directory.c_str());
    for (const char* bell : {"life", "0", "1"}) {
      const std::string path = directory + "/" + bell;
      if (in_.one_in(32)) {
        put_other(path, patient() ? 0 : 1 + in_.upto(1));
      } else if (in_.one_in(32)) {
        put_file(path, nullptr, 0);
      } else {
        put_other(path, 3);
      }
    }
    if (!patient()) {
      life_line_.reset(
          open((directory + "/life").c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    }
  }

  uint64_t read() {
    Onlooker onlooker(kFuzzedRing);
    // Half a ring has it wait, too.
    if ((whole_ || in_.one_in(32)) && onlooker.open()) onlooker.look(false, false);
    std::optional<LeftPosition> left;
    std::unique_ptr<FuzzedReader> readers[2];
    readers[0] = FuzzedReader::open(&in_, ring_, left);
    uint64_t steps = 1;
    for (; in_.left() > 8; ++steps) {
      auto& r = readers[in_.upto(1)];
      if (r == nullptr) {
        if (!whole_ || waited_ || steps > 16) break;
        r = FuzzedReader::open(&in_, ring_, left);
      } else if (in_.one_in(4)) {
        ring_->files->scribble(&in_);
        if (onlooker.is_open()) onlooker.look(false, false);
      } else {
        r->step(&in_, &left);
      }
    }
    return steps;
  }

  // A ring over the remains: at once, or refused because of what cannot be removed.
  void create_over() {
    life_lock_.reset();
    if (in_.one_in(4)) put_other(path_of("lock"), in_.upto(3));
    const fr_writer_options o = options();
    fr_writer* w;
    fr_error err;
    const fr_status s = fr_writer_create(&o, &w, &err);
    if (s != FR_OK) {
      CHECK(s == FR_PERMISSION || s == FR_SYSTEM, "create: %s", err.message);
      return;
    }
    fr_meta meta = {};
    uint64_t sequence = 0;
    CHECK(fr_writer_write(w, "frame", 5, &meta, &sequence, &err) == FR_OK && sequence == 1,
          "a ring over remains takes no frame");
    fr_writer_close(w);
    for (const char* suffix : {"data", "ctl", "lock"}) {
      CHECK(access(path_of(suffix).c_str(), F_OK) != 0, "%s was left behind", suffix);
    }
  }

  Bytes in_;
  std::shared_ptr<RingModel> ring_ = std::make_shared<RingModel>();
  bool whole_ = false;  // both files are a ring's, as far as they were not changed
  bool waited_ = false;
  UniqueFd life_lock_, life_line_;
};

}  // namespace
}  // namespace framering::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace framering::test;
  static_cast<void>(playground());
  const int fd = lowest_free_fd();
  count_operations(Attachment(Bytes(data, size)).play());
  CHECK(lowest_free_fd() == fd, "a descriptor was left open");
  return 0;
}
