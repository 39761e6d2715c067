/* Who may touch a slot: joining, leasing, releasing, leaving, lending, publishing, dropping, and what
 * the dead leave behind. One generation of a ring; docs/model.md says which line each step stands for.
 *
 * A step is one access to a shared word. `killer` may stop any process between any two steps; what the
 * kernel does then (dropping its locks) is part of the kill.
 */
#ifndef SLOTS
#define SLOTS 3
#endif
#ifndef LAST_SEQUENCE
#define LAST_SEQUENCE 4
#endif
#ifndef INDEX
#define INDEX 4
#endif
#ifndef DROPS
#define DROPS 1
#endif
#ifndef ABANDONS
#define ABANDONS 1
#endif
#ifndef READER_KILLS
#define READER_KILLS 1
#endif
#ifndef WRITER_KILLS
#define WRITER_KILLS 1
#endif
#ifndef REOPENS
#define REOPENS 1
#endif
#ifndef LEAVES
#define LEAVES 1
#endif
#ifndef SWEEPS
#define SWEEPS 1
#endif

#define READERS 2
#define ENTRIES 2
#define WRITER READERS
#define PROBING 64
#define OWNED 128
#define NONE 255
#define FREE 0
#define BIT(e) (1 << (e))

/* ---- shared words ---- */
byte state[SLOTS];
byte pins[SLOTS];
byte latest;
byte latest_slot;
byte index_sequence[INDEX];
byte index_slot[INDEX];
byte roll;            /* one bit per entry */
bool in_use[ENTRIES];   /* ReaderEntry::delivery != 0 */
byte entry_lock[ENTRIES]; /* FREE, or the process that holds the byte, counted from 1 */
byte front[SLOTS];      /* the two halves of a payload: the sequence of the frame they belong to */
byte back[SLOTS];

/* ---- what nobody but the checks looks at ---- */
bool dead[READERS + 1];
bool resting[READERS];  /* attached, no lease, takes nothing more */
bool gone[READERS];     /* no process */
byte leased[READERS];   /* NONE, or the slot this live reader holds */
byte kills = READER_KILLS;
byte reopens = REOPENS;
byte leaves = LEAVES;
bool over;              /* the writer publishes nothing more */

#define LEASED_BY_NOBODY(s) (leased[0] != (s) && leased[1] != (s))

#include "witness.h"

/* ---- where the mutants differ ---- */

#ifdef WRITER_KEEPS_PINS
#define CLEAR_PIN(k, entry) skip
#else
#define CLEAR_PIN(k, entry) pins[k] = pins[k] & ~BIT(entry)
#endif
#if defined(COMPARE_BY_ORDER)
#define SAME_FRAME(seen, want) ((seen) >= (want) && (seen) < PROBING)
#elif defined(COMPARE_IGNORES_PROBE)
#define SAME_FRAME(seen, want) (((seen) & ~PROBING) == (want))
#elif defined(COMPARE_NOTHING)
#define SAME_FRAME(seen, want) ((seen) != OWNED)
#else
#define SAME_FRAME(seen, want) ((seen) == (want))
#endif
#ifdef REUSE_NEWEST
#define IS_NEWEST(held) false
#else
#define IS_NEWEST(held) ((held) != 0 && (held) == mine)
#endif

#ifdef FORGET_TO_UNDO
#define UNDO_PROBE(s) skip
#else
#define UNDO_PROBE(s) state[s] = age[s]
#endif
#ifdef STATE_AFTER_INDEX
#define PUBLISHED_FIRST(q) OWNED
#else
#define PUBLISHED_FIRST(q) q
#endif

/* ---- a reader ---- */

