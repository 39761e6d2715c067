/* framering: what goes on in a ring, seen from outside. C face of the native core.
 *
 *   fr_inspection* i = NULL;
 *   fr_ring_facts ring;
 *   if (fr_inspection_open(NULL, "front", &i, &err) != FR_OK) { puts(err.message); return 1; }
 *   fr_inspection_ring(i, &ring);
 *   printf("%llu frames, %llu dropped\n", ring.published, ring.dropped);
 *   fr_inspection_close(i);
 *
 * Nothing here joins, leases, locks or writes: neither the writer nor a reader can tell. What a
 * dead writer left can be looked at as well. A handle stands for one generation of a ring and is
 * used by one thread at a time. Nothing is believed: figures that contradict each other are
 * clipped, but what a reader says of itself (all of fr_reader_facts but `alive`, `leases` and
 * `held_*`) is its word, or that of whoever may write the control object. Conventions as in
 * framering.h.
 */
#ifndef FRAMERING_INSPECT_H_
#define FRAMERING_INSPECT_H_

#include "framering.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fr_inspection fr_inspection;

/* Needs permission to read the data object; to know of readers, the control object as well. Fails
 * with NAME_INVALID, NOT_FOUND, NOT_A_RING, LAYOUT_VERSION, BYTE_ORDER, WORD_SIZE, LIBC, PERMISSION
 * or SYSTEM. */
fr_status fr_inspection_open(const char* directory, const char* name, fr_inspection** out,
                             fr_error* err);
void fr_inspection_close(fr_inspection* i);

enum { FR_RING_RUNNING = 1, FR_RING_ENDED = 2, FR_RING_MOVED = 3 };

typedef struct fr_object_facts {
  uint32_t known; /* 0: it may not be read, or is gone */
  uint32_t mode, uid, gid;
  uint64_t bytes;
} fr_object_facts;

typedef struct fr_ring_facts {
  uint64_t generation, session;
  int64_t created;                 /* ns, CLOCK_REALTIME */
  uint32_t layout;                 /* version */
  uint32_t writer_pid, writer_uid; /* as the writer wrote them: to be shown, not trusted */
  uint32_t writer_alive;           /* the kernel's word */
  uint32_t named;                  /* its name still stands for this generation */
  uint32_t truncated;              /* somebody cut an object off: nothing else here is true */
  uint32_t state;                  /* FR_RING_* */
  uint32_t epoch;
  uint32_t slot_count, max_readers;
  uint64_t slot_bytes, locked_bytes;
  fr_object_facts data, control;
  uint64_t head;   /* last sequence consumed */
  uint64_t latest; /* of the newest frame, 0 = none in this generation */
  /* Of this session, from cursors: published + dropped == head, whenever the writer was killed. */
  uint64_t published, dropped;
  uint64_t source_lost, abandoned, bells, reclaimed, waited_ns;
} fr_ring_facts;
void fr_inspection_ring(fr_inspection* i, fr_ring_facts* facts);

/* The format of the newest frame, or of the first one to come, and the text of its epoch.
 * *descriptor_bytes: room in, length out. NOT_A_RING when it is damaged. */
fr_status fr_inspection_format(fr_inspection* i, fr_format* format, char* descriptor,
                               uint32_t* descriptor_bytes, fr_error* err);

typedef struct fr_reader_facts {
  uint32_t entry;
  uint32_t alive;    /* the kernel's word: its process holds the entry */
  uint32_t delivery; /* FR_LATEST, ...; 0 = it left */
  uint32_t pid;
  char comm[16];  /* not to be printed as it is: any bytes, and a zero */
  uint64_t joins; /* how often the entry had another owner: another number is another reader */
  uint64_t max_leases, reliable_wait;
  uint64_t joined_at; /* first sequence counted */
  uint64_t cursor;    /* last one looked at */
  uint64_t delivered; /* last one leased */
  /* received + lost_no_slot + lost_overrun + lost_skipped == delivered - joined_at + 1 while
   * delivered >= joined_at, whenever the reader was killed; `unread` more are to come or to be told
   * of. */
  uint64_t received, unread;
  uint64_t lost_no_slot, lost_overrun, lost_skipped;
  uint64_t lost_restart, lost_source; /* before joined_at; before the ring */
  fr_latency latency;
  uint32_t leases;  /* slots it holds now */
  uint32_t waiting; /* FR_BELL_*: what it sleeps by */
  /* Frames the writer dropped while this reader held slots. */
  uint64_t held_drops;
  uint64_t held_slots;               /* most slots it held then */
  uint64_t held_longest;             /* ns it had held one by then, at the longest */
  uint64_t held_slot, held_sequence; /* that one */
  int64_t held_last;                 /* ns, CLOCK_MONOTONIC: the last such drop, 0 = none */
} fr_reader_facts;
/* Of entry 0..max_readers-1. 0: nobody ever had it, or the control object may not be read. A reader
 * that left or died is told of until its entry has another owner. */
int fr_inspection_reader(fr_inspection* i, uint32_t entry, fr_reader_facts* facts);

enum { FR_SLOT_EMPTY = 0, FR_SLOT_FRAME = 1, FR_SLOT_WRITING = 2 };

typedef struct fr_slot_facts {
  uint32_t state;       /* FR_SLOT_* */
  uint64_t sequence;    /* of the frame, 0 = none */
  int64_t publish_time; /* ns, CLOCK_MONOTONIC */
  uint64_t readers;     /* bit i: entry i holds it; 0 where the control object may not be read */
} fr_slot_facts;
/* 0: there is no such slot. */
int fr_inspection_slot(fr_inspection* i, uint32_t slot, fr_slot_facts* facts);
/* ns that a reader has held a slot: from its lease where it takes times, from the frame's
 * publication otherwise. 0 when it does not hold it. */
uint64_t fr_inspection_held(fr_inspection* i, uint32_t slot, uint32_t entry);

/* When a sequence was consumed. */
typedef struct fr_moment {
  uint64_t sequence;
  int64_t time;         /* ns, CLOCK_MONOTONIC */
  int64_t capture_time; /* ns of capture_clock; `time` when the writer gave none */
  uint32_t capture_clock;
  uint32_t dropped; /* 1: there was no free slot, and no frame */
} fr_moment;
enum { FR_MOMENTS = 1023 }; /* that are known at any time */
/* Moments of the sequences after `after`, in order, at most `room`; those too old are left out.
 * Returns how many. */
uint32_t fr_inspection_moments(fr_inspection* i, uint64_t after, fr_moment* out, uint32_t room);

/* The header of a frame that still is in its slot; frame->data is NULL and what was lost before it
 * is unknown. NOT_FOUND when it is not there (any more), NOT_A_RING when its format is damaged. */
fr_status fr_inspection_frame(fr_inspection* i, uint64_t sequence, fr_frame* frame,
                              fr_format* format, fr_error* err);

#ifdef __cplusplus
}
#endif
#endif /* FRAMERING_INSPECT_H_ */
