// The two shared objects of a ring, byte for byte. The only place where they are defined.
//
// DATA object, `framering.<name>.data`. Written by the writer alone, mapped read-only by readers.
//
//   offset          bytes              written   what
//   0               4096               once      DataHeader: identity and geometry
//   4096            4096               writer    LiveState: cursors, state, counters
//   8192            8 x index_count    writer    order index: sequence -> slot
//   frames_offset   512 x slot_count   writer    FrameHeader of each slot
//   texts_offset    4096 x 4           writer    EpochText: one per epoch, the last four
//   moments_offset  16 x 1024          writer    Moment: when each of the last sequences was
//   holders_offset  64 x max_readers   writer    Holder: who held slots when frames were dropped
//   payload_offset  slot_bytes x slots writer    payload, page-aligned
//
// CTL object, `framering.<name>.ctl`. Written by readers and the writer; nobody trusts it.
//
//   offset          bytes              written   what
//   0               4096               both      CtlHeader: identity, reader masks, writer's bell
//   4096            64 x slot_count    both      PinWord of each slot: one bit per reader entry
//   entries_offset  512 x max_readers  both      ReaderEntry
//
// Locks (open-file-description locks, so the kernel drops them with the process):
//   ctl, byte i                   held by the process that owns reader entry i
//   data, byte DataHeader::life   held by the writer for its life
//   lock file, byte 0             held by the writer: excludes other writers of the name
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "../include/framering.h"
#include "semaphore.h"

