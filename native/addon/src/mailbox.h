// The figures of one frame, carried through a Float64Array that both sides know.
//
// Building an object of 29 properties through Node-API costs more than everything else a frame
// needs; a store into memory that JavaScript reads by index costs next to nothing. The numbering is
// that of `Mail` and `Meta` in src/native/ring-binding.ts and must stay the same.
#ifndef FRAMERING_ADDON_MAILBOX_H_
#define FRAMERING_ADDON_MAILBOX_H_

#include <framering.h>
#include <node_api.h>

namespace framering {

enum Mail {
  kMailSlot = 0,
  kMailEpoch,
  kMailSequence,
  kMailBytesUsed,
  kMailPublishTime,
  kMailReceiveTime,
  kMailCaptureTime,
  kMailPlain,
  kMailCaptureClock,
  kMailCaptureMoment,
  kMailSourceSequence,
  kMailPts,
  kMailDuration,
  kMailTimeBaseNum,
  kMailTimeBaseDen,
  kMailFlags,
  kMailLostNoSlot,
  kMailLostOverrun,
  kMailLostSkipped,
  kMailLostRestart,
  kMailLostSource,
  kMailUser,
  kMailLength = kMailUser + FR_USER_WORDS,
};

enum Meta {
  kMetaCaptureTime = 0,
  kMetaCaptureClock,
  kMetaCaptureMoment,
  kMetaSourceSequence,
  kMetaPts,
  kMetaDuration,
  kMetaTimeBaseNum,
  kMetaTimeBaseDen,
  kMetaBytesUsed,
  kMetaFlags,
  kMetaUnread,
  kMetaUser,
  kMetaLength = kMetaUser + FR_USER_WORDS,
};

// What stands in a row for each moment of NativeInspection.moments: sequence, time, capture time,
// capture clock, dropped.
inline constexpr size_t kMomentLength = 5;

// The array and its memory. The reference keeps the memory in place for as long as this lives.
class Mailbox {
 public:
  Mailbox() = default;
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  // Makes the array and hangs it on `owner` as the read-only property `mailbox`. False when it
  // failed: there are no figures then.
  bool Open(napi_env env, napi_value owner, size_t length);
  double* figures() const { return figures_; }

 private:
  napi_env env_ = nullptr;
  napi_ref array_ = nullptr;
  double* figures_ = nullptr;
};

void PutFrame(const fr_frame& frame, double* mail);
// Takes what was written since the last time, if anything was. Throws OPTION_INVALID and returns
// false when a figure is not one its field can hold.
bool TakeMeta(napi_env env, double* mail, fr_meta* meta);

}  // namespace framering

#endif  // FRAMERING_ADDON_MAILBOX_H_
