#include "limits.h"

#include <sys/resource.h>

#include <cerrno>
#include <cinttypes>

#include "error.h"

namespace framering {

bool is_descriptor_limit(int sys) { return sys == EMFILE || sys == ENFILE; }

fr_status fail_descriptor_limit(const std::string& what, int sys, fr_error* err) {
  return fail(err, FR_SYSTEM, sys, "no file descriptor is left for %s: raise the limit (%s)",
              what.c_str(), sys == ENFILE ? "sysctl fs.file-max" : "ulimit -n");
}

fr_status fail_map(const std::string& what, uint64_t bytes, int sys, fr_error* err) {
  if (sys == EMFILE) {
    return fail(err, FR_SYSTEM, 0,
                "this process has as many mappings as it can: close some rings or arrays before %s",
                what.c_str());
  }
  return fail(err, FR_SYSTEM, sys,
              "cannot map %" PRIu64
              " bytes of %s: raise the limit of address space (ulimit -v) or of mappings "
              "(sysctl vm.max_map_count)",
              bytes, what.c_str());
}

fr_status fail_no_inode(const std::string& directory, fr_error* err) {
  return fail(err, FR_SHM_FULL, ENOSPC,
              "%s has no room for another file: remove what is left over there, or give it more "
              "inodes (mount -o remount,nr_inodes=N %s)",
              directory.c_str(), directory.c_str());
}

fr_status check_file_size(const std::string& what, uint64_t bytes, fr_error* err) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur >= bytes) return FR_OK;
  return fail(err, FR_SYSTEM, EFBIG,
              "%s needs a file of %" PRIu64 " bytes and RLIMIT_FSIZE is %" PRIu64
              ": raise it (ulimit -f; systemd: LimitFSIZE=)",
              what.c_str(), bytes, static_cast<uint64_t>(limit.rlim_cur));
}

}  // namespace framering
