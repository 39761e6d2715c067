// Keeps faults inside our own mappings from killing the process (I6), and turns a stray write into
// a received frame into a private copy of the touched pages (I8).
//
// One SIGSEGV and one SIGBUS handler for the process, installed with the first mapping. A fault
// that is not in a mapping of ours goes to the handler that was there before (V8 has one for
// WebAssembly).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace framering {

// What the handler may do for a mapping.
enum class RegionKind {
  kShared,   // header or control words: only SIGBUS is answered
  kPayload,  // a reader's private view of the slots: writes are answered too
};

// A guarded address range. Lives in a static table, for the handler may look at any time.
class Region {
 public:
  // nullptr when the table is full (4096 mappings of one process).
  static Region* add(void* base, size_t length, size_t slot_bytes, RegionKind kind);
  // After this the handler no longer knows the range. The range may be unmapped then.
  void remove();

  // Around a fork: the table stands still; in the child, where our mappings are not
  // (MADV_DONTFORK), zeros stand in for them.
  static void hold_all();
  static void free_all();
  static void stand_in_all();

  // The object under the mapping was truncated: zeros stand in its place.
  bool truncated() const { return truncated_.load(std::memory_order_acquire); }
  // Whether somebody wrote into the slot since the last call; clears the mark.
  bool take_dirty(uint32_t slot);
  void mark_dirty(uint32_t slot);

 private:
  friend struct FaultHandler;
  static constexpr size_t kMaskWords = 16;  // 1024 slots

  std::atomic<bool> used_{false};
  // The handler reads base_ first and the rest only when it is set: release/acquire on base_ makes
  // the rest visible.
  std::atomic<uintptr_t> base_{0};
  std::atomic<size_t> length_{0};
  std::atomic<size_t> slot_bytes_{0};
  std::atomic<bool> payload_{false};
  std::atomic<bool> truncated_{false};
  std::atomic<uint64_t> dirty_[kMaskWords] = {};
};

}  // namespace framering
