// NativeWriter of src/native/ring-binding.ts.
#ifndef FRAMERING_ADDON_WRITER_H_
#define FRAMERING_ADDON_WRITER_H_

#include <framering.h>
#include <node_api.h>

#include <vector>

#include "buffers.h"
#include "call.h"
#include "mailbox.h"

namespace framering {

class Writer {
 public:
  static bool Define(napi_env env, BufferCount* count, napi_ref* type);
  explicit Writer(BufferCount* count);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // What the constructor's caller gave. False when it failed.
  bool Open(const Call& call);

 private:
  napi_value Loan(const Call& call);
  napi_value Buffer(const Call& call);
  napi_value Publish(const Call& call);
  napi_value Abandon(const Call& call);
  napi_value Drop(const Call& call);
  napi_value Write(const Call& call);
  napi_value SetFormat(const Call& call);
  napi_value Info(const Call& call);
  napi_value Stats(const Call& call);
  napi_value CloseCall(const Call& call);

  void ForgetSlots();
  void Close();

  friend class Target<Writer>;
  BufferCount* count_;
  Target<Writer>* target_;
  fr_writer* handle_ = nullptr;  // nullptr once closed
  uint64_t slot_bytes_ = 0;
  std::vector<const uint8_t*> data_;  // of each slot that has been on loan
  Mailbox mailbox_;
  fr_meta meta_ = {};  // as it was last taken out of the mailbox
};

}  // namespace framering

#endif  // FRAMERING_ADDON_WRITER_H_