proctype reader(byte me; bool every) {
  byte e, s, slot, cursor, last, want, seen;
  do
  :: true ->
    {
      /* fr_reader::join, try_entry */
      do
      :: atomic { entry_lock[e] == FREE -> entry_lock[e] = me + 1; break }
      :: atomic { entry_lock[e] != FREE ->
           if :: entry_lock[e] == WRITER + 1 -> SEEN("a reader found its entry held by the writer that cleaned it") :: else fi;
           e = (e + 1) % ENTRIES }
      od;
#ifndef JOIN_KEEPS_PINS
      do
      :: atomic { s < SLOTS ->
           if :: (pins[s] & BIT(e)) -> SEEN("a reader that joined cleared a pin of the entry's dead owner") :: else fi;
           pins[s] = pins[s] & ~BIT(e); s++ }
      :: atomic { s == SLOTS -> s = 0; break }
      od;
#endif
      roll = roll & ~BIT(e);
      atomic { cursor = latest; if :: every && cursor > 1 -> cursor = cursor - 2 :: else fi };
      in_use[e] = true;
      roll = roll | BIT(e);
      do
      :: atomic { latest > cursor || over ->
           /* fr_reader::take: where to look */
           last = latest;
           if
           :: last <= cursor -> break
           :: last > cursor && !every -> want = last; slot = latest_slot; goto pin
           :: last > cursor && every ->
             want = cursor + 1;
             if :: last - want >= INDEX -> want = last - INDEX + 1 :: else fi
           fi
         };
search:
        atomic {
          if
          :: index_sequence[want % INDEX] == want -> slot = index_slot[want % INDEX]
          :: else -> slot = NONE
          fi;
          if :: slot == NONE -> goto missed :: else fi
        };
pin:
        /* fr_reader::lease */
#ifdef READER_LOOKS_FIRST
        seen = state[slot];
#define SEEN_STATE seen
#else
#define SEEN_STATE state[slot]
#endif
        pins[slot] = pins[slot] | BIT(e);
look:
        if
        :: atomic { SAME_FRAME(SEEN_STATE, want) ->
             leased[me] = slot; seen = 0;
             if :: dead[WRITER] -> SEEN("a reader leased a frame of a dead writer") :: else fi;
             if :: want > SLOTS -> SEEN("a frame in a slot used before was leased") :: else fi;
             if :: want > INDEX -> SEEN("a frame in a place of the index used before was leased") :: else fi;
             goto held }
        :: atomic { !SAME_FRAME(SEEN_STATE, want) && state[slot] == (want | PROBING) ->
             SEEN("a reader met the mark on the frame it wanted") };
          goto look
        :: atomic { !SAME_FRAME(SEEN_STATE, want) ->
             seen = 0;
             if :: state[slot] == OWNED && dead[WRITER] -> SEEN("a reader met a slot whose writer died before publishing") :: else fi;
             SEEN("a reader pinned a slot whose frame was gone") }
        fi;
        atomic { pins[slot] = pins[slot] & ~BIT(e); slot = NONE };
missed:
        atomic {
          slot = 0;
          if :: want < last -> SEEN("an every reader went past a frame that was gone"); want++; goto search :: else fi;
          /* Not found: then the writer went on, for it never takes the newest slot. For a reader of
           * every frame, a newer one may have its place in the index and not be announced yet. */
          assert(latest != last || (every && index_sequence[want % INDEX] > want && index_slot[want % INDEX] != NONE));
          want = 0;
          /* The bound on the looks: a writer that died just there will not go on. */
          if
          :: dead[WRITER] && latest == last -> SEEN("a writer died with the next frame in the index but not announced, in the place of the newest"); break
          :: else -> last = 0; goto again
          fi
        };
held:
        /* I1: what is read under the lease is the frame that was wanted, all of it. */
        atomic { assert(front[slot] == want); cursor = want; last = 0 };
        assert(back[slot] == want);
        /* fr_reader::release. I2: the frame is still there, and so is the hold. */
        assert((state[slot] & ~PROBING) == want);
        atomic {
          assert((pins[slot] & BIT(e)) != 0);
          leased[me] = NONE;
          pins[slot] = pins[slot] & ~BIT(e);
          slot = 0; want = 0
        };
again:
        skip
      :: atomic { leaves > 0 && !over -> leaves--; goto leave }
      od;
      atomic { cursor = 0; last = 0; resting[me] = true };
end_resting:
      false;
leave:
      /* fr_reader::leave */
      atomic { cursor = 0; roll = roll & ~BIT(e) };
      do
      :: atomic { s < SLOTS -> pins[s] = pins[s] & ~BIT(e); s++ }
      :: atomic { s == SLOTS -> s = 0; break }
      od;
      in_use[e] = false;
      entry_lock[e] = FREE
    } unless { dead[me] };
    atomic {
      e = 0; s = 0; slot = 0; cursor = 0; last = 0; want = 0; seen = 0;
      if
      :: reopens > 0 && !over -> reopens--; dead[me] = false
      :: true -> gone[me] = true; break
      fi
    }
  od
}

