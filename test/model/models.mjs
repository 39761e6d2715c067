// What `npm run model` checks: the bounds of each run, and the faults that must be found.
//
// `runs` are exhaustive within their bounds. `quick` bounds are for every push; a run without them is
// only made in full, and so is a mutant that is `slow` to be found. A mutant is one deliberate fault, compiled in by a macro of its own name.

export const models = [
  {
    name: 'lease',
    about:
      'who may touch a slot: lease, loan, publish, join, leave, and what the dead leave behind',
    defaults: {
      DROPS: 0,
      ABANDONS: 0,
      LEAVES: 0,
      SWEEPS: 0,
      REOPENS: 0,
      READER_KILLS: 0,
      WRITER_KILLS: 0,
    },
    runs: [
      {
        name: 'a reader dies at any step, and comes again',
        bounds: { READER_KILLS: 1, REOPENS: 1 },
        quick: { READER_KILLS: 1, REOPENS: 1, LAST_SEQUENCE: 3 },
      },
      {
        name: 'the writer dies at any step',
        bounds: { WRITER_KILLS: 1 },
        quick: { WRITER_KILLS: 1, LAST_SEQUENCE: 3 },
      },
      {
        name: 'a reader and the writer die at any step',
        bounds: { READER_KILLS: 1, WRITER_KILLS: 1 },
      },
      {
        name: 'two deaths of readers, both come again',
        bounds: { READER_KILLS: 2, REOPENS: 2, LAST_SEQUENCE: 3 },
      },
      {
        name: 'leaving, coming again, dropping, abandoning, sweeping',
        bounds: { LEAVES: 1, REOPENS: 1, DROPS: 1, ABANDONS: 1, SWEEPS: 1 },
      },
      {
        name: 'sweeps beside deaths',
        bounds: { READER_KILLS: 1, REOPENS: 1, SWEEPS: 1, LAST_SEQUENCE: 3 },
      },
      {
        name: 'drops enough to go once round the index, two slots, the writer dies',
        bounds: { SLOTS: 2, DROPS: 4, LAST_SEQUENCE: 6, WRITER_KILLS: 1 },
      },
    ],
    mutants: [
      {
        define: 'WRITER_LOOKS_FIRST',
        says: 'the writer looks at the pins before it marks the slot (check before mark)',
      },
      {
        define: 'READER_LOOKS_FIRST',
        says: 'the reader compares the sequence before it pins the slot',
      },
      {
        define: 'UNLOCK_BEFORE_CLEAR',
        slow: true,
        bounds: { READER_KILLS: 1, REOPENS: 1 },
        says: "a dead reader's entry is freed before its pins are cleared (clear after free)",
      },
      {
        define: 'WRITER_KEEPS_PINS',
        bounds: { READER_KILLS: 1 },
        says: 'the writer frees the entry of a dead reader and leaves its pins',
      },
      {
        define: 'JOIN_KEEPS_PINS',
        slow: true,
        bounds: { READER_KILLS: 1, REOPENS: 1 },
        says: 'a reader takes an entry over and leaves the pins of its dead owner',
      },
      {
        define: 'COMPARE_BY_ORDER',
        says: 'the reader takes a frame at least as new as the wanted one (>= for ==)',
      },
      {
        define: 'COMPARE_NOTHING',
        says: 'the reader takes whatever the slot holds unless the writer owns it',
      },
      {
        define: 'COMPARE_IGNORES_PROBE',
        says: 'the reader takes a frame although the writer has marked its slot',
      },
      {
        define: 'REUSE_NEWEST',
        says: 'the writer may reuse the slot of the newest frame',
      },
      {
        define: 'FORGET_TO_UNDO',
        says: 'the writer leaves its mark on a slot that turned out to be held',
      },
      {
        define: 'STATE_AFTER_INDEX',
        says: 'a frame is announced before its slot says that it is complete',
      },
      {
        define: 'DROP_TAKES_AN_INDEX_PLACE',
        slow: true,
        bounds: { SLOTS: 2, DROPS: 4, LAST_SEQUENCE: 5 },
        says: 'a drop writes its sequence into the index, over the newest frame when the index has come round',
      },
    ],
  },
  {
    name: 'wake',
    about:
      'who is woken: arming, ringing, sleeping, the mark and the hang-up, entries that change hands',
    defaults: { FRAMES: 1, READER_KILLS: 0, WRITER_KILLS: 0, FIRST: 'LOOP', SECOND: 'THREAD' },
    runs: [
      {
        name: 'an event loop and a thread; a reader and the writer die at any step',
        bounds: { READER_KILLS: 1, WRITER_KILLS: 1 },
        quick: { WRITER_KILLS: 1 },
      },
      {
        name: 'the same with two frames; the writer dies at any step',
        bounds: { FRAMES: 2, WRITER_KILLS: 1 },
      },
      { name: 'two event loops, three frames', bounds: { FRAMES: 3, SECOND: 'LOOP' } },
      {
        name: 'an event loop whose reader calls waitSync meanwhile',
        bounds: { FRAMES: 2, FIRST: 'BOTH', SECOND: 'LOOP' },
        quick: { FRAMES: 1, FIRST: 'BOTH', SECOND: 'LOOP' },
      },
      {
        name: 'the same with one frame; a reader dies at any step',
        bounds: { FRAMES: 1, FIRST: 'BOTH', SECOND: 'LOOP', READER_KILLS: 1 },
      },
      {
        name: 'an event loop that polls ahead of its frames, and a thread; the writer dies at any step',
        bounds: { FRAMES: 2, POLLS: 1, WRITER_KILLS: 1 },
        quick: { FRAMES: 1, POLLS: 1 },
      },
    ],
    mutants: [
      { define: 'ARM_AFTER_LOOK', says: 'the reader arms its bell after the second look' },
      {
        define: 'DRAIN_AFTER_LOOK',
        bounds: { FRAMES: 2 },
        says: 'the event loop drains the bell after it looked, and with it a ring that came meanwhile',
      },
      { define: 'RING_BEFORE_STORE', says: 'the writer rings before the sequence is visible' },
      {
        define: 'CLEAR_AFTER_RING',
        bounds: { FRAMES: 2 },
        says: 'the writer rings first and clears the bell afterwards, over a new arming',
      },
      { define: 'NO_MARK', says: 'a writer ends without a mark: its end is taken for a death' },
      { define: 'HANG_UP_BEFORE_MARK', says: 'a writer hangs up before it marks the end' },
      {
        define: 'SILENT_END',
        says: 'a writer that ends or moves rings nobody and does not hang up',
      },
      {
        define: 'NO_LAST_LOOK',
        says: 'a reader that meets the end does not look once more for what came just before',
      },
      {
        define: 'LIFE_NOT_POLLED',
        slow: true,
        bounds: { WRITER_KILLS: 1 },
        says: 'an event loop polls its bell alone: nothing rings when the writer is killed',
      },
      {
        define: 'LIFE_NOT_WATCHED',
        slow: true,
        bounds: { WRITER_KILLS: 1 },
        says: 'nobody watches the life line for a thread in waitSync: nothing posts when the writer is killed',
      },
      {
        define: 'POLL_LEAVES_THE_BELL',
        bounds: { SECOND: 'LOOP', POLLS: 1 },
        says: 'a reader that polled in vain sleeps although its bell is not armed any more',
      },
      { define: 'ACTIVE_AFTER_SLEEP', says: 'a reader is put on the roll after its bell is armed' },
      {
        define: 'RECLAIM_WITHOUT_LOCK',
        slow: true,
        bounds: { READER_KILLS: 1 },
        says: 'the writer cleans an entry without its lock, and the bell of its next owner with it',
      },
      {
        define: 'PROMISE_REARMED_WITHOUT_LOOK',
        bounds: { FRAMES: 2, FIRST: 'BOTH' },
        says: 'waitSync arms the bell of a sleeping event loop again and nobody looks after that',
      },
      {
        define: 'PROMISE_FORGOTTEN',
        bounds: { FRAMES: 2, FIRST: 'BOTH' },
        says: 'waitSync takes the bell from a sleeping event loop and does not give it back',
      },
    ],
  },
  {
    name: 'release',
    about: 'who wakes the writer: a writer that waits for reliable readers',
    defaults: {},
    runs: [
      {
        name: 'two reliable readers, one dies at any step',
        bounds: {},
        quick: { ROUNDS: 1 },
      },
    ],
    mutants: [
      {
        define: 'LOOK_BEFORE_ARM',
        says: 'the writer looks for a slot before it asks to be posted',
      },
      {
        define: 'POST_BEFORE_FREE',
        says: 'a reader looks whether the writer waits before it lets go',
      },
      {
        define: 'CURSOR_WAKES_NOBODY',
        says: 'a reader that moves on without a lease wakes nobody',
      },
      { define: 'NO_SLICES', says: 'the writer sleeps without slices: the dead post nothing' },
    ],
  },
  {
    name: 'names',
    about:
      'what a name stands for: lock, remains, links of a generation, growth, following, reopening',
    defaults: { LIVES: 2, GROWTHS: 0, FAILURES: 0, WRITER_KILLS: 0 },
    runs: [
      {
        name: 'two writers, one dies at any system call, the other starts over its remains',
        bounds: { LIVES: 3, WRITER_KILLS: 1 },
        quick: { LIVES: 2, WRITER_KILLS: 1 },
      },
      {
        name: 'growth, failing or not, and a death at any system call of it',
        bounds: { LIVES: 2, GROWTHS: 1, FAILURES: 1, WRITER_KILLS: 1 },
      },
      {
        name: 'two growths, one of which fails',
        bounds: { LIVES: 2, GROWTHS: 2, FAILURES: 1 },
        quick: { LIVES: 1, GROWTHS: 2, FAILURES: 1 },
      },
      { name: 'three lives without a death', bounds: { LIVES: 3 } },
    ],
    mutants: [
      {
        define: 'NAME_NOT_ASKED_AGAIN',
        bounds: { LIVES: 3 },
        says: 'a writer does not ask whether the lock file it locked still has its name',
      },
      {
        define: 'UNLOCK_BEFORE_UNLINK',
        bounds: { LIVES: 3 },
        says: 'a writer lets the lock go before it removes the lock file',
      },
      {
        define: 'CLEAN_UP_WITHOUT_LOCK',
        says: 'remains are removed before the name is locked',
      },
      {
        define: 'REMOVE_WITHOUT_ASKING',
        bounds: { LIVES: 1, GROWTHS: 1 },
        says: 'a writer removes the names without asking whether they are its own still',
      },
      {
        define: 'GENERATIONS_NOT_COMPARED',
        bounds: { GROWTHS: 1, LIVES: 1 },
        says: 'a reader takes two objects without comparing their generations',
      },
      {
        define: 'MARK_BEFORE_THE_NAMES',
        bounds: { GROWTHS: 1, LIVES: 1 },
        says: 'the old generation is marked moved before the new one has its names',
      },
      {
        define: 'CTL_NOT_GIVEN_BACK',
        bounds: { GROWTHS: 1, FAILURES: 1, LIVES: 1 },
        says: 'a growth that fails half way leaves the ring without its control object',
      },
      {
        define: 'GIVEN_BACK_BY_RENAME_ALONE',
        bounds: { GROWTHS: 1, FAILURES: 1, LIVES: 1 },
        says: 'a growth that fails early leaves the second name of the control object: rename does nothing',
      },
      {
        define: 'DEATH_BELIEVED_AT_ONCE',
        bounds: { GROWTHS: 1, LIVES: 1 },
        says: 'a reader takes a generation that was replaced while it opened it for that of a dead writer',
      },
    ],
  },
]
