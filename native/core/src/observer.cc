#include "observer.h"

#include <time.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "clock.h"
#include "copy_unheld.h"
#include "error.h"
#include "frame_facts.h"
#include "limits.h"
#include "once.h"

namespace framering {

fr_status Observer::open(const fr_reader_options& o, const RingName& name, fr_reader** out,
                         fr_error* err) {
  std::unique_ptr<Observer> r(new Observer(o));
  r->name_ = name;
  if (o.delivery == FR_RELIABLE) {
    return fail(err, FR_OPTION_INVALID, 0,
                "the writer does not know of an observer and cannot wait for it: use FR_LATEST or "
                "FR_EVERY, or join the ring");
  }
  // Again when the writer went on in larger objects meanwhile. The bound is for an owner who puts
  // new ones in place over and over.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (const fr_status s =
            attach(name, o.not_generation, Purpose::kObserve, &r->data_, nullptr, err);
        s != FR_OK) {
      return s;
    }
    if (r->writer_alive() || r->data_.still_named(name)) break;
  }
  if (!r->writer_alive()) return fail_dead_writer(name, err);
  r->data_.prefault();
  const uint64_t slot_bytes = r->data_.geometry().slot_bytes;
  // Pages exist once they are touched: a budget of leases that is never used up costs nothing.
  r->copies_ = OwnedMapping(fr_mapping::anonymous(slot_bytes * o.max_leases));
  if (!r->copies_) return fail_map(name.called(), slot_bytes * o.max_leases, errno, err);
  r->headers_.resize(o.max_leases);
  r->leases_.assign(o.max_leases, Lease{});
  r->start_at(o);
  *out = r.release();
  return FR_OK;
}

const FrameHeader* Observer::hold(uint32_t slot, uint64_t sequence, fr_frame* frame) {
  const auto free =
      std::find_if(leases_.begin(), leases_.end(), [](const Lease& l) { return l.count == 0; });
  if (free == leases_.end()) return nullptr;
  const uint32_t copy = static_cast<uint32_t>(free - leases_.begin());
  const FrameHeader* h = data_.frame(slot);
  // Acquire: header and payload of this frame, or of a later one, from here on. A seqlock whose
  // writer marks the slot (fr_writer::try_acquire) before it changes a byte of it: what is copied
  // between two looks that find the same sequence was not changed meanwhile.
  if (h->state.load(std::memory_order_acquire) != sequence) return nullptr;
  // Copies cost more than looks: those that come to nothing are few, or somebody has us on.
  constexpr int kCopyCost = 1 << 10;
  if (spins_ <= 0) return nullptr;
  spins_ -= kCopyCost;
  unsigned char* const facts = headers_[copy].bytes;
  copy_unheld(facts + sizeof h->state, reinterpret_cast<const unsigned char*>(h) + sizeof h->state,
              sizeof(FrameHeader) - sizeof h->state);
  const uint64_t slot_bytes = data_.geometry().slot_bytes;
  uint8_t* const bytes = copies_->data() + copy * slot_bytes;
  copy_unheld(bytes, data_.payload(slot), std::min(once(header(copy)->bytes_used), slot_bytes));
  // The fence keeps the second look behind the copy.
  std::atomic_thread_fence(std::memory_order_acquire);
  if (h->state.load(std::memory_order_relaxed) != sequence || truncated()) return nullptr;
  spins_ += kCopyCost;
  *free = {1, sequence};
  ++leased_;
  frame->slot = copy;
  frame->data = bytes;
  return header(copy);
}

fr_status Observer::ring_me(uint32_t, fr_error* err) {
  return fail(err, FR_UNSUPPORTED, 0, "an observer has no doorbell: look again after a while");
}

fr_status Observer::doorbell(int*, int*, fr_error* err) { return ring_me(FR_BELL_FIFO, err); }

fr_next Observer::wait(uint64_t timeout, uint64_t max_age, fr_frame* frame, fr_error* err) {
  const int64_t until = deadline(now(), timeout);
  for (;;) {
    const fr_next found = next(FR_BELL_NONE, max_age, frame, err);
    const int64_t time = now();
    if (found != FR_NONE || time >= until) return found;
    const timespec wake = to_timespec(std::min(until, deadline(time, period_)));
    // A signal costs one more look.
    static_cast<void>(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr));
  }
}

}  // namespace framering
