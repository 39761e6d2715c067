// ArrayBuffers whose bytes are a slot's: nothing is copied.
//
// Each holds a reference to its mapping, so that an address JavaScript still knows stays an address
// after the reader was closed, and each is counted until the runtime gives it back.
#ifndef FRAMERING_ADDON_BUFFERS_H_
#define FRAMERING_ADDON_BUFFERS_H_

#include <framering.h>
#include <node_api.h>

#include <atomic>

namespace framering {

// One environment's count. Finalisers can come when the environment's instance data is gone
// already, so the count belongs to whoever holds a reference, not to the instance.
class BufferCount {
 public:
  static BufferCount* New() { return new BufferCount(); }
  BufferCount(const BufferCount&) = delete;
  BufferCount& operator=(const BufferCount&) = delete;
  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref();

  // False where the runtime refuses external buffers (Electron), or FRAMERING_NO_EXTERNAL_BUFFERS=1
  // stood in the environment when the addon was loaded, which is how that path is tested elsewhere.
  bool allowed() const { return allowed_; }
  void Forbid() { allowed_ = false; }
  int64_t pending() const { return pending_.load(std::memory_order_relaxed); }

 private:
  friend napi_value ExternalBuffer(napi_env, BufferCount*, fr_mapping*, const uint8_t*, size_t);
  friend struct Lent;
  BufferCount();
  ~BufferCount() = default;
  std::atomic<int64_t> references_{1};
  std::atomic<int64_t> pending_{0};
  bool allowed_;
};

// An ArrayBuffer over `length` bytes at `data`, which lie in `mapping`. `undefined` where external
// buffers are not allowed; nullptr with an exception pending when it failed otherwise.
napi_value ExternalBuffer(napi_env env, BufferCount* count, fr_mapping* mapping,
                          const uint8_t* data, size_t length);

// Detaches the first argument, an ArrayBuffer: length 0 afterwards. No effect the second time.
napi_value Detach(napi_env env, napi_callback_info info);

}  // namespace framering

#endif  // FRAMERING_ADDON_BUFFERS_H_
