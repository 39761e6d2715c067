// The C face of named semaphores.
#include "named_semaphore.h"

extern "C" {

fr_status fr_semaphore_open(const fr_semaphore_options* options, fr_semaphore** out,
                            fr_error* err) {
  *out = nullptr;
  return fr_semaphore::open(*options, out, err);
}

fr_status fr_semaphore_post(fr_semaphore* s, fr_error* err) { return s->post(err); }
fr_wait fr_semaphore_try_wait(fr_semaphore* s, fr_error* err) { return s->try_wait(err); }

fr_wait fr_semaphore_wait(fr_semaphore* s, int64_t deadline, const fr_cancel* cancel,
                          fr_error* err) {
  return s->wait(deadline, cancel, err);
}

fr_status fr_semaphore_value(fr_semaphore* s, uint32_t* value, fr_error* err) {
  return s->value(value, err);
}

void fr_semaphore_close(fr_semaphore* s) { delete s; }

fr_status fr_semaphore_unlink(const char* name, fr_error* err) {
  return fr_semaphore::unlink(name, err);
}

void fr_cancel_set(fr_cancel* c) {
  framering::set_cancel(reinterpret_cast<std::atomic<uint32_t>*>(&c->set));
}

// Relaxed: a wait that sees the old value ends early, as it may.
void fr_cancel_clear(fr_cancel* c) { __atomic_store_n(&c->set, 0, __ATOMIC_RELAXED); }

}  // extern "C"
