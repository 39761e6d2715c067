#include "buffers.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include "convert.h"
#include "lent_memory.h"

namespace framering {

// What one buffer holds until it is finalised.
struct Lent {
  BufferCount* count;
  fr_mapping* mapping;
  const uint8_t* data;

  Lent(BufferCount* to_count, fr_mapping* to_hold, const uint8_t* bytes, size_t length)
      : count(to_count), mapping(to_hold), data(bytes) {
    count->Ref();
    count->pending_.fetch_add(1, std::memory_order_relaxed);
    fr_mapping_ref(mapping);
    NoteLent(data, length, mapping);
  }
  ~Lent() {
    // While it is known here it can be held, so it must not be gone before.
    ForgetLent(data, mapping);
    fr_mapping_unref(mapping);
    count->pending_.fetch_sub(1, std::memory_order_relaxed);
    count->Unref();
  }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
};

namespace {

void Finalise(napi_env /*env*/, void* /*data*/, void* hint) { delete static_cast<Lent*>(hint); }

}  // namespace

BufferCount::BufferCount() {
  const char* forbidden = std::getenv("FRAMERING_NO_EXTERNAL_BUFFERS");
  allowed_ = forbidden == nullptr || std::strcmp(forbidden, "1") != 0;
}

void BufferCount::Unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

napi_value ExternalBuffer(napi_env env, BufferCount* count, fr_mapping* mapping,
                          const uint8_t* data, size_t length) {
  napi_value buffer = nullptr;
  if (count->allowed()) {
    Lent* lent = new Lent(count, mapping, data, length);
    const napi_status status = napi_create_external_arraybuffer(env, const_cast<uint8_t*>(data),
                                                                length, Finalise, lent, &buffer);
    if (status == napi_ok) return buffer;
    if (status != napi_no_external_buffers_allowed) {
      // Node calls the finaliser on some of its failing paths and not on others, at once or later:
      // deleting `lent` here could be the second time. Left alone, the worst is a mapping kept.
      ClearException(env);
      return ThrowError(env, FR_UNSUPPORTED,
                        "The runtime refused an ArrayBuffer of " + std::to_string(length) +
                            " bytes over shared memory. Node 20 stops at 4 GiB.");
    }
    delete lent;
    count->Forbid();
  }
  napi_get_undefined(env, &buffer);
  return buffer;
}

napi_value Detach(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value buffer;
  bool is_buffer = false;
  bool is_detached = false;
  if (napi_get_cb_info(env, info, &count, &buffer, nullptr, nullptr) != napi_ok ||
      napi_is_arraybuffer(env, buffer, &is_buffer) != napi_ok || !is_buffer) {
    return ThrowError(env, FR_OPTION_INVALID, "detach takes an ArrayBuffer.");
  }
  if (napi_is_detached_arraybuffer(env, buffer, &is_detached) != napi_ok || is_detached) {
    return nullptr;
  }
  if (napi_detach_arraybuffer(env, buffer) != napi_ok) {
    return ThrowError(env, FR_OPTION_INVALID,
                      "This ArrayBuffer cannot be detached (a WebAssembly memory's cannot).");
  }
  return nullptr;
}

}  // namespace framering
