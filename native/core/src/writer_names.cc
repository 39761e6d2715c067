// Giving a generation its names, and taking them away.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "error.h"
#include "kill_point.h"
#include "limits.h"
#include "same_file.h"
#include "writer_objects.h"

namespace framering {
namespace {

// linkat cannot replace, rename can: linked under a name of the generation first, then renamed
// over.
int link_temporary(const RingName& name, uint64_t generation, const char* suffix, int fd) {
  const std::string temporary = name.path(name.generation_file(generation, suffix));
  return linkat(AT_FDCWD, proc_path(fd).c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) ==
                 0
             ? 0
             : errno;
}

int put_in_place(const RingName& name, uint64_t generation, const char* suffix) {
  const std::string temporary = name.path(name.generation_file(generation, suffix));
  return rename(temporary.c_str(), name.path(name.file(suffix)).c_str()) == 0 ? 0 : errno;
}

}  // namespace

int WriterObjects::link_names() {
  // Everything that may want memory before anything that replaces a name.
  int sys = link_temporary(name_, generation_, "ctl", ctl_fd_.get());
  FR_KILL_POINT(link_ctl_temporary);
  if (sys == 0) sys = link_temporary(name_, generation_, "data", data_fd_.get());
  FR_KILL_POINT(link_data_temporary);
  if (sys == 0) sys = put_in_place(name_, generation_, "ctl");
  FR_KILL_POINT(link_ctl);
  if (sys == 0) sys = put_in_place(name_, generation_, "data");
  FR_KILL_POINT(link_data);
  if (sys != 0) {
    for (const char* suffix : {"ctl", "data"}) {
      unlink(name_.path(name_.generation_file(generation_, suffix)).c_str());
    }
  }
  return sys;
}

int WriterObjects::keep_ctl() { return link_temporary(name_, generation_, "ctl", ctl_fd_.get()); }

void WriterObjects::give_ctl_back() {
  put_in_place(name_, generation_, "ctl");
  // Where the name was never taken, the rename found two names of one file and did nothing at all.
  let_ctl_go();
}

void WriterObjects::let_ctl_go() {
  unlink(name_.path(name_.generation_file(generation_, "ctl")).c_str());
}

fr_status WriterObjects::publish_names(fr_error* err) {
  // The link and rename calls order everything written above before the name.
  const int sys = link_names();
  if (sys == 0) return FR_OK;
  remove_names();
  bells_.remove();
  if (sys == ENOSPC) return fail_no_inode(name_.directory, err);
  return fail(err, sys == EACCES || sys == EPERM ? FR_PERMISSION : FR_SYSTEM, sys,
              "cannot put ring '%s' in place in %s: a file of that name may belong to another user",
              name_.name.c_str(), name_.directory.c_str());
}

void WriterObjects::remove_names() {
  const std::string data = name_.path(name_.file("data"));
  const std::string ctl = name_.path(name_.file("ctl"));
  // The data object first: a name that exists is complete.
  if (names_file(data, data_fd_.get())) unlink(data.c_str());
  FR_KILL_POINT(end_data_name);
  if (names_file(ctl, ctl_fd_.get())) unlink(ctl.c_str());
  FR_KILL_POINT(end_ctl_name);
}

}  // namespace framering
