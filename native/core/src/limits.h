// What the system refuses a process for a limit of its own: the same sentence wherever that is met,
// with what to raise. `what` is the thing that could not be had, as a sentence names it: "ring
// 'a'".
#pragma once

#include <string>

#include "../include/framering.h"

namespace framering {

// Whether a call failed for want of a file descriptor.
bool is_descriptor_limit(int sys);
// SYSTEM. For an errno of which is_descriptor_limit says so.
fr_status fail_descriptor_limit(const std::string& what, int sys, fr_error* err);

// SYSTEM. For an fr_mapping of `bytes` bytes that could not be had, and the errno that told why.
fr_status fail_map(const std::string& what, uint64_t bytes, int sys, fr_error* err);

// SHM_FULL. For a file that could not be made, given a name or a link for want of an inode
// (ENOSPC).
fr_status fail_no_inode(const std::string& directory, fr_error* err);

// SYSTEM unless this process may make files of that size. Asked beforehand, because the kernel does
// not only refuse: it sends SIGXFSZ, which kills whoever does not expect it.
fr_status check_file_size(const std::string& what, uint64_t bytes, fr_error* err);

}  // namespace framering
