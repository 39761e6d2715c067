/* Who is woken: arming, ringing, draining, sleeping, the mark and the hang-up at the end of a writer,
 * and entries that pass from one reader to the next with a bell half rung.
 *
 * Frames are only numbers here: what it takes to hold one stands in lease.pml. Nothing that merely makes
 * good for a lost ring is modelled: no sweep, no time-out. Whoever sleeps on here would sleep for ever.
 */
#ifndef FRAMES
#define FRAMES 2
#endif
#ifndef READER_KILLS
#define READER_KILLS 1
#endif
#ifndef WRITER_KILLS
#define WRITER_KILLS 1
#endif
#ifndef POLLS
#define POLLS 0
#endif
#ifndef FIRST
#define FIRST LOOP
#endif
#ifndef SECOND
#define SECOND THREAD
#endif

#define READERS 2
#define ENTRIES 2
#define WRITER READERS
#define FREE 0
#define BIT(e) (1 << (e))

/* How a reader sleeps: in its event loop, in waitSync, or with a promise to its event loop outstanding
 * while it calls waitSync and tryNext. */
#define LOOP 1
#define THREAD 2
#define BOTH 3

#define RUNNING 1
#define ENDED 2
#define MOVED 3
#define DIED 4

#define QUIET 0
#define FIFO 1
#define SEMAPHORE 2

byte latest;
byte state = RUNNING;
byte roll;                 /* CtlHeader::active */
byte bell[ENTRIES];
bool fifo[ENTRIES];        /* unread bytes */
bool semaphore[ENTRIES];   /* posted */
bool line = true;          /* the writer's end of `life` is open */
byte entry_lock[ENTRIES];

bool dead[READERS + 1];
bool gone[READERS];
byte asleep[READERS];      /* 0, or 1 + the entry whose bell the reader sleeps by */
byte seen[READERS];        /* cursor */
byte kills = READER_KILLS;
byte reopens = 1;
bool half;                 /* the writer took a bell and has not rung it */
byte polls;                /* looks ahead of a frame, of all readers */
byte lent;                 /* one `tryNext` or `waitSync` beside a promise */

#include "witness.h"

/* ---- where the mutants differ ---- */
#ifdef LIFE_NOT_ASKED
#define HUNG_UP skip
#else
#define HUNG_UP if :: !line -> marked = true :: else fi
#endif
#ifdef LIFE_NOT_POLLED
#define LINE_DOWN false
#else
#define LINE_DOWN !line
#endif
#ifdef LIFE_NOT_WATCHED
#define POSTED_BY_THE_WATCH false
#else
#define POSTED_BY_THE_WATCH !line
#endif

/* One look: fr_reader::take with nothing in the way. Always inside atomic: it is one load. */
inline take() {
  if
  :: latest > seen[me] -> seen[me] = latest; found = true
  :: else
  fi
}

/* Inside atomic: the end was seen, and there was nothing left to take. */
inline over() {
  if
  :: state == RUNNING ->
    /* A death is told only of the dead. */
    assert(dead[WRITER]); SEEN("a reader was told of the death")
  :: state == ENDED -> SEEN("a reader came to the end")
  :: state == MOVED -> SEEN("a reader was sent to the larger ring")
  fi;
  if :: state != RUNNING && dead[WRITER] -> SEEN("a writer died after its mark: the end counts") :: else fi;
  /* Nothing that was announced is left behind. */
  assert(seen[me] == latest)
}

/* fr_reader::next with a bell: leaves by `again` with a frame, by `leave` at the end. */
inline next(kind) {
#ifdef ARM_AFTER_LOOK
  atomic { take() };
  atomic { bell[e] = kind; if :: found -> goto found_armed :: else fi };
#else
  bell[e] = kind;
  atomic { take(); if :: found -> SEEN("the look after the arming found a frame"); goto found_armed :: else fi };
#endif
  /* is_over: the mark, then the life line */
  atomic { marked = (state != RUNNING) };
  if
  :: marked -> skip
  :: atomic { !marked -> HUNG_UP }
  fi;
  if
  :: atomic { marked ->
       marked = false;
#ifndef NO_LAST_LOOK
       take();
#endif
       if :: found -> SEEN("the look after the end found one more frame"); goto found_armed :: else fi };
    atomic { over(); goto leave }
  :: !marked -> skip
  fi
}

