/* What a name stands for: the lock among writers, remains, the four links of a generation, growth into
 * a larger one and its failure, the end, and readers that open, follow and reopen meanwhile.
 *
 * One step is one system call. A file is known by the generation it belongs to; 0 is no file.
 */
#ifndef LIVES
#define LIVES 3            /* writers' lives, over both processes */
#endif
#ifndef GROWTHS
#define GROWTHS 1
#endif
#ifndef FAILURES
#define FAILURES 1         /* links and renames that the kernel refuses */
#endif
#ifndef WRITER_KILLS
#define WRITER_KILLS 1
#endif
#ifndef READERS
#define READERS 1
#endif

#define GENERATIONS 7      /* one more than can be made */
#define INODES 8
#define FREE 0
#define NOBODY 9

#define RUNNING 0
#define ENDED 1
#define MOVED 2

/* ---- the directory ---- */
byte data_name, ctl_name;           /* framering.NAME.data, .ctl */
bool data_link[GENERATIONS], ctl_link[GENERATIONS]; /* framering.NAME@GENERATION.data, .ctl */
bool bells[GENERATIONS];            /* framering.NAME@GENERATION.bells */
byte lock_name;                     /* the file that framering.NAME.lock stands for */
/* ---- what the kernel holds for processes ---- */
byte lock_holder[INODES];           /* FREE, or the writer counted from 1 */
byte life[GENERATIONS];             /* the same, of the life lock */
bool line[GENERATIONS];             /* the write end of `life` is open */
/* ---- shared memory ---- */
byte mark[GENERATIONS];

byte next_generation = 1;
byte next_inode = 1;
byte lives = LIVES, growths = GROWTHS, failures = FAILURES, writer_kills = WRITER_KILLS;
bool dead[2];
bool inside[2];                     /* between getting the name's lock and letting it go */
bool idle[2];                       /* a writer that does nothing more, alive */
bool gone[2] = true;                 /* no process */
#define NO_MORE_WRITERS (gone[0] && gone[1] && lives == 0)
byte serving;                       /* the generation that a ring's name promises; 0 = no ring */
bool served[READERS];               /* there has been a ring ever since this reader's call began */
bool remains;                       /* a writer died since a create cleaned up */

#include "witness.h"

/* ---- where the mutants differ ---- */
#ifdef REMOVE_WITHOUT_ASKING
#define NAMED(name, g) true
#else
#define NAMED(name, g) ((name) == (g))
#endif
#define MAY_FAIL (failures > 0)

inline stop_serving() {
  serving = 0;
  k = 0;
  do
  :: k < READERS -> served[k] = false; k++
  :: else -> break
  od;
  k = 0
}

/* WriterObjects::create, Bells::create */
inline make(g) {
  atomic { g = next_generation; assert(g < GENERATIONS); next_generation++; life[g] = me + 1 };
  atomic { bells[g] = true; line[g] = true }
}

/* WriterObjects::link_names */
inline link_names(g) {
  ok = true;
  if
  :: atomic { MAY_FAIL -> failures--; ok = false; SEEN("a growth failed before it replaced a name") }
  :: ctl_link[g] = true;
    data_link[g] = true;
    atomic { ctl_link[g] = false; ctl_name = g };
    if
    :: atomic { MAY_FAIL -> failures--; ok = false; SEEN("a growth failed between its two renames") }
    :: atomic { data_link[g] = false; data_name = g; if :: serving != 0 -> serving = g :: else fi }
    fi
  fi;
  if
  :: ok -> skip
  :: !ok -> ctl_link[g] = false; data_link[g] = false
  fi
}

/* WriterObjects::remove_names */
inline remove_names(g) {
  atomic { if :: NAMED(data_name, g) -> data_name = 0 :: else fi };
  atomic { if :: NAMED(ctl_name, g) -> ctl_name = 0 :: else fi }
}

inline remove_bells(g) {
  bells[g] = false;
  line[g] = false
}

inline clean_up() {
  data_name = 0;
  ctl_name = 0;
  k = 1;
  do
  :: k < next_generation ->
    atomic {
      if :: ctl_link[k] || data_link[k] || bells[k] -> SEEN("remains of a dead writer were removed") :: else fi;
      ctl_link[k] = false; data_link[k] = false; bells[k] = false; k++
    }
  :: k >= next_generation -> break
  od;
  atomic { k = 0; remains = false }
}

