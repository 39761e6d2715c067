/* Who wakes the writer: it waits in loan() for reliable readers that hold a slot or have not come to a
 * frame, and they post when they let go. Whoever dies posts nothing, be it with its pins or between
 * taking the flag and the post: for that the writer sleeps in slices. Here they end only once a reader is
 * dead, so that nothing else leans on the clock. The bound on the wait (I3) is left out: it would only hide a lost post.
 */
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef READER_KILLS
#define READER_KILLS 1
#endif

#define READERS 2
#define FREE 0
#define BIT(e) (1 << (e))

byte pins;                 /* of the slot the writer wants */
byte cursor[READERS];      /* how many rounds each reader has come past */
byte reliable = 3;         /* CtlHeader::reliable */
bool waiting;              /* CtlHeader::writer_waiting */
bool posted;               /* CtlHeader::writer_bell */
bool locked[READERS] = true;

bool dead[READERS];
byte rounds;               /* loans the writer got */
bool asleep;

#include "witness.h"

/* ---- where the mutants differ ---- */
#ifdef NO_SLICES
#define SLICE_OVER false
#else
#define SLICE_OVER (dead[0] || dead[1])
#endif

inline wake_writer() {
  if
  :: !waiting -> skip
  :: waiting ->
    atomic { woke = waiting; waiting = false };
    if
    :: woke -> atomic { if :: asleep -> SEEN("a sleeping writer was posted") :: else fi; posted = true }
    :: !woke -> SEEN("another reader took the post over")
    fi;
    woke = false
  fi
}

proctype reader(byte me) {
  bool woke;
  {
    do
    :: cursor[me] < ROUNDS ->
      /* A frame of this round: leased and let go, or passed over unleased. */
      cursor[me] < rounds + 1;
      if
      :: true ->
        pins = pins | BIT(me);
        cursor[me] = cursor[me] + 1;
        wake_writer();
#ifdef POST_BEFORE_FREE
        wake_writer();
        pins = pins & ~BIT(me)
#else
        pins = pins & ~BIT(me);
        wake_writer()
#endif
      :: true ->
        cursor[me] = cursor[me] + 1;
#ifndef CURSOR_WAKES_NOBODY
        wake_writer()
#endif
      fi
    :: true ->
      /* fr_reader::leave */
      reliable = reliable & ~BIT(me);
      pins = pins & ~BIT(me);
      wake_writer();
      locked[me] = false;
      break
    od
  } unless { dead[me] }
}

/* fr_writer::try_acquire as far as readers are in its way: ReaderRoll::behind, then the pin word. */
inline try_acquire() {
  atomic { i = 0; holders = 0; bits = reliable };
  do
  :: atomic { i < READERS && (bits & BIT(i)) ->
       if :: cursor[i] < rounds + 1 -> holders = holders | BIT(i) :: else fi; i++ }
  :: i < READERS && !(bits & BIT(i)) -> i++
  :: atomic { i == READERS -> i = 0; bits = 0; break }
  od;
  if
  :: holders != 0 -> skip
  :: holders == 0 -> holders = pins
  fi
}

proctype writer() {
  byte i, bits, holders;
  do
  :: rounds < ROUNDS ->
    do
    :: true ->
#ifdef LOOK_BEFORE_ARM
      try_acquire();
      waiting = true;
#else
      /* ReaderRoll::arm_release_bell */
      waiting = true;
      try_acquire();
#endif
      if
      :: holders == 0 -> break
      :: holders != 0 -> asleep = true
      fi;
end_waiting:
      /* ReaderRoll::wait_for_release */
      if
      :: atomic { posted -> posted = false; asleep = false }
      :: atomic { SLICE_OVER -> asleep = false; SEEN("a slice of the wait was over after a death") }
      fi;
      /* ReaderRoll::reclaim */
      do
      :: i < READERS && (holders & BIT(i)) && !locked[i] ->
#ifndef DEAD_NOT_RECLAIMED
        pins = pins & ~BIT(i);
        atomic { reliable = reliable & ~BIT(i); SEEN("a dead reader was taken off the roll") };
#endif
        i++
      :: i < READERS && !((holders & BIT(i)) && !locked[i]) -> i++
      :: atomic { i == READERS -> i = 0; break }
      od
    od;
    waiting = false;
    rounds++
  :: rounds == ROUNDS -> break
  od
}
proctype killer() {
  byte kills = READER_KILLS;
end_killer:
  do
  :: atomic { kills > 0 && !dead[0] && locked[0] -> kills--; dead[0] = true; locked[0] = false }
  :: atomic { kills > 0 && !dead[1] && locked[1] -> kills--; dead[1] = true; locked[1] = false }
  :: atomic { kills > 0 -> kills = 0 }
  /* Nothing can move any more: then the writer got all its loans, or waits for a frame's reader that
   * lives and has not come to it. Both readers come to every frame, so it got them all. */
  :: atomic { timeout -> assert(rounds == ROUNDS); break }
  od
}

init {
  atomic {
    run writer();
    run reader(0);
    run reader(1);
    run killer()
  }
}