proctype reader(byte me; byte how) {
  byte e;
  bool found, marked;
  do
  :: true ->
    {
      /* try_entry: what stood there is the dead owner's */
      do
      :: atomic { entry_lock[e] == FREE -> entry_lock[e] = me + 1; break }
      :: atomic { entry_lock[e] != FREE -> e = (e + 1) % ENTRIES }
      od;
      atomic { roll = roll & ~BIT(e); if :: bell[e] != QUIET -> SEEN("an entry was taken over with its bell armed") :: else fi };
      bell[e] = QUIET;
      semaphore[e] = false;
      seen[me] = latest;
#ifndef ACTIVE_AFTER_SLEEP
      roll = roll | BIT(e);
#endif
      /* BellFds::open finds no directory, or a line that hangs: the reader looks for another
       * generation, see names.pml. */
      atomic { if :: !line -> goto leave :: else fi };
again:
      atomic { found = false; take(); if :: found -> goto again :: else fi };
      if
      :: how != THREAD -> next(FIFO)
      :: how == THREAD -> next(SEMAPHORE)
      fi;
      if
      :: how == THREAD ->
        asleep[me] = e + 1;
end_asleep_in_wait:
        if
        :: atomic { semaphore[e] -> asleep[me] = 0; SEEN("a thread slept and was posted"); semaphore[e] = false }
        :: atomic { POSTED_BY_THE_WATCH -> asleep[me] = 0 }
        fi;
        goto again
      :: how == BOTH && lent < 2 -> lent++; goto promised
      :: how != THREAD && polls < POLLS -> polls++; goto ahead
      :: how != THREAD -> skip
      fi;
sleep:
      asleep[me] = e + 1;
#ifdef ACTIVE_AFTER_SLEEP
      roll = roll | BIT(e);
#endif
end_asleep_in_the_loop:
      /* uv_poll on both descriptors */
      atomic { fifo[e] || LINE_DOWN ->
        asleep[me] = 0;
        if :: fifo[e] -> SEEN("an event loop slept and was rung") :: else -> SEEN("an event loop slept and woke by the hang-up") fi;
        if :: lent > 0 && fifo[e] -> SEEN("an event loop was rung after a waitSync of the same reader") :: else fi
      };
#ifdef DRAIN_AFTER_LOOK
      atomic { found = false; take() };
      if
      :: !found -> next(FIFO)
      :: found -> skip
      fi;
      fifo[e] = false;
      goto sleep;
#endif
      fifo[e] = false;
      goto again;

found_armed:
      atomic { bell[e] = QUIET; goto again };

ahead:
      /* fr_reader::poll: takes the bell away, and looks until there is news or its time is over. */
      bell[e] = QUIET;
      if
      :: atomic { latest > seen[me] -> SEEN("a poll saw a frame") }
      :: atomic { state != RUNNING -> SEEN("a poll saw the end") }
      :: true -> SEEN("a poll saw nothing");
#ifdef POLL_LEAVES_THE_BELL
        goto sleep
#endif
      fi;
      /* Intake.#lookAhead: arms it again, and looks. */
      goto again;

promised:
      /* fr_reader::wait while the event loop was promised a ring: takes the bell for itself and
       * comes back after a frame, a post or the time. */
      atomic { take(); if :: found -> goto waited :: else fi };
      bell[e] = SEMAPHORE;
      atomic { take(); if :: found -> goto disarm :: else fi };
      if
      :: atomic { semaphore[e] -> semaphore[e] = false }
      :: true -> skip /* the caller's time is over */
      fi;
      atomic { take(); if :: !found -> goto waited :: else fi };
disarm:
      bell[e] = QUIET;
waited:
#ifdef PROMISE_REARMED_WITHOUT_LOOK
      atomic { bell[e] = FIFO; found = false; goto sleep };
#elif defined(PROMISE_FORGOTTEN)
      atomic { found = false; goto sleep };
#else
      /* Intake.waitSync: the event loop looks again, and arms for itself. */
      goto again;
#endif
leave:
      atomic { found = false; roll = roll & ~BIT(e) };
      bell[e] = QUIET;
      entry_lock[e] = FREE
    } unless { dead[me] };
    atomic {
      e = 0; found = false; marked = false; seen[me] = 0; gone[me] = true;
      if
      :: reopens > 0 && dead[me] -> reopens--; gone[me] = false; dead[me] = false
      :: true -> break
      fi
    }
  od
}

