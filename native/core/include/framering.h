/* framering: a ring of frames in POSIX shared memory. C face of the native core.
 *
 *   fr_error err;
 *   fr_writer_options wo = {.directory = "/dev/shm", .name = "front", .slot_count = 8, ...};
 *   fr_writer* w = NULL;
 *   if (fr_writer_create(&wo, &w, &err) != FR_OK) { puts(err.message); return 1; }
 *   fr_loan loan;
 *   if (fr_writer_loan(w, &loan, &err) == FR_OK) {
 *     fill(loan.data, loan.capacity);
 *     fr_writer_publish(w, loan.slot, &meta, &sequence, &err);
 *   }
 *
 * Every function that can fail returns a status (FR_OK is 0) and, when it fails, fills `err` with a
 * sentence that says what to do next. No function throws, aborts or raises a signal because of what
 * stands in shared memory. A writer or reader handle is used by one thread at a time; different
 * handles are independent. Times are nanoseconds of CLOCK_MONOTONIC unless said otherwise.
 */
#ifndef FRAMERING_H_
#define FRAMERING_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FR_MAX_NAME = 128,       /* bytes of a ring's name, without the terminating zero */
  FR_MAX_SLOTS = 1000,     /* slots of one ring */
  FR_MAX_READERS = 64,     /* readers of one ring: one bit each in a slot's pin mask */
  FR_MAX_DIMS = 8,         /* dimensions of a frame */
  FR_MAX_PLANES = 4,       /* planes of a picture */
  FR_USER_WORDS = 8,       /* words of a frame that are the user's own */
  FR_LATENCY_BUCKETS = 22, /* of a reader's latencies: below 2^i us, the last one for all others */
  FR_MAX_DESCRIPTOR = 4080 /* bytes of the text kept once per epoch */
};

typedef enum fr_status {
  FR_OK = 0,
  FR_NAME_INVALID,    /* a name that is empty, too long or has other bytes than [A-Za-z0-9._-] */
  FR_NAME_IN_USE,     /* a live writer holds the name */
  FR_OPTION_INVALID,  /* a size, count or mode out of range */
  FR_FRAME_TOO_LARGE, /* more bytes than a slot holds */
  FR_NOT_ON_LOAN,     /* publish or abandon of a slot that is not on loan (e.g. published twice) */
  FR_CLOSED,          /* the handle was closed */
  FR_NOT_FOUND,       /* no ring of that name, or only the remains of a dead writer's */
  FR_NOT_A_RING,      /* the file is not a framering object, or a damaged one */
  FR_LAYOUT_VERSION,  /* written by a release with another layout */
  FR_BYTE_ORDER,      /* written on a machine of the other endianness */
  FR_WORD_SIZE,       /* written by a 32-bit process, or the reverse */
  FR_LIBC,            /* written by a process on another C library */
  FR_PERMISSION,      /* the message names uid, mode and object */
  FR_SHM_FULL,        /* `needed` and `available` are set */
  FR_MEMLOCK,         /* locking was required and refused; `needed` and `available` (limit) set */
  FR_READERS_EXHAUSTED, /* every reader entry is held by a live reader, or by a stopped writer */
  FR_LEASES_EXHAUSTED,  /* the reader holds as many leases as it asked for */
  FR_LEASE_BROKEN, /* somebody with write access cleared this reader's pin: the frame may be torn */
  FR_NOT_LEASED,   /* release of a slot this reader has no lease on */
  FR_EXISTS,       /* the name is taken already */
  FR_NOT_A_SEMAPHORE,    /* the file is no semaphore of this C library */
  FR_SEMAPHORE_OVERFLOW, /* one post more than a semaphore counts */
  FR_TRUNCATED,          /* an object was truncated underneath this process */
  FR_DEVICE_BUSY,        /* another program has the device */
  FR_DEVICE_GONE,        /* the device was unplugged */
  FR_UNSUPPORTED,        /* this kernel or file system lacks something; the message names it */
  FR_SYSTEM              /* a system call failed; `sys` is its errno */
} fr_status;

/* "NAME_IN_USE" and so on: stable, to be switched on. */
const char* fr_status_name(fr_status status);

typedef struct fr_error {
  fr_status status;
  int32_t sys;        /* errno, or 0 */
  uint64_t needed;    /* bytes, for FR_SHM_FULL and FR_MEMLOCK */
  uint64_t available; /* bytes */
  char message[512];
} fr_error;

/* ---- formats and frames ------------------------------------------------------------------ */