/* ---- the writer ---- */

byte order[SLOTS];  /* SlotAges: slots not on loan, oldest first */
byte age[SLOTS];
byte count;

/* Inside atomic. */
inline take_from_order(position) {
  order_at = position;
  do
  :: order_at + 1 < count -> order[order_at] = order[order_at + 1]; order_at++
  :: else -> break
  od;
  count--;
  order[count] = 0;
  order_at = 0
}

/* ReaderRoll::reclaim_one */
inline reclaim(entry) {
  if
  :: atomic { entry_lock[entry] == FREE -> entry_lock[entry] = WRITER + 1 };
#ifdef UNLOCK_BEFORE_CLEAR
    atomic { SEEN("the writer cleared a pin of a dead reader"); entry_lock[entry] = FREE };
#endif
    k = 0;
    do
    :: atomic { k < SLOTS -> if :: (pins[k] & BIT(entry)) -> SEEN("the writer cleared a pin of a dead reader") :: else fi; CLEAR_PIN(k, entry); k++ }
    :: k == SLOTS -> break
    od;
    atomic { k = 0; roll = roll & ~BIT(entry) };
    in_use[entry] = false;
#ifndef UNLOCK_BEFORE_CLEAR
    entry_lock[entry] = FREE;
#endif
    any = true
  :: entry_lock[entry] != FREE -> skip
  fi
}

