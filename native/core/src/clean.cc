// The sweep: removes what provably belongs to dead writers, and nothing else.
//
// Proof is the name's lock, which a writer takes before it makes anything and lets go after
// everything of its own is gone: whoever gets it keeps the next writer waiting until the remains
// are removed, and knows that none lives, unless somebody removed the file under a live one: that
// one still shows in its data object. Readers still attached to them keep their memory.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "error.h"
#include "kill_point.h"
#include "name_lock.h"
#include "remains.h"

namespace framering {
namespace {

class Sweep {
 public:
  Sweep(bool dry_run, fr_clean_found found, void* context)
      : dry_run_(dry_run), found_(found), context_(context) {}

  // All files of one ring.
  void ring(const std::vector<RingFile>& files) const {
    const RingName& name = files.front().ring;
    fr_error why = {};
    NameLock lock;
    const uid_t owner = owner_of(files);
    // Not even a lock file is made for it: in a sticky directory that would stay in its owner's
    // way.
    if (geteuid() != 0 && owner != geteuid()) {
      // Where its data object may be read, a live one is no business of ours at all.
      if (shows_life(name)) {
        fail(&why, FR_NAME_IN_USE, 0, "ring '%s' has a live writer", name.name.c_str());
        return keep(files, why);
      }
      fail(&why, FR_PERMISSION, 0,
           "uid %u may not remove ring '%s' of uid %u: sweep as that user or as root", geteuid(),
           name.name.c_str(), owner);
      return keep(files, why);
    }
    if (!dry_run_) {
      if (NameLock::acquire_for_sweep(name, owner, &lock, &why) != FR_OK) {
        return keep(files, why);
      }
    } else {
      bool held = false;
      if (NameLock::is_held(name, &held, &why) != FR_OK) return keep(files, why);
      if (held) fail(&why, FR_NAME_IN_USE, 0, "ring '%s' has a live writer", name.name.c_str());
      if (held) return keep(files, why);
    }
    FR_KILL_POINT(clean_locked);
    // Somebody removed the file that a live writer had locked: ours proves nothing then.
    if (shows_life(name)) {
      fail(&why, FR_NAME_IN_USE, 0, "ring '%s' has a live writer, and its lock file was removed",
           name.name.c_str());
      lock.remove();
      return keep(files, why);
    }
    // Listed before the lock was ours: what is there now is what counts.
    for (const RingFile& file : files) {
      fr_stale stale;
      uint32_t mode = 0;
      if (!describe(file, &stale, &mode)) continue;
      const bool is_lock = file.entry == name.file("lock");
      if (!could_be_ours(file, mode)) {
        fail(&why, FR_PERMISSION, 0,
             "%s is of a kind that no writer makes: remove it by hand if it is in the way",
             name.path(file.entry).c_str());
        tell(&stale, why);
        continue;
      }
      if (!dry_run_ && !is_lock) {
        if (const int sys = remove_ring_file(file); sys != 0) {
          fail(&why, FR_PERMISSION, sys, "cannot remove %s", name.path(file.entry).c_str());
          tell(&stale, why);
          continue;
        }
        FR_KILL_POINT(clean_removed);
      }
      stale.removed = dry_run_ ? 0 : 1;
      found_(context_, &stale);
    }
    lock.remove();
  }

 private:
  static uid_t owner_of(const std::vector<RingFile>& files) {
    struct stat st;
    const std::string path = files.front().ring.path(files.front().entry);
    return lstat(path.c_str(), &st) == 0 ? st.st_uid : geteuid();
  }

  static bool describe(const RingFile& file, fr_stale* out, uint32_t* mode) {
    struct stat st;
    if (lstat(file.ring.path(file.entry).c_str(), &st) != 0) return false;
    *out = {};
    snprintf(out->ring, sizeof out->ring, "%s", file.ring.name.c_str());
    snprintf(out->file, sizeof out->file, "%s", file.entry.c_str());
    out->bytes = static_cast<uint64_t>(st.st_blocks) * 512;
    *mode = st.st_mode;
    return true;
  }

  // A name proves little: links and directories of such names are somebody's own.
  static bool could_be_ours(const RingFile& file, uint32_t mode) {
    return is_bells(file) ? S_ISDIR(mode) : S_ISREG(mode);
  }

  void tell(fr_stale* stale, const fr_error& why) const {
    stale->kept = why.status;
    snprintf(stale->reason, sizeof stale->reason, "%s", why.message);
    found_(context_, stale);
  }

  void keep(const std::vector<RingFile>& files, const fr_error& why) const {
    for (const RingFile& file : files) {
      fr_stale stale;
      uint32_t mode = 0;
      if (describe(file, &stale, &mode)) tell(&stale, why);
    }
  }

  bool dry_run_;
  fr_clean_found found_;
  void* context_;
};

}  // namespace
}  // namespace framering

extern "C" fr_status fr_clean(const char* directory, const char* ring, int dry_run,
                              fr_clean_found found, void* context, fr_error* err) {
  using framering::RingFile;
  const char* where =
      directory == nullptr || directory[0] == '\0' ? framering::kDefaultDirectory : directory;
  std::vector<RingFile> files;
  if (!framering::list_ring_files(where, &files)) {
    return framering::fail(err, FR_OPTION_INVALID, errno, "cannot read the directory %s", where);
  }
  if (ring != nullptr) {
    files.erase(std::remove_if(files.begin(), files.end(),
                               [ring](const RingFile& f) { return f.ring.name != ring; }),
                files.end());
  }
  // By ring, and of each the data object first: a name that exists is complete.
  std::sort(files.begin(), files.end(), [](const RingFile& a, const RingFile& b) {
    if (a.ring.name != b.ring.name) return a.ring.name < b.ring.name;
    const std::string data = a.ring.file("data");
    return (a.entry == data) != (b.entry == data) ? a.entry == data : a.entry < b.entry;
  });
  FR_KILL_POINT(clean_listed);
  const framering::Sweep sweep(dry_run != 0, found, context);
  for (auto first = files.begin(); first != files.end();) {
    const auto last = std::find_if(
        first, files.end(), [&](const RingFile& f) { return f.ring.name != first->ring.name; });
    sweep.ring(std::vector<RingFile>(first, last));
    first = last;
  }
  return FR_OK;
}