typedef enum fr_dtype {
  FR_BOOL = 1,
  FR_INT8,
  FR_INT16,
  FR_INT32,
  FR_INT64,
  FR_UINT8,
  FR_UINT16,
  FR_UINT32,
  FR_UINT64,
  FR_FLOAT16,
  FR_FLOAT32,
  FR_FLOAT64,
  FR_COMPLEX64,
  FR_COMPLEX128
} fr_dtype;

/* Bytes of one element, 0 for an unknown dtype. */
uint32_t fr_dtype_size(uint32_t dtype);

typedef struct fr_plane {
  uint64_t offset; /* bytes from the start of the payload */
  uint64_t stride; /* bytes from one row to the next */
} fr_plane;

/* What the bytes of a frame are. The same for all frames of one epoch. */
typedef struct fr_format {
  uint32_t dtype; /* fr_dtype */
  uint32_t ndim;  /* 0..FR_MAX_DIMS */
  uint64_t shape[FR_MAX_DIMS];
  uint32_t fourcc; /* little-endian four characters, 0 = plain array */
  uint32_t width, height;
  uint32_t plane_count; /* 0..FR_MAX_PLANES */
  fr_plane planes[FR_MAX_PLANES];
  uint8_t color_primaries, color_transfer, color_matrix,
      color_range; /* H.273 codes; range 1 = full, 2 = limited, 0 = unknown */
} fr_format;

enum { FR_CLOCK_MONOTONIC = 1, FR_CLOCK_REALTIME = 2, FR_CLOCK_TAI = 3, FR_CLOCK_SOURCE = 4 };
enum {
  FR_MOMENT_UNKNOWN = 0,
  FR_MOMENT_EXPOSURE_START = 1,
  FR_MOMENT_EXPOSURE_END = 2,
  FR_MOMENT_RECEIVED = 3
};
enum { FR_FLAG_KEY = 1, FR_FLAG_CORRUPT = 2, FR_FLAG_DISCONTINUITY = 4, FR_FLAG_END_OF_STREAM = 8 };

#define FR_NO_TIME INT64_MIN

/* What the writer says of one frame. Zero it, then set what is known. */
typedef struct fr_meta {
  int64_t capture_time;    /* ns of capture_clock; FR_NO_TIME: the publish time is taken */
  uint32_t capture_clock;  /* FR_CLOCK_*; 0 = monotonic */
  uint32_t capture_moment; /* FR_MOMENT_* */
  uint64_t
      source_sequence; /* the source's own count; 0 = none. A jump counts as lost at the source. */
  int64_t pts, duration; /* in time_base units; FR_NO_TIME = none */
  int32_t time_base_num, time_base_den;
  uint64_t bytes_used; /* <= slot capacity */
  uint32_t flags;      /* FR_FLAG_* */
  uint32_t reserved;
  uint64_t user[FR_USER_WORDS];
} fr_meta;

/* ---- writer ------------------------------------------------------------------------------- */

typedef struct fr_writer fr_writer;

enum { FR_LOCK_NONE = 0, FR_LOCK_TRY = 1, FR_LOCK_REQUIRED = 2 };
enum { FR_LOCKED_NO = 0, FR_LOCKED_PARTIAL = 1, FR_LOCKED_YES = 2 };

typedef struct fr_writer_options {
  const char* directory; /* NULL = /dev/shm */
  const char* name;
  fr_format format;
  uint64_t slot_bytes;  /* payload room of one slot; rounded up to whole pages */
  uint32_t slot_count;  /* 2..FR_MAX_SLOTS */
  uint32_t max_readers; /* 1..FR_MAX_READERS */
  /* Who may read frames: permission bits and gid of the data object, e.g. 0600, -1 = the process's
   * own group. Its bits for writing are the owner's alone, whatever `mode` says. */
  uint32_t mode;
  int64_t group;
  /* Who may join besides the owner, that is hold frames in place and be waited for: mode and gid of
   * the control object and the doorbells. 0600, 0660, or 0: as `mode` and `group` are, 0660 with
   * 0020 in `mode`. Nobody may read the one without writing it: reading is enough to take locks. */
  uint32_t control_mode;
  int64_t control_group;
  uint32_t memory_lock; /* FR_LOCK_* */
  uint64_t
      reliable_limit;     /* ns: longest a loan waits for a `reliable` reader, whatever that asks */
  const char* descriptor; /* text of the first epoch, may be NULL */
  uint32_t descriptor_bytes;
} fr_writer_options;

typedef struct fr_loan {
  uint32_t slot;
  uint8_t* data;
  uint64_t capacity;
} fr_loan;