proctype writer() {
  byte i, k, s, slot, holders, seen, head, mine, order_at, drops, abandons, sweeps, taken;
  bool any, again, audit;
  {
    do
    :: (!audit && head < LAST_SEQUENCE) || audit ->
      /* A mark that was taken back leaves the frame to be had. */
      atomic {
        do
        :: i < count -> assert(state[order[i]] == age[order[i]]); i++
        :: else -> break
        od;
        i = 0; again = false
      };
      /* fr_writer::acquire, try_acquire */
      do
      :: true ->
        atomic { holders = 0; slot = NONE };
        do
        :: atomic { i < count ->
             s = order[i];
             /* The newest frame is never reused. */
             if
             :: IS_NEWEST(age[s]) -> i++; goto next_slot
             :: else ->
               /* The relaxed look that spares a held slot the mark. */
               if :: pins[s] != 0 -> holders = holders | pins[s]; i++; goto next_slot :: else fi
             fi
           };
#ifdef WRITER_LOOKS_FIRST
          seen = pins[s];
          state[s] = age[s] | PROBING;
#else
          state[s] = age[s] | PROBING;
          seen = pins[s];
#endif
          if
          :: atomic { seen != 0 -> SEEN("the writer met a pin after its mark and took the mark back"); UNDO_PROBE(s); holders = holders | seen; i++; seen = 0 }
          :: atomic { seen == 0 ->
               slot = s; state[s] = OWNED; age[s] = 0;
               take_from_order(i);
               break }
          fi;
next_slot:
          skip
        :: i >= count -> break
        od;
        atomic { i = 0; s = 0 };
        if
        :: slot != NONE || again -> break
        :: slot == NONE && !again ->
          any = false;
          do
          :: i < ENTRIES && (holders & BIT(i)) -> reclaim(i); i++
          :: i < ENTRIES && !(holders & BIT(i)) -> i++
          :: i == ENTRIES -> break
          od;
          atomic { i = 0; holders = 0; again = true };
          if
          :: any -> any = false
          :: !any -> break
          fi
        fi
      od;
      atomic { holders = 0; again = false; any = false };
      if
      :: audit ->
        if
        :: slot != NONE -> atomic { taken++; slot = 0 }
        :: slot == NONE ->
          /* I4: with nothing leased every slot but the newest can be had, whoever died before. */
          atomic {
            assert(taken >= SLOTS - (mine != 0));
            SEEN("all slots but the newest were had at the end");
            slot = 0; taken = 0; i = 0
          };
          break
        fi
      :: !audit ->
        if
        :: slot == NONE -> SEEN("every slot was held: the frame was dropped")
        :: slot != NONE ->
          /* I1: what the writer fills is in nobody's hands. */
          atomic { assert(LEASED_BY_NOBODY(slot)); front[slot] = head + 1 };
          atomic { assert(LEASED_BY_NOBODY(slot)); back[slot] = head + 1 };
          if
          :: abandons < ABANDONS ->
            /* fr_writer::abandon */
            atomic {
              state[slot] = 0;
              order_at = count;
              do
              :: order_at > 0 -> order[order_at] = order[order_at - 1]; order_at--
              :: else -> break
              od;
              order[0] = slot; age[slot] = 0; count++; abandons++; slot = 0
            };
            goto next
          :: true ->
            /* fr_writer::publish */
            atomic { head++; state[slot] = PUBLISHED_FIRST(head) };
            atomic { index_sequence[head % INDEX] = head; index_slot[head % INDEX] = slot };
#ifdef STATE_AFTER_INDEX
            atomic { latest = head; latest_slot = slot };
            state[slot] = head;
            atomic { mine = head; age[slot] = head; order[count] = slot; count++; slot = 0 };
#else
            atomic { latest = head; latest_slot = slot; mine = head; age[slot] = head; order[count] = slot; count++; slot = 0 };
#endif
            goto sweep
          fi
        fi;
        /* fr_writer::drop */
        atomic { slot = 0; head++; drops++ };
#ifdef DROP_TAKES_AN_INDEX_PLACE
        atomic { index_sequence[head % INDEX] = head; index_slot[head % INDEX] = NONE };
#endif
sweep:
        /* ReaderRoll::sweep, at any time or never */
        if
        :: sweeps < SWEEPS ->
          atomic { sweeps++; i = 0 };
          do
          :: i < ENTRIES && entry_lock[i] == FREE && ((roll & BIT(i)) || in_use[i]) -> reclaim(i); i++
          :: i < ENTRIES && !(entry_lock[i] == FREE && ((roll & BIT(i)) || in_use[i])) -> i++
          :: i == ENTRIES -> break
          od;
          atomic { i = 0; any = false }
        :: true -> skip
        fi;
next:
        skip
      fi
    :: atomic { !audit && drops < DROPS && mine != 0 && head < LAST_SEQUENCE ->
        head++; drops++ };
#ifdef DROP_TAKES_AN_INDEX_PLACE
      atomic { index_sequence[head % INDEX] = head; index_slot[head % INDEX] = NONE }
#else
      skip
#endif
    :: atomic { !audit && head >= LAST_SEQUENCE && !over -> over = true };
      /* What remains once nothing moves: everybody rests, or is dead or gone. */
      atomic { (resting[0] || dead[0] || gone[0]) && (resting[1] || dead[1] || gone[1]) -> audit = true; kills = 0 }
    od;
    /* The sweep finds every entry of the dead. */
    do
    :: i < ENTRIES && entry_lock[i] == FREE && ((roll & BIT(i)) || in_use[i]) -> reclaim(i); i++
    :: i < ENTRIES && !(entry_lock[i] == FREE && ((roll & BIT(i)) || in_use[i])) -> i++
    :: i == ENTRIES -> break
    od;
    atomic {
      i = 0;
      do
      :: i < ENTRIES ->
        assert(entry_lock[i] != FREE || (!(roll & BIT(i)) && !in_use[i]));
        k = 0;
        do
        :: k < SLOTS -> assert(entry_lock[i] != FREE || !(pins[k] & BIT(i))); k++
        :: else -> break
        od;
        i++
      :: else -> break
      od
    }
  } unless { dead[WRITER] }
}

/* ---- SIGKILL ---- */

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
  :: atomic { kills > 0 && !dead[0] && !gone[0] -> kills--; dead[0] = true; resting[0] = false; leased[0] = NONE; drop_locks(0) }
  :: atomic { kills > 0 && !dead[1] && !gone[1] -> kills--; dead[1] = true; resting[1] = false; leased[1] = NONE; drop_locks(1) }
  :: atomic { !struck -> struck = true; dead[WRITER] = true; over = true; drop_locks(WRITER) }
  od
}

init {
  byte i;
  atomic {
    leased[0] = NONE;
    leased[1] = NONE;
    do
    :: i < SLOTS -> order[i] = i; i++
    :: else -> break
    od;
    count = SLOTS;
    i = 0
  };
  atomic {
    run writer();
    run reader(0, false);
    run reader(1, true);
    run killer()
  }
}