proctype writer(byte me) {
  byte file, now, next, k;
  bool ok;
  do
  :: atomic { lives > 0 -> lives--; dead[me] = false; idle[me] = false; gone[me] = false };
    {
#ifdef CLEAN_UP_WITHOUT_LOCK
      clean_up();
#endif
      /* NameLock::acquire */
      do
      :: file = lock_name;
        if
        :: file != 0 -> skip
        :: file == 0 ->
          atomic { if :: lock_name == 0 -> lock_name = next_inode; next_inode++; file = lock_name :: else fi }
        fi;
        if
        :: file == 0 -> skip
        :: file != 0 ->
          if
          :: atomic { lock_holder[file] == FREE -> lock_holder[file] = me + 1 };
#ifdef NAME_NOT_ASKED_AGAIN
            break
#else
            if
            :: lock_name == file -> break
            :: atomic { lock_name != file -> SEEN("a writer locked a lock file that had lost its name") }; lock_holder[file] = FREE
            fi
#endif
          :: atomic { lock_holder[file] != FREE -> SEEN("a second writer was refused"); file = 0; goto over }
          fi
        fi
      od;
      /* Two writers of one name: never. */
      atomic { inside[me] = true; assert(!inside[1 - me]) };
#ifndef CLEAN_UP_WITHOUT_LOCK
      clean_up();
#endif
      make(now);
      link_names(now);
      if
      :: ok -> atomic { assert(data_name == now && ctl_name == now); serving = now }
      :: !ok -> remove_names(now); remove_bells(now); goto unlock
      fi;
      /* fr_writer::set_format with larger slots */
      do
      :: atomic { growths > 0 -> growths-- };
        make(next);
#ifdef MARK_BEFORE_THE_NAMES
        mark[now] = MOVED;
#endif
        ctl_link[now] = true;
        link_names(next);
        if
        :: !ok ->
          remove_names(next);
          remove_bells(next);
          /* give_ctl_back: a rename onto another name of the same file does nothing at all */
#ifndef CTL_NOT_GIVEN_BACK
          atomic {
            if
            :: ctl_name != now -> ctl_name = now; ctl_link[now] = false
            :: else
            fi
          };
#endif
#ifndef GIVEN_BACK_BY_RENAME_ALONE
          ctl_link[now] = false;
#endif
          atomic { life[next] = FREE; next = 0 }
        :: ok ->
          SEEN("a ring grew");
          ctl_link[now] = false;
          remove_names(now);
          mark[now] = MOVED;
          remove_bells(now);
          atomic { life[now] = FREE; now = next; next = 0 }
        fi
      :: true -> break
      od;
      if
      :: true -> idle[me] = true;
end_idle:
        false
      :: true -> skip
      fi;
      /* fr_writer::end, close */
      atomic { stop_serving(); if :: NAMED(data_name, now) -> data_name = 0 :: else fi };
      atomic { if :: NAMED(ctl_name, now) -> ctl_name = 0 :: else fi };
      mark[now] = ENDED;
      remove_bells(now);
unlock:
      /* NameLock::remove; the objects go after it */
      inside[me] = false;
#ifdef UNLOCK_BEFORE_UNLINK
      lock_holder[file] = FREE;
      atomic { if :: lock_name == file -> lock_name = 0 :: else fi };
#else
      atomic { if :: lock_name == file -> lock_name = 0 :: else fi };
      lock_holder[file] = FREE;
#endif
      life[now] = FREE;
over:
      skip
    } unless { dead[me] };
    atomic { file = 0; now = 0; next = 0; k = 0; ok = false; idle[me] = false; gone[me] = true }
  :: lives == 0 -> break
  od
}

inline not_found() {
  /* No ring, at some moment of the call at least. */
  assert(!served[me]);
  SEEN("an open said that there is no ring")
}

