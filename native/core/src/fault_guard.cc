#include "fault_guard.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

namespace framering {
namespace {

constexpr size_t kRegions = 4096;
Region g_regions[kRegions];
// Entries at and above this index were never used.
std::atomic<size_t> g_high{0};
std::mutex g_add;
struct sigaction g_old_segv, g_old_bus;

}  // namespace

struct FaultHandler {
  // Everything here runs in a signal handler: no locks, no allocation, errno kept.
  static Region* find(uintptr_t address) {
    const size_t high = g_high.load(std::memory_order_acquire);
    for (size_t i = 0; i < high; ++i) {
      Region& r = g_regions[i];
      const uintptr_t base = r.base_.load(std::memory_order_acquire);
      if (base != 0 && address >= base &&
          address - base < r.length_.load(std::memory_order_relaxed)) {
        return &r;
      }
    }
    return nullptr;
  }

  // A write into a read-only payload page: make the slot writable. The mapping is private, so the
  // kernel copies the page that is then written and nobody else sees the change.
  static bool open_slot(Region* r, uintptr_t address) {
    if (!r->payload_.load(std::memory_order_relaxed)) return false;
    const uintptr_t base = r->base_.load(std::memory_order_relaxed);
    const size_t slot_bytes = r->slot_bytes_.load(std::memory_order_relaxed);
    const size_t slot = (address - base) / slot_bytes;
    // Marked before the protection goes: a release between the two must find the mark.
    r->mark_dirty(static_cast<uint32_t>(slot));
    void* start = reinterpret_cast<void*>(base + slot * slot_bytes);
    if (mprotect(start, slot_bytes, PROT_READ | PROT_WRITE) == 0) return true;
    // No memory to account for the copy: scratch in the slot's place keeps the process alive. The
    // frame reads as zeros from here on, which only the one who wrote into it can see.
    return mmap(start, slot_bytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
  }

  // The object ends before this page: zeros from here to the end of the mapping.
  static bool patch(Region* r, uintptr_t address) {
    const uintptr_t page = address & ~(static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)) - 1);
    const uintptr_t end =
        r->base_.load(std::memory_order_relaxed) + r->length_.load(std::memory_order_relaxed);
    r->truncated_.store(true, std::memory_order_release);
    return mmap(reinterpret_cast<void*>(page), end - page, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
  }

  static void forward(const struct sigaction& old, int signal, siginfo_t* info, void* context) {
    if ((old.sa_flags & SA_SIGINFO) != 0 && old.sa_sigaction != nullptr) {
      old.sa_sigaction(signal, info, context);
    } else if (old.sa_handler == SIG_IGN && info->si_code <= 0) {
      // Sent, not met: ignored as before.
    } else if (old.sa_handler == SIG_DFL || old.sa_handler == SIG_IGN) {
      // Restored, so that the instruction faults again and the kernel does what it would have done.
      // An ignored synchronous fault would loop for ever; the kernel kills for it as well.
      struct sigaction fallback = {};
      fallback.sa_handler = SIG_DFL;
      sigaction(signal, &fallback, nullptr);
      // A signal somebody sent (kill, raise) has no instruction that faults again.
      if (info->si_code <= 0) raise(signal);
    } else {
      old.sa_handler(signal);
    }
  }

  static void on_segv(int signal, siginfo_t* info, void* context) {
    const int kept = errno;
    if (info->si_code == SEGV_ACCERR) {
      const uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
      Region* r = find(address);
      if (r != nullptr && open_slot(r, address)) {
        errno = kept;
        return;
      }
    }
    errno = kept;
    forward(g_old_segv, signal, info, context);
  }

  static void on_bus(int signal, siginfo_t* info, void* context) {
    const int kept = errno;
    if (info->si_code == BUS_ADRERR) {
      const uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
      Region* r = find(address);
      if (r != nullptr && patch(r, address)) {
        errno = kept;
        return;
      }
    }
    errno = kept;
    forward(g_old_bus, signal, info, context);
  }

  static void install() {
    struct sigaction act = {};
    sigemptyset(&act.sa_mask);
    act.sa_flags = SA_SIGINFO | SA_ONSTACK;
    // The old ones first: a fault between the two calls must already find where to go.
    sigaction(SIGSEGV, nullptr, &g_old_segv);
    sigaction(SIGBUS, nullptr, &g_old_bus);
    act.sa_sigaction = &FaultHandler::on_segv;
    sigaction(SIGSEGV, &act, nullptr);
    act.sa_sigaction = &FaultHandler::on_bus;
    sigaction(SIGBUS, &act, nullptr);
  }
};

Region* Region::add(void* base, size_t length, size_t slot_bytes, RegionKind kind) {
  static std::once_flag installed;
  std::call_once(installed, FaultHandler::install);
  const std::lock_guard<std::mutex> hold(g_add);
  for (size_t i = 0; i < kRegions; ++i) {
    Region& r = g_regions[i];
    if (r.used_.load(std::memory_order_relaxed)) continue;
    r.used_.store(true, std::memory_order_relaxed);
    r.length_.store(length, std::memory_order_relaxed);
    r.slot_bytes_.store(slot_bytes, std::memory_order_relaxed);
    r.payload_.store(kind == RegionKind::kPayload, std::memory_order_relaxed);
    r.truncated_.store(false, std::memory_order_relaxed);
    for (auto& word : r.dirty_) word.store(0, std::memory_order_relaxed);
    r.base_.store(reinterpret_cast<uintptr_t>(base), std::memory_order_release);
    if (i >= g_high.load(std::memory_order_relaxed)) g_high.store(i + 1, std::memory_order_release);
    return &r;
  }
  return nullptr;
}

void Region::remove() {
  const std::lock_guard<std::mutex> hold(g_add);
  base_.store(0, std::memory_order_release);
  used_.store(false, std::memory_order_relaxed);
}

void Region::hold_all() { g_add.lock(); }
void Region::free_all() { g_add.unlock(); }

void Region::stand_in_all() {
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE;
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t high = g_high.load(std::memory_order_relaxed);
  for (size_t i = 0; i < high; ++i) {
    const uintptr_t base = g_regions[i].base_.load(std::memory_order_relaxed);
    if (base == 0) continue;
    const size_t length = g_regions[i].length_.load(std::memory_order_relaxed);
    if (mmap(reinterpret_cast<void*>(base), length, PROT_READ | PROT_WRITE, kFlags, -1, 0) !=
        MAP_FAILED) {
      continue;
    }
    // Pages that stood in for others before the fork were inherited: only the rest is missing.
    for (size_t at = 0; at < length; at += page) {
      static_cast<void>(
          mmap(reinterpret_cast<void*>(base + at), page, PROT_READ | PROT_WRITE, kFlags, -1, 0));
    }
  }
}

bool Region::take_dirty(uint32_t slot) {
  std::atomic<uint64_t>& word = dirty_[slot / 64];
  const uint64_t bit = 1ull << (slot % 64);
  // A relaxed look first: the clean path must not pay for a locked instruction. The mark is set by
  // the thread that wrote, before its write; a release that follows that write in program order, or
  // after a join with the writing thread, sees it.
  if ((word.load(std::memory_order_relaxed) & bit) == 0) return false;
  word.fetch_and(~bit, std::memory_order_acq_rel);
  return true;
}

void Region::mark_dirty(uint32_t slot) {
  dirty_[slot / 64].fetch_or(1ull << (slot % 64), std::memory_order_acq_rel);
}

}  // namespace framering