typedef struct fr_writer_info {
  uint64_t generation;  /* of the objects; < 2^53 */
  uint64_t session;     /* of this writer's life on the ring; < 2^53 */
  uint64_t total_bytes; /* both objects */
  uint64_t slot_bytes;
  uint32_t slot_count, max_readers;
  uint32_t locked;    /* FR_LOCKED_* */
  int32_t lock_errno; /* why not */
  uint64_t locked_bytes;
} fr_writer_info;

typedef struct fr_writer_stats {
  uint64_t head;        /* last sequence consumed */
  uint64_t published;   /* frames readers could get */
  uint64_t dropped;     /* sequences without a frame: no free slot */
  uint64_t source_lost; /* jumps of the source sequence, summed */
  uint64_t abandoned;   /* loans given back unpublished */
  uint64_t bells;       /* wake-ups sent */
  uint64_t reclaimed;   /* reader entries taken back from the dead */
  uint64_t waited_ns;   /* time spent waiting for reliable readers */
  uint32_t readers;     /* entries in use */
  uint32_t lagging;     /* reliable readers not waited for */
  uint32_t epoch;
} fr_writer_stats;

/* Creates the ring, over the remains of a dead writer if there are any. The name is complete the
 * moment it exists. Fails with NAME_INVALID, NAME_IN_USE, OPTION_INVALID, PERMISSION, SHM_FULL,
 * MEMLOCK, UNSUPPORTED or SYSTEM, and then leaves nothing behind. */
fr_status fr_writer_create(const fr_writer_options* options, fr_writer** out, fr_error* err);

/* A slot to fill in place. FR_OK with loan->slot == FR_NO_SLOT when every slot is held: the caller
 * drops the frame with fr_writer_drop. Waits only for reliable readers, at most reliable_limit. */
#define FR_NO_SLOT UINT32_MAX
fr_status fr_writer_loan(fr_writer* w, fr_loan* loan, fr_error* err);
/* Fails with NOT_ON_LOAN, FRAME_TOO_LARGE (the slot stays on loan), CLOSED or TRUNCATED. */
fr_status fr_writer_publish(fr_writer* w, uint32_t slot, const fr_meta* meta, uint64_t* sequence,
                            fr_error* err);
fr_status fr_writer_abandon(fr_writer* w, uint32_t slot, fr_error* err);
/* Consumes a sequence without a frame; readers see a gap with the cause "no slot". */
fr_status fr_writer_drop(fr_writer* w, const fr_meta* meta, uint64_t* sequence, fr_error* err);
/* Loan, copy, publish. *sequence is 0 when the frame was dropped for want of a slot. */
fr_status fr_writer_write(fr_writer* w, const void* bytes, uint64_t length, const fr_meta* meta,
                          uint64_t* sequence, fr_error* err);

/* A new format from the next published frame on; the epoch rises. When the format needs more than
 * slot_bytes, `slot_bytes` greater than the present one makes new objects under the same name and
 * ends the old ones; loans must not be outstanding then (OPTION_INVALID). */
fr_status fr_writer_set_format(fr_writer* w, const fr_format* format, uint64_t slot_bytes,
                               const char* descriptor, uint32_t descriptor_bytes, fr_error* err);
void fr_writer_get_info(const fr_writer* w, fr_writer_info* info);
void fr_writer_get_stats(fr_writer* w, fr_writer_stats* stats);
/* Ends the stream cleanly: readers get what is left, then the end. Removes the names. Idempotent;
 * the handle is freed. Slots on loan are abandoned: their memory stays mapped until
 * fr_mapping_unref, see below. */
void fr_writer_close(fr_writer* w);

/* ---- reader ------------------------------------------------------------------------------- */

typedef struct fr_reader fr_reader;

enum { FR_LATEST = 1, FR_EVERY = 2, FR_RELIABLE = 3 };

/* Where a reader stands in its stream. */
typedef struct fr_position {
  uint64_t session;     /* of the ring left behind */
  uint64_t sequence;    /* last one delivered; before the first, last one passed over */
  uint64_t head;        /* last one consumed by the writer */
  uint64_t counted;     /* 1 once a frame was delivered: the two below are known from then on */
  uint64_t dropped;     /* dropped for want of a slot up to `sequence` */
  uint64_t source_lost; /* lost at the source up to `sequence` */
  uint64_t restart;     /* lost by restarts before, not told to anybody yet */
  uint64_t aged;        /* passed over for their age since `sequence` */
} fr_position;

