#include "mapping.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "late_memory.h"
#include "one_mapping.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace {

// mmap anywhere. Addresses that only stand in for what is long gone give way to what is needed now:
// a limit of address space (RLIMIT_AS) must not be met by them.
void* map_anywhere(size_t length, int protection, int flags, int fd, uint64_t offset) {
  for (;;) {
    void* base = mmap(nullptr, length, protection, flags, fd, static_cast<off_t>(offset));
    if (base != MAP_FAILED || errno != ENOMEM) return base;
    if (!framering::give_back_late_memory()) {
      errno = ENOMEM;
      return base;
    }
  }
}

}  // namespace

fr_mapping* fr_mapping::map(int fd, uint64_t offset, size_t length, size_t slot_bytes,
                            Access access) {
#ifdef FR_TEST_HOOKS
  if (framering::one_mapping_shared()) {
    uint8_t* borrowed = framering::borrow_mapping(fd, offset);
    if (borrowed == nullptr) return nullptr;
    auto* m = new fr_mapping(borrowed, length, slot_bytes, access);
    m->borrowed_ = true;
    return m;
  }
#endif
  const int protection = access == Access::kSharedReadWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  // NORESERVE on the private view: a reader that never writes must not be charged for a copy, and
  // the pieces merge again after a slot was opened and closed.
  const int flags = access == Access::kPrivateReadOnly ? MAP_PRIVATE | MAP_NORESERVE : MAP_SHARED;
  void* base = map_anywhere(length, protection, flags, fd, offset);
  if (base == MAP_FAILED) return nullptr;
  // A child that forked must not write into the ring, nor keep the locks' file alive through it.
  madvise(base, length, MADV_DONTFORK);
  auto* m = new fr_mapping(static_cast<uint8_t*>(base), length, slot_bytes, access);
  m->region_ =
      framering::Region::add(base, length, slot_bytes,
                             access == Access::kPrivateReadOnly ? framering::RegionKind::kPayload
                                                                : framering::RegionKind::kShared);
  if (m->region_ == nullptr) {
    m->unref();
    errno = EMFILE;
    return nullptr;
  }
  return m;
}

fr_mapping* fr_mapping::anonymous(size_t length) {
  void* base = map_anywhere(length, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return nullptr;
  return new fr_mapping(static_cast<uint8_t*>(base), length, length, Access::kSharedReadWrite);
}

fr_mapping::~fr_mapping() {
#ifdef FR_TEST_HOOKS
  if (borrowed_) {
    framering::return_mapping(base_);
    return;
  }
#endif
  if (lent_.load(std::memory_order_relaxed)) {
    // Before the region goes: until zeros stand here, a fault must find it.
    framering::leave_zeros(base_, length_);
    if (region_ != nullptr) region_->remove();
    return;
  }
  if (region_ != nullptr) region_->remove();
  munmap(base_, length_);
}

void fr_mapping::prefault() {
  const int advice = access_ == Access::kSharedReadWrite ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
  if (madvise(base_, length_, advice) == 0 || errno != EINVAL) return;
  // Before Linux 5.14. The pages were allocated with the object, so a read brings each one in.
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  for (size_t i = 0; i < length_; i += page) {
    static_cast<void>(*static_cast<volatile uint8_t*>(base_ + i));
  }
}

bool fr_mapping::restore_slot(uint32_t slot, int fd, uint64_t offset) {
  uint8_t* start = base_ + slot * slot_bytes_;
  // Mapped anew rather than protected and dropped: right also where scratch stands in its place,
  // and one call.
  if (mmap(start, slot_bytes_, PROT_READ, MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, fd,
           static_cast<off_t>(offset + slot * slot_bytes_)) == MAP_FAILED) {
    return false;
  }
  madvise(start, slot_bytes_, MADV_DONTFORK);
  return true;
}

void fr_mapping::ref() {
  // Relaxed, both: whoever adds a reference has one already, and lets it go by a release.
  lent_.store(true, std::memory_order_relaxed);
  references_.fetch_add(1, std::memory_order_relaxed);
}

void fr_mapping::unref() {
  // Release so that every use happens before the unmap, acquire for the one who unmaps.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void fr_mapping::retire() {
#ifdef FR_TEST_HOOKS
  // Others may be at work there.
  if (borrowed_) return unref();
#endif
  if (references_.load(std::memory_order_acquire) > 1) {
    // Views are still about (a buffer that was transferred away cannot be detached). Writable, so
    // that late native code does no harm either; pages exist only once touched.
    static_cast<void>(mmap(base_, length_, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0));
    if (region_ != nullptr) region_->remove();
    region_ = nullptr;
  }
  unref();
}

extern "C" void fr_mapping_ref(fr_mapping* m) { m->ref(); }
extern "C" void fr_mapping_unref(fr_mapping* m) { m->unref(); }
