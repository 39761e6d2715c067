// NativeReader of src/native/ring-binding.ts.
#ifndef FRAMERING_ADDON_READER_H_
#define FRAMERING_ADDON_READER_H_

#include <framering.h>
#include <node_api.h>

#include <vector>

#include "buffers.h"
#include "call.h"
#include "mailbox.h"

namespace framering {

class Bell;

class Reader {
 public:
  static bool Define(napi_env env, BufferCount* count, napi_ref* type);
  explicit Reader(BufferCount* count);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // What the constructor's caller gave. False when it failed.
  bool Open(const Call& call);

 private:
  napi_value Next(const Call& call);
  napi_value Wait(const Call& call);
  napi_value Retain(const Call& call);
  napi_value Release(const Call& call);
  napi_value Buffer(const Call& call);
  napi_value Copy(const Call& call);
  napi_value Format(const Call& call);
  napi_value Info(const Call& call);
  napi_value Position(const Call& call);
  napi_value Leases(const Call& call);
  napi_value Latency(const Call& call);
  napi_value WriterAlive(const Call& call);
  napi_value Watch(const Call& call);
  napi_value Unwatch(const Call& call);
  napi_value WakeAt(const Call& call);
  napi_value Poll(const Call& call);
  napi_value CloseCall(const Call& call);

  napi_value Delivered(napi_env env, fr_next next, const fr_frame& frame, const fr_error& error);
  bool SlotData(const Call& call, const uint8_t** data);
  void CloseBell();
  void Close();

  friend class Target<Reader>;
  BufferCount* count_;
  Target<Reader>* target_;
  fr_reader* handle_ = nullptr;  // nullptr once closed
  Bell* bell_ = nullptr;
  uint64_t slot_bytes_ = 0;
  std::vector<const uint8_t*> data_;  // of each slot this reader has had a lease on
  Mailbox mailbox_;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_READER_H_