typedef struct fr_reader_options {
  const char* directory; /* NULL = /dev/shm */
  const char* name;
  uint32_t delivery;       /* FR_LATEST, FR_EVERY, FR_RELIABLE */
  uint32_t max_leases;     /* 1..FR_MAX_SLOTS */
  uint32_t replay;         /* how many frames already published to start with; 0 = only new ones */
  uint64_t reliable_wait;  /* ns the writer may wait for this reader */
  uint64_t not_generation; /* refuse (NOT_FOUND) objects of this generation; 0 = any */
  /* 0: join the ring. Otherwise observe it, looking for news every so many ns in fr_reader_wait:
   * frames are copied, nobody knows of this reader or waits for it, it has no doorbell and cannot
   * be FR_RELIABLE. That needs no permission but to read the data object. */
  uint64_t observe;
  /* 1: the time of each lease is taken, for fr_frame.receive_time, fr_reader_get_latency and
   * whoever inspects the ring. That costs a reading of the clock a frame. */
  uint32_t timed;
  /* Carried over from a predecessor of the same session or the next; see fr_reader_position. */
  int32_t has_position;
  fr_position position;
} fr_reader_options;

#define FR_NO_ENTRY UINT32_MAX
typedef struct fr_reader_info {
  uint64_t generation, session;
  uint64_t slot_bytes;
  uint32_t slot_count; /* an observer's: its max_leases copies */
  uint32_t max_readers;
  uint32_t entry;      /* this reader's index; FR_NO_ENTRY when it only observes */
  uint32_t writer_pid; /* as the writer wrote it: to be shown, not trusted */
} fr_reader_info;

/* One leased frame. */
typedef struct fr_frame {
  uint32_t slot;
  uint32_t epoch;
  const uint8_t* data;
  uint64_t sequence;
  uint64_t bytes_used;
  int64_t publish_time; /* ns, CLOCK_MONOTONIC */
  int64_t receive_time; /* ns, CLOCK_MONOTONIC: of the lease; 0 without fr_reader_options.timed */
  int64_t capture_time; /* ns of capture_clock */
  uint32_t capture_clock, capture_moment;
  uint64_t source_sequence;
  int64_t pts, duration;
  int32_t time_base_num, time_base_den;
  uint32_t flags;
  uint32_t reserved;
  uint64_t user[FR_USER_WORDS];
  /* sequences this reader did not get since the frame before, by cause */
  uint64_t lost_no_slot, lost_overrun, lost_skipped, lost_restart;
  uint64_t lost_source; /* lost before the ring: not part of the sequence's gap */
} fr_frame;

typedef enum fr_next {
  FR_FRAME = 0, /* a frame was leased */
  FR_NONE = 1,  /* nothing new; the doorbell is armed when that was asked for */
  FR_ENDED = 2, /* the writer ended the stream and everything left was delivered */
  FR_MOVED = 3, /* the writer made a larger ring under the same name: open that */
  FR_DIED = 4,  /* the writer is dead (the kernel says so) and everything left was delivered */
  FR_FAILED = 5 /* see err */
} fr_next;

enum { FR_BELL_NONE = 0, FR_BELL_FIFO = 1, FR_BELL_SEMAPHORE = 2 };

/* Publish to lease, of the frames leased with fr_reader_options.timed. */
typedef struct fr_latency {
  uint64_t counts[FR_LATENCY_BUCKETS]; /* below 1, 2, 4 ... us; the last: 2^20 us and longer */
  uint64_t sum, longest;               /* ns */
} fr_latency;

/* Attaches and joins. Fails with NAME_INVALID, NOT_FOUND, NOT_A_RING, LAYOUT_VERSION, BYTE_ORDER,
 * WORD_SIZE, LIBC, PERMISSION, READERS_EXHAUSTED, OPTION_INVALID or SYSTEM. Joining needs
 * permission to write the control object. */
fr_status fr_reader_open(const fr_reader_options* options, fr_reader** out, fr_error* err);
/* Takes the next frame by the reader's delivery. When there is none and `arm` names a doorbell, it
 * is armed first and the ring looked at again, so that no frame between the two is slept through.
 * Frames published longer than max_age ns ago are passed over unleased (0 = any age). */
fr_next fr_reader_next(fr_reader* r, uint32_t arm, uint64_t max_age, fr_frame* frame,
                       fr_error* err);
/* Blocks on the semaphore for at most timeout ns, then as fr_reader_next without arming. Takes the
 * reader's one bell for itself: whoever sleeps by the FIFO calls fr_reader_next again afterwards.
 */