namespace framering {

inline constexpr uint64_t kPage = 4096;
inline constexpr uint64_t kLine = 64;

inline constexpr char kDataMagic[8] = {'F', 'R', 'A', 'M', 'E', 'R', 'N', 'G'};
inline constexpr char kCtlMagic[8] = {'F', 'R', 'A', 'M', 'E', 'C', 'T', 'L'};
inline constexpr uint32_t kByteOrder = 0x01020304;
inline constexpr uint32_t kByteOrderSwapped = 0x04030201;
inline constexpr uint16_t kLayoutVersion = 1;
// The oldest release of the layout whose readers understand these objects.
inline constexpr uint16_t kLayoutOldest = 1;
inline constexpr uint8_t kLibcGlibc = 1;

// Every shared word that two processes touch must be lock-free: a lock inside std::atomic would be
// private to one process.
static_assert(std::atomic<uint64_t>::is_always_lock_free);
static_assert(std::atomic<uint32_t>::is_always_lock_free);
using Word = std::atomic<uint64_t>;
using Half = std::atomic<uint32_t>;

// ---- what both headers start with -------------------------------------------------------------

struct Identity {        //  offset  width
  char magic[8];         //  0       8
  uint32_t byte_order;   //  8       4     kByteOrder as the writer's machine stores it
  uint16_t version;      //  12      2
  uint16_t oldest;       //  14      2
  uint8_t word_bits;     //  16      1     64
  uint8_t libc;          //  17      1     kLibcGlibc: nothing else was tested against
  uint16_t spare;        //  18      2
  uint32_t slot_count;   //  20      4
  uint32_t max_readers;  //  24      4
  uint32_t index_count;  //  28      4     a power of two
  uint64_t generation;   //  32      8     the same in both objects; < 2^53
  uint64_t slot_bytes;   //  40      8     whole pages
};
static_assert(sizeof(Identity) == 48);

// ---- data object ------------------------------------------------------------------------------

struct DataHeader {     //  offset  width  written once, before the name exists
  Identity id;          //  0       48
  uint64_t session;     //  48      8
  uint64_t life;        //  56      8      byte whose lock shows that the writer lives
  uint32_t writer_pid;  //  64      4      to be shown, never trusted
  uint32_t writer_uid;  //  68      4
  int64_t created;      //  72      8      ns, CLOCK_REALTIME
};
static_assert(sizeof(DataHeader) == 80);

enum class RingState : uint32_t { kRunning = 1, kEnded = 2, kMoved = 3 };

struct LiveState {             //  offset  width  written by the writer
  alignas(kLine) Word latest;  //  0       8      index entry of the newest frame
  Word head;                   //  8       8      last sequence consumed, frame or not
  Half state;                  //  16      4      RingState
  Half epoch;                  //  20      4
  Half cleanings;              //  24      4      odd while the writer may lock a reader's entry
  // For onlookers. What was dropped follows from cursors: see fr_inspection::cursors.
  alignas(kLine) Word first_head;  //  64   8   head before this generation's first sequence, and
  Word first_dropped;              //  72   8   what was dropped up to there
  Word source_lost;                //  80   8
  Word abandoned;                  //  88   8
  Word bells;                      //  96   8
  Word reclaimed;                  //  104  8
  Word waited;                     //  112  8   ns
  Word locked_bytes;               //  120  8
  alignas(kLine) Word told;        //  128  8   last sequence whose Moment stands
};
static_assert(sizeof(LiveState) == 192);
static_assert(offsetof(LiveState, cleanings) == 24 && offsetof(LiveState, first_head) == 64);

// Order index entry: sequence << 10 | slot, in one word so that the pair cannot tear.
inline constexpr uint32_t kSlotBits = 10;
inline constexpr uint32_t kNoSlot = (1u << kSlotBits) - 1;  // no slot at all
static_assert(FR_MAX_SLOTS < kNoSlot);
// Exact as a double, and far below what an index entry has room for.
inline constexpr uint64_t kMaxSequence = (1ull << 53) - 1;
inline constexpr uint64_t index_entry(uint64_t sequence, uint32_t slot) {
  return sequence << kSlotBits | slot;
}
inline constexpr uint64_t index_sequence(uint64_t entry) { return entry >> kSlotBits; }
inline constexpr uint32_t index_slot(uint64_t entry) {
  return static_cast<uint32_t>(entry & kNoSlot);
}

// FrameHeader::state: the sequence of the frame in the slot, with two marks.
//   sequence                 complete, may be leased
//   sequence | kProbing      the writer is about to look whether anybody holds it; may come back
//   kOwned                   the writer owns the slot: what stood there is gone
//   0                        never used
inline constexpr uint64_t kProbing = 1ull << 63;
inline constexpr uint64_t kOwned = 1ull << 62;

struct FrameHeader {           //  offset  width  written by the writer
  Word state;                  //  0       8
  uint64_t sequence;           //  8       8
  uint64_t source_sequence;    //  16      8
  int64_t publish_time;        //  24      8      ns, CLOCK_MONOTONIC
  int64_t capture_time;        //  32      8      ns of capture_clock
  uint32_t capture_clock;      //  40      4
  uint32_t capture_moment;     //  44      4
  int64_t pts;                 //  48      8
  int64_t duration;            //  56      8
  int32_t time_base_num;       //  64      4
  int32_t time_base_den;       //  68      4
  uint64_t bytes_used;         //  72      8
  uint64_t dropped_total;      //  80      8      sequences dropped for want of a slot, up to here
  uint64_t source_lost_total;  //  88      8      lost at the source, up to here
  uint32_t epoch;              //  96      4
  uint32_t flags;              //  100     4
  uint32_t dtype;              //  104     4
  uint32_t ndim;               //  108     4
  uint64_t shape[8];           //  112     64
  uint32_t fourcc;             //  176     4
  uint32_t width;              //  180     4
  uint32_t height;             //  184     4
  uint32_t plane_count;        //  188     4
  fr_plane planes[4];          //  192     64
  uint8_t color[4];            //  256     4      primaries, transfer, matrix, range
  uint8_t reserved[4];         //  260     4
  uint64_t user[8];            //  264     64
  uint8_t spare[184];          //  328     184
};
static_assert(sizeof(FrameHeader) == 512);
static_assert(offsetof(FrameHeader, shape) == 112 && offsetof(FrameHeader, planes) == 192);
static_assert(offsetof(FrameHeader, user) == 264);

inline constexpr uint32_t kTexts = 4;
struct EpochText {  //  offset  width  written by the writer before the epoch's first frame
  Half epoch;       //  0       4      0 while it is being written
  Half bytes;       //  4       4
  Word spare;       //  8       8
  Word text[FR_MAX_DESCRIPTOR / 8];  //  16
};
static_assert(sizeof(EpochText) == kPage);

// When a sequence was consumed, by frame or drop. At index sequence % kMoments, before the head
// says so: valid for the sequences from head + 2 - kMoments to head.
inline constexpr uint32_t kMoments = 1024;
struct Moment {  //  offset  width  written by the writer
  Word time;     //  0       8      ns, CLOCK_MONOTONIC; | kDroppedMoment: no frame
  Word capture;  //  8       8      ns of the capture clock << 2 | clock - 1
};
static_assert(sizeof(Moment) == 16);
inline constexpr uint64_t kDroppedMoment = 1ull << 63;

// What a reader's leases have cost, for onlookers. Written by the writer when it drops a frame.
struct alignas(kLine) Holder {  //  offset  width
  Word joins;                   //  0       8      of the entry: another number is another reader
  Word drops;                   //  8       8      frames dropped while it held slots
  Word slots;                   //  16      8      most slots it held then
  Word longest;                 //  24      8      ns it had held one by then, at the longest
  Word slot;                    //  32      8      that one
  Word sequence;                //  40      8      and the frame in it
  Word last;                    //  48      8      ns, CLOCK_MONOTONIC: the last such drop
};
static_assert(sizeof(Holder) == kLine);

// ---- ctl object -------------------------------------------------------------------------------

struct CtlHeader {             //  offset  width  written by
  Identity id;                 //  0       48     once
  alignas(kLine) Word active;  //  64      8      readers: entries worth ringing. A hint: a reader
                               //                 that lives but is missing here is found by sweep
  Word reliable;               //  72      8      readers: entries the writer waits for
  alignas(kLine) Half writer_waiting;    //  128  4   writer sets, a releasing reader clears
  alignas(kLine) Semaphore writer_bell;  //  192  4  posted by the reader that cleared the above
};
static_assert(sizeof(CtlHeader) == 256);
static_assert(offsetof(CtlHeader, active) == 64 && offsetof(CtlHeader, writer_waiting) == 128);
static_assert(offsetof(CtlHeader, writer_bell) == 192);

// A cache line each: readers of different slots do not collide.
inline constexpr uint32_t kLeaseTimes = 7;
struct alignas(kLine) PinWord {  //  offset  width
  Word readers;                  //  0       8      bit i: reader entry i holds the slot
  Word since[kLeaseTimes];  //  8       56     at i % 7: ns of its lease << 6 | i. For onlookers
};
static_assert(sizeof(PinWord) == kLine);

// What a reader lost, in all, up to the frame `at`. There are two of them in turn: the one with the
// greater `at` that is not beyond ReaderEntry::delivered holds, so a kill between the words changes
// nothing.
struct alignas(kLine) LossTotals {  //  offset  width  written by the reader
  Word at;                          //  0       8      sequence; 0 = in the making
  Word no_slot;                     //  8       8
  Word overrun;                     //  16      8
  Word skipped;                     //  24      8
  Word restart;                     //  32      8      before `joined_at`
  Word source;                      //  40      8      before the ring
};
static_assert(sizeof(LossTotals) == kLine);

// Publish to lease, as far as the reader takes the time.
struct LatencyTotals {              //  offset  width  written by the reader
  Word sum;                         //  0       8      ns
  Word longest;                     //  8       8      ns
  Word counts[FR_LATENCY_BUCKETS];  //  16      176    below 2^i us; in the last, everything else
};
static_assert(sizeof(LatencyTotals) == 192);

struct alignas(kLine) ReaderEntry {  //  offset  width  written by
  alignas(kLine) Half bell;    //  0       4      reader arms (FR_BELL_*), whoever rings clears
  alignas(kLine) Word cursor;  //  64    8      reader: last sequence looked at
  Half delivery;               //  72    4      reader: FR_LATEST ..., 0 = entry not in use
  Half pid;                    //  76    4      reader: to be shown, never trusted
  Word reliable_wait;          //  80    8      reader: ns it asks the writer to wait
  Word joined_at;              //  88    8      reader: first sequence counted
  Word delivered;              //  96    8      reader: last sequence leased
  Word max_leases;             //  104   8      reader
  Word joins;                  //  112  8  reader: rises with each owner of the entry
  alignas(kLine) Semaphore semaphore;  //  128  4  posted by the writer when bell was
                                       //          FR_BELL_SEMAPHORE
  char comm[16];                       //  132  16  reader: to be shown, never trusted
  LossTotals losses[2];                //  192  128 reader
  LatencyTotals latency;               //  320  192 reader
};
static_assert(sizeof(ReaderEntry) == 512);
static_assert(offsetof(ReaderEntry, cursor) == 64 && offsetof(ReaderEntry, semaphore) == 128);
static_assert(offsetof(ReaderEntry, losses) == 192 && offsetof(ReaderEntry, latency) == 320);

// ---- geometry ---------------------------------------------------------------------------------

// Offsets that follow from the four numbers of Identity. Computed on both sides, never read.
struct Geometry {
  uint32_t slot_count = 0, max_readers = 0, index_count = 0;
  uint64_t slot_bytes = 0;
  uint64_t index_offset = 0, frames_offset = 0, texts_offset = 0, moments_offset = 0;
  uint64_t holders_offset = 0, payload_offset = 0;
  uint64_t data_bytes = 0;
  uint64_t entries_offset = 0, ctl_bytes = 0;

  // False when a number is out of range or the sum overflows.
  static bool compute(uint64_t slot_bytes, uint32_t slot_count, uint32_t max_readers,
                      Geometry* out);
};

}  // namespace framering
