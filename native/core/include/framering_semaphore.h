/* Named POSIX semaphores: the same objects as sem_open's, in files /dev/shm/sem.NAME.
 *
 *   fr_semaphore* s = NULL;
 *   fr_semaphore_options options = {.name = "frame", .create = 1, .mode = 0600, .value = 1};
 *   if (fr_semaphore_open(&options, &s, &err) != FR_OK) { puts(err.message); return 1; }
 *   switch (fr_semaphore_wait(s, fr_now() + 1000000000, NULL, &err)) {
 *     case FR_ACQUIRED: work(); fr_semaphore_post(s, &err); break;
 *     case FR_TIMED_OUT: puts("somebody else has it"); break;
 *     default: puts(err.message);
 *   }
 *   fr_semaphore_close(s);
 *
 * Processes that use glibc's sem_post, sem_wait and so on may be at the other end. Unlike those, no
 * function here aborts, faults or sleeps past its deadline whatever somebody writes into the file,
 * or when it is cut off.
 *
 * A handle may be used by any number of threads at a time; only fr_semaphore_close must be the last
 * call. Status codes and fr_error are framering.h's.
 */
#ifndef FRAMERING_SEMAPHORE_H_
#define FRAMERING_SEMAPHORE_H_

#include "framering.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FR_SEMAPHORE_MAX INT32_MAX /* units: glibc's SEM_VALUE_MAX */
enum {
  FR_SEMAPHORE_MAX_NAME = 251 /* bytes, without a leading slash: "sem." stands before them */
};

typedef struct fr_semaphore fr_semaphore;

typedef struct fr_semaphore_options {
  const char* name;  /* 1..FR_SEMAPHORE_MAX_NAME bytes without '/', but for one that may lead */
  int32_t create;    /* 1: make it where there is none */
  int32_t exclusive; /* 1: fail with EXISTS where there is one */
  uint32_t mode;     /* permission bits of a new one, whatever the umask is */
  uint32_t value;    /* units of a new one, 0..FR_SEMAPHORE_MAX */
} fr_semaphore_options;

/* A new one is complete the moment its name exists. Fails with NAME_INVALID, NOT_FOUND, EXISTS,
 * PERMISSION, NOT_A_SEMAPHORE, OPTION_INVALID, SHM_FULL, UNSUPPORTED (a C library with semaphores
 * of another layout) or SYSTEM, and then leaves nothing behind. */
fr_status fr_semaphore_open(const fr_semaphore_options* options, fr_semaphore** out, fr_error* err);

/* One unit more. SEMAPHORE_OVERFLOW at FR_SEMAPHORE_MAX, TRUNCATED, CLOSED in a forked child. */
fr_status fr_semaphore_post(fr_semaphore* s, fr_error* err);

/* Ends waits from another thread. Zero it; it must outlive the waits that know it. */
typedef struct fr_cancel {
  uint32_t set;
} fr_cancel;
/* Waits given it end with FR_CANCELLED, also those to come. */
void fr_cancel_set(fr_cancel* c);
/* Waits go on; one that was about to end may do so still. */
void fr_cancel_clear(fr_cancel* c);

typedef enum fr_wait {
  FR_ACQUIRED = 0, /* a unit was taken */
  FR_TIMED_OUT = 1,
  FR_CANCELLED = 2,
  FR_WAIT_FAILED = 3 /* see err: TRUNCATED, or CLOSED in a forked child */
} fr_wait;

/* Takes a unit if there is one now: FR_ACQUIRED, FR_TIMED_OUT or FR_WAIT_FAILED. */
fr_wait fr_semaphore_try_wait(fr_semaphore* s, fr_error* err);
/* Blocks until there is a unit, until `deadline` (ns of fr_now; INT64_MAX = never) or until
 * `cancel` (may be NULL) is set. A unit that is there is taken though it is late or cancelled.
 * Signals are handled meanwhile and do not end the wait. */
fr_wait fr_semaphore_wait(fr_semaphore* s, int64_t deadline, const fr_cancel* cancel,
                          fr_error* err);

/* Units there at this moment. TRUNCATED, or CLOSED in a forked child. */
fr_status fr_semaphore_value(fr_semaphore* s, uint32_t* value, fr_error* err);
/* Frees the handle; the semaphore stays. No other call may be going on. */
void fr_semaphore_close(fr_semaphore* s);
/* Removes the name; who has it open goes on with it. NAME_INVALID, NOT_FOUND, PERMISSION,
 * NOT_A_SEMAPHORE (a directory), SYSTEM. */
fr_status fr_semaphore_unlink(const char* name, fr_error* err);

#ifdef __cplusplus
}
#endif
#endif /* FRAMERING_SEMAPHORE_H_ */