fr_next fr_reader_wait(fr_reader* r, uint64_t timeout, uint64_t max_age, fr_frame* frame,
                       fr_error* err);
/* Spins for at most timeout ns, and no longer than FR_LONGEST_POLL, until something was published
 * since the last fr_reader_next or the writer ended the ring: 1, otherwise 0. Disarms the doorbell:
 * whoever wants to be rung calls fr_reader_next with it again. Does not ask whether the writer
 * lives; that call does. */
#define FR_LONGEST_POLL 1000000 /* ns */
int fr_reader_poll(fr_reader* r, uint64_t timeout);
/* One more lease on a frame that is leased already; does not count against max_leases. */
fr_status fr_reader_retain(fr_reader* r, uint32_t slot, fr_error* err);
/* LEASE_BROKEN says that the frame may have changed under the lease; TRUNCATED that it was lost.
 * The lease is gone all the same. */
fr_status fr_reader_release(fr_reader* r, uint32_t slot, fr_error* err);
/* Format and descriptor text of a leased frame. *descriptor_bytes: room in, length out (0 = none).
 */
fr_status fr_reader_format(fr_reader* r, uint32_t slot, fr_format* format, char* descriptor,
                           uint32_t* descriptor_bytes, fr_error* err);
void fr_reader_get_info(const fr_reader* r, fr_reader_info* info);
/* Where this reader stands, to be given to its successor's options. Undelivered frames of the old
 * session count as lost_restart in the successor when the session differs. */
void fr_reader_get_position(const fr_reader* r, fr_position* position);
uint32_t fr_reader_leases(const fr_reader* r);
void fr_reader_get_latency(const fr_reader* r, fr_latency* latency);
/* This reader's FIFO; *bell is readable after a ring, *life hangs up when the writer dies.
 * Both stay the reader's. Call fr_reader_drain when the bell was readable, before fr_reader_next.
 * UNSUPPORTED for an observer. */
fr_status fr_reader_doorbell(fr_reader* r, int* bell, int* life, fr_error* err);
void fr_reader_drain(fr_reader* r);
/* 1 while the kernel says the writer's process holds the ring. */
int fr_reader_writer_alive(fr_reader* r);
/* Releases every lease, leaves the ring and frees the handle. */
void fr_reader_close(fr_reader* r);

/* ---- mappings that outlive their handle ----------------------------------------------------
 * A language runtime may keep a pointer into a slot after the handle was closed. It holds the
 * mapping meanwhile: the addresses then read as zeros (never a fault, never other data). They do so
 * for a while after the last reference, for code that still is at work there. */
typedef struct fr_mapping fr_mapping;
fr_mapping* fr_reader_mapping(fr_reader* r);
fr_mapping* fr_writer_mapping(fr_writer* w);
void fr_mapping_ref(fr_mapping* m);
void fr_mapping_unref(fr_mapping* m);

/* ---- what the dead left ---------------------------------------------------------------------
 *
 *   static void tell(void* nothing, const fr_stale* s) { puts(s->file); }
 *   fr_clean(NULL, NULL, 1, tell, NULL, &err);
 */

typedef struct fr_stale {
  char ring[FR_MAX_NAME + 1];
  char file[256];  /* in the directory that was swept */
  uint64_t bytes;  /* of memory it takes */
  int32_t removed; /* 1: removed now. 0: kept, or only looked at */
  fr_status kept;  /* why it stays: NAME_IN_USE (its writer lives), PERMISSION; FR_OK otherwise */
  char reason[512];
} fr_stale;
typedef void (*fr_clean_found)(void* context, const fr_stale* stale);

/* Removes what dead writers left in a directory (NULL = /dev/shm), and tells of every file of every
 * ring there, or of the one named (NULL = all), kept ones included. With dry_run nothing is
 * changed: `kept` is FR_OK for what would be removed. Safe beside live writers, readers and other
 * sweeps; readers of a dead writer's ring keep what they have. Fails with OPTION_INVALID when the
 * directory cannot be read. */
fr_status fr_clean(const char* directory, const char* ring, int dry_run, fr_clean_found found,
                   void* context, fr_error* err);

/* ---- odds and ends --------------------------------------------------------------------------*/

/* CLOCK_MONOTONIC, ns. */
int64_t fr_now(void);
/* Bytes both objects of such a ring take. 0 when out of range. */
uint64_t fr_ring_bytes(uint64_t slot_bytes, uint32_t slot_count, uint32_t max_readers);

#ifdef __cplusplus
}
#endif
#endif /* FRAMERING_H_ */