proctype reader(byte me) {
  byte data, ctl, left;
  bool again;
  do
  :: true ->
follow:
    served[me] = (serving != 0);
open:
    /* ReaderObjects::open */
    atomic { data = data_name; ctl = 0 };
    if
    :: atomic { data == 0 || data == left -> not_found(); goto closed }
    :: data != 0 && data != left -> skip
    fi;
    ctl = ctl_name;
    if
    :: atomic { ctl == 0 -> SEEN("a reader found the data object alone") };
      /* Tried again for a while: it stays so only when the writer died half way. */
      if
      :: ctl_name != 0 || data_name != data -> goto open
      :: atomic { life[data] == FREE && data_name == data && ctl_name == 0 -> not_found(); goto closed }
      fi
    :: atomic { ctl != 0 && ctl != data -> SEEN("a reader found two generations under one name") };
#ifndef GENERATIONS_NOT_COMPARED
      if
      :: life[data] != FREE -> ctl_name != ctl || data_name != data || life[data] == FREE; goto open
      :: life[data] == FREE ->
#ifdef DEATH_BELIEVED_AT_ONCE
        atomic { SEEN("a reader found what a writer left that died between its renames"); not_found(); goto closed }
#else
        if
        :: atomic { data_name == data -> SEEN("a reader found what a writer left that died between its renames"); not_found(); goto closed }
        :: atomic { data_name != data -> SEEN("the ring grew, or its writer started again, while a reader opened it"); goto open }
        fi
#endif
      fi
#else
      skip
#endif
    :: ctl == data -> skip
    fi;
    /* fr_reader::open: writer_alive */
    if
    :: life[data] != FREE -> skip
    :: life[data] == FREE ->
#ifdef DEATH_BELIEVED_AT_ONCE
      atomic { not_found(); goto closed }
#else
      if
      :: atomic { data_name == data -> not_found(); goto closed }
      :: atomic { data_name != data -> SEEN("the ring grew, or its writer started again, while a reader opened it"); goto open }
      fi
#endif
    fi;
    /* join: reopen_ctl */
    if
    :: ctl_name == ctl -> skip
    :: ctl_name != ctl -> goto open
    fi;
    /* BellFds::open: the directory and `life`, whether it hangs, the bell */
    if
    :: bells[data] -> skip
    :: !bells[data] -> goto open
    fi;
    if
    :: line[data] -> skip
    :: !line[data] -> goto open
    fi;
    if
    :: bells[data] -> skip
    :: !bells[data] -> goto open
    fi;
    /* Everything this reader holds is of one generation. */
    atomic { assert(data == ctl); if :: left != 0 -> SEEN("a reader attached to the generation after its own") :: else fi };
end_attached:
    if
    :: mark[data] != RUNNING || !line[data]
    fi;
    /* fr_reader::next at the end: the mark before the hang-up, so no mark is a death. */
    atomic {
      if
      :: mark[data] == RUNNING -> assert(life[data] == FREE); SEEN("an attached reader learned of the death")
      :: mark[data] == ENDED -> SEEN("an attached reader learned of the end")
      :: mark[data] == MOVED -> SEEN("a reader was sent on to the next generation")
      fi;
      left = data;
      if :: mark[data] == MOVED -> goto follow :: else fi
    }
closed:
    atomic {
      data = 0; ctl = 0; served[me] = false;
      if
      :: true -> skip
      :: left == 0 || mark[left] == ENDED || life[left] == FREE -> break
      fi
    };
    /* Nothing new to find: an event on the name wakes whoever waits for it. */
end_watching:
    (data_name != 0 && data_name != left) || (NO_MORE_WRITERS);
    if
    :: NO_MORE_WRITERS -> break
    :: data_name != 0 && data_name != left -> skip
    fi
  od
}

inline kill(w) {
  dead[w] = true; remains = true; idle[w] = false; inside[w] = false; writer_kills--;
  k = 1;
  do
  :: k < GENERATIONS ->
    if
    :: life[k] == w + 1 ->
      life[k] = FREE; line[k] = false;
      if :: mark[k] != RUNNING -> SEEN("a writer died after the mark of its end") :: else fi;
      if :: serving == k -> serving = 0 :: else fi
    :: else
    fi;
    k++
  :: else -> break
  od;
  k = 0;
  do
  :: k < INODES -> if :: lock_holder[k] == w + 1 -> lock_holder[k] = FREE :: else fi; k++
  :: else -> break
  od;
  if :: serving == 0 -> stop_serving() :: else fi;
  k = 0
}

proctype killer() {
  byte k;
end_killer:
  do
  :: atomic { writer_kills > 0 && !dead[0] && !gone[0] -> kill(0) }
  :: atomic { writer_kills > 0 && !dead[1] && !gone[1] -> kill(1) }
  :: atomic { writer_kills > 0 -> writer_kills = 0 }
  :: atomic { timeout ->
       /* The name is free for whoever comes next, unless its writer lives. */
       assert(lock_name == 0 || lock_holder[lock_name] == FREE || idle[lock_holder[lock_name] - 1]);
       /* A ring that is served can be opened. */
       assert(serving == 0 || (data_name == serving && ctl_name == serving && bells[serving] && line[serving]));
       /* And nothing else is left, unless a death left it: the next create removes that. */
       k = 1;
       do
       :: k < GENERATIONS ->
         assert(remains || (!ctl_link[k] && !data_link[k] && (!bells[k] || k == serving)));
         k++
       :: else -> break
       od;
       assert(remains || serving != 0 || (data_name == 0 && ctl_name == 0));
       if :: !remains && serving == 0 -> SEEN("all writers were through and nothing was left") :: else fi;
       break
     }
  od
}

init {
  byte k;
  atomic {
    run writer(0);
    run writer(1);
    do
    :: k < READERS -> run reader(k); k++
    :: else -> break
    od;
    run killer()
  }
}