/* ReaderRoll::ring */
inline ring(i, kind) {
  if
  :: kind == FIFO -> fifo[i] = true
  :: kind == SEMAPHORE -> semaphore[i] = true
  :: kind == QUIET -> skip
  fi
}

proctype writer() {
  byte i, bits, kind, frames, how;
  {
    do
    :: frames < FRAMES && i == 0 ->
      frames++;
#ifndef RING_BEFORE_STORE
      latest = frames;
#endif
      /* ReaderRoll::ring_armed */
      bits = roll;
      do
      :: i < ENTRIES && !(bits & BIT(i)) -> i++
      :: i < ENTRIES && (bits & BIT(i)) ->
        kind = bell[i];
        if
        :: kind == QUIET -> SEEN("a bell was not armed")
        :: kind != QUIET ->
#ifdef CLEAR_AFTER_RING
          ring(i, kind);
          bell[i] = QUIET;
#else
          atomic { kind = bell[i]; bell[i] = QUIET; half = true };
          if
          :: entry_lock[i] == FREE -> SEEN("a bell of a dead reader was rung")
          :: else
          fi;
          ring(i, kind);
          half = false;
#endif
          kind = QUIET
        fi;
        i++
      :: i == ENTRIES -> break
      od;
#ifdef RING_BEFORE_STORE
      latest = frames;
#endif
      atomic { bits = 0; i = 0; kind = 0 }
    :: i == 0 -> goto rest
    :: i < ENTRIES && entry_lock[i] == FREE && (roll & BIT(i)) ->
      /* ReaderRoll::reclaim_one of what a dead reader left */
#ifdef RECLAIM_WITHOUT_LOCK
      if
      :: entry_lock[i] == FREE -> skip;
#else
      if
      :: atomic { entry_lock[i] == FREE -> entry_lock[i] = WRITER + 1 };
#endif
        roll = roll & ~BIT(i);
        bell[i] = QUIET;
#ifndef RECLAIM_WITHOUT_LOCK
        entry_lock[i] = FREE
#endif
      :: entry_lock[i] != FREE -> skip
      fi;
      i = 0
    :: atomic { i == 0 && entry_lock[1] == FREE && (roll & BIT(1)) -> i = 1 }
    :: i == 0 -> break
    :: atomic { i == 1 && !(entry_lock[1] == FREE && (roll & BIT(1))) -> i = 0 }
    od;
    /* fr_writer::end */
    if
    :: how = ENDED
    :: how = MOVED
    fi;
#ifdef HANG_UP_BEFORE_MARK
    line = false;
#endif
#ifndef NO_MARK
    state = how;
#endif
#ifndef SILENT_END
    do
    :: i < ENTRIES && entry_lock[i] == FREE -> i++
    :: i < ENTRIES && entry_lock[i] != FREE ->
      bell[i] = QUIET;
      fifo[i] = true;
      semaphore[i] = true;
      i++
    :: i == ENTRIES -> break
    od;
#endif
#ifndef SILENT_END
    line = false;
#endif
    atomic { how = 0; i = 0 }
rest:
    skip
  } unless { dead[WRITER] }
}

inline drop_locks(process) {
  k = 0;
  do
  :: k < ENTRIES -> if :: entry_lock[k] == process + 1 -> entry_lock[k] = FREE :: else fi; k++
  :: else -> break
  od;
  k = 0
}

proctype killer() {
  byte k;
  bool struck = (WRITER_KILLS == 0);
end_killer:
  do
  :: atomic { kills > 0 && !dead[0] && !gone[0] -> kills--; dead[0] = true; asleep[0] = 0; drop_locks(0) }
  :: atomic { kills > 0 && !dead[1] && !gone[1] -> kills--; dead[1] = true; asleep[1] = 0; drop_locks(1) }
  :: atomic { !struck -> struck = true; dead[WRITER] = true; drop_locks(WRITER);
       line = false;
       if :: half -> SEEN("the writer died between taking a bell and ringing it") :: else fi }
  :: atomic { kills > 0 || !struck -> kills = 0; struck = true }
  /* Nothing can move any more: whoever sleeps has seen everything, and the writer goes on. */
  :: atomic { timeout ->
       assert(asleep[0] == 0 || (seen[0] == latest && state == RUNNING && !dead[WRITER]));
       assert(asleep[1] == 0 || (seen[1] == latest && state == RUNNING && !dead[WRITER]));
       break }
  od
}

init {
  atomic {
    run writer();
    run reader(0, FIRST);
    run reader(1, SECOND);
    run killer()
  }
}
