/* framering: memory with a name, or without one, mapped as a whole. C face of the native core.
 *
 *   fr_segment* s = NULL;
 *   fr_segment_info about;
 *   if (fr_segment_create("/dev/shm", 4096, 0600, &s, &err) != FR_OK) { puts(err.message); return
 * 1; } fr_segment_get_info(s, &about); memcpy(about.data, "ready", 6); fr_segment_link(s,
 * "/dev/shm/front", &err);   // now others can open it, complete fr_segment_close(s); // the file
 * stays
 *
 * Conventions as in framering.h. A handle is used by one thread at a time.
 */
#ifndef FRAMERING_SEGMENT_H_
#define FRAMERING_SEGMENT_H_

#include "framering.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fr_segment fr_segment;

enum {
  /* A write through the mapping changes this process's own copy of the page, nothing for others. */
  FR_SEGMENT_READ_ONLY = 1,
  /* Symbolic links are followed. */
  FR_SEGMENT_FOLLOW = 2
};

typedef struct fr_segment_info {
  uint8_t* data;
  uint64_t bytes; /* of the file: the mapping is whole pages */
  uint32_t mode;  /* permission bits when it was opened or made */
  int32_t read_only;
  int32_t truncated;      /* somebody cut the file, or no page could be had: zeros stand there */
  uint64_t device, inode; /* which file it is */
  char name[64];          /* of anonymous memory, for fr_segment_attach; otherwise empty */
} fr_segment_info;

/* A new file in `directory` without a name yet: zeros, every byte allocated, reachable by nobody
 * until it is linked. A process that dies before leaves nothing. `mode` has no bits for execution
 * nor for writing by everybody. Fails with OPTION_INVALID, NOT_FOUND (the directory), PERMISSION,
 * SHM_FULL or SYSTEM. */
fr_status fr_segment_create(const char* directory, uint64_t bytes, uint32_t mode, fr_segment** out,
                            fr_error* err);
/* Gives a new file its name, for good, in the directory it was made in. Fails with EXISTS,
 * NAME_INVALID (too long), PERMISSION, SHM_FULL (no inode), NOT_FOUND or SYSTEM, and then it has
 * none as before; with OPTION_INVALID when it has one. */
fr_status fr_segment_link(fr_segment* s, const char* path, fr_error* err);
/* Maps the whole of a file. One that is open for writing gets its holes filled first, so that no
 * write can fail later for want of a page. Fails with NOT_FOUND, PERMISSION, TRUNCATED (no bytes),
 * OPTION_INVALID (no regular file, or a symbolic link), SHM_FULL or SYSTEM. */
fr_status fr_segment_open(const char* path, uint32_t flags, fr_segment** out, fr_error* err);
/* Memory that never has a file name and that nobody can truncate. The kernel frees it when the last
 * process that has it open is gone. Fails with OPTION_INVALID, SHM_FULL or SYSTEM. */
fr_status fr_segment_anonymous(uint64_t bytes, fr_segment** out, fr_error* err);
/* Anonymous memory of another process, or of this one, by the name its info gave: found while any
 * process of this user that this one can see in /proc has it open. Fails with OPTION_INVALID (no
 * such name can be), NOT_FOUND, PERMISSION or SYSTEM. */
fr_status fr_segment_attach(const char* name, uint32_t flags, fr_segment** out, fr_error* err);

void fr_segment_get_info(const fr_segment* s, fr_segment_info* info);
/* msync(2) of the pages that `length` bytes from `offset` touch. Fails with OPTION_INVALID for
 * flags or a range that cannot be, TRUNCATED, or SYSTEM. */
fr_status fr_segment_sync(fr_segment* s, uint64_t offset, uint64_t length, int32_t flags,
                          fr_error* err);
/* mlock(2) and munlock(2) of such pages. Fails with OPTION_INVALID, MEMLOCK or SYSTEM. */
fr_status fr_segment_lock(fr_segment* s, uint64_t offset, uint64_t length, fr_error* err);
fr_status fr_segment_unlock(fr_segment* s, uint64_t offset, uint64_t length, fr_error* err);
fr_mapping* fr_segment_mapping(fr_segment* s);
/* Unmaps it and frees the handle. A name that was given stays. */
void fr_segment_close(fr_segment* s);

#ifdef __cplusplus
}
#endif
#endif /* FRAMERING_SEGMENT_H_ */
