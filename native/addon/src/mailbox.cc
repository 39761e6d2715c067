#include "mailbox.h"

#include <cmath>
#include <limits>
#include <string>

#include "convert.h"

namespace framering {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double OrNone(int64_t value) { return value == FR_NO_TIME ? kNone : static_cast<double>(value); }

// Nothing said beyond the times, and nothing lost before it.
bool IsPlain(const fr_frame& f) {
  uint64_t any = f.capture_moment | f.source_sequence | f.flags | f.lost_no_slot | f.lost_overrun |
                 f.lost_skipped | f.lost_restart | f.lost_source;
  any |= static_cast<uint32_t>(f.time_base_num) | static_cast<uint32_t>(f.time_base_den);
  for (const uint64_t word : f.user) any |= word;
  return any == 0 && f.capture_clock == FR_CLOCK_MONOTONIC && f.pts == FR_NO_TIME &&
         f.duration == FR_NO_TIME;
}

// The name of the first figure that is out of range, or nullptr.
const char* Convert(const double* mail, fr_meta* meta) {
  const auto unsigned32 = [mail](int at, uint32_t* out) {
    uint64_t whole;
    if (!ToUnsigned(mail[at], kMaxUint32, &whole)) return false;
    *out = static_cast<uint32_t>(whole);
    return true;
  };
  const auto signed32 = [mail](int at, int32_t* out) {
    int64_t whole;
    if (!ToSigned(mail[at], 2147483647.0, &whole)) return false;
    *out = static_cast<int32_t>(whole);
    return true;
  };
  const auto ticks = [mail](int at, int64_t* out) {
    *out = FR_NO_TIME;
    return std::isnan(mail[at]) || ToSigned(mail[at], kMaxSafeInteger, out);
  };
  meta->capture_time = FR_NO_TIME;
  if (!std::isnan(mail[kMetaCaptureTime]) && !ToNs(mail[kMetaCaptureTime], &meta->capture_time)) {
    return "captureTime";
  }
  if (!unsigned32(kMetaCaptureClock, &meta->capture_clock)) return "captureClock";
  if (!unsigned32(kMetaCaptureMoment, &meta->capture_moment)) return "captureMoment";
  if (!ToUnsigned(mail[kMetaSourceSequence], kMaxSafeInteger, &meta->source_sequence)) {
    return "sourceSequence";
  }
  if (!ticks(kMetaPts, &meta->pts)) return "pts";
  if (!ticks(kMetaDuration, &meta->duration)) return "duration";
  if (!signed32(kMetaTimeBaseNum, &meta->time_base_num)) return "timeBase";
  if (!signed32(kMetaTimeBaseDen, &meta->time_base_den)) return "timeBase";
  if (!ToUnsigned(mail[kMetaBytesUsed], kMaxSafeInteger, &meta->bytes_used)) return "bytesUsed";
  if (!unsigned32(kMetaFlags, &meta->flags)) return "flags";
  for (int i = 0; i < FR_USER_WORDS; ++i) {
    if (!ToUnsigned(mail[kMetaUser + i], kMaxSafeInteger, &meta->user[i])) return "user";
  }
  meta->reserved = 0;
  return nullptr;
}

}  // namespace

bool Mailbox::Open(napi_env env, napi_value owner, size_t length) {
  void* bytes;
  napi_value buffer;
  napi_value array;
  if (napi_create_arraybuffer(env, length * sizeof(double), &bytes, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_float64_array, length, buffer, 0, &array) != napi_ok ||
      napi_create_reference(env, array, 1, &array_) != napi_ok) {
    return false;
  }
  env_ = env;
  figures_ = static_cast<double*>(bytes);
  const napi_property_descriptor property = {"mailbox", nullptr, nullptr,         nullptr,
                                             nullptr,   array,   napi_enumerable, nullptr};
  return napi_define_properties(env, owner, 1, &property) == napi_ok;
}

Mailbox::~Mailbox() {
  if (array_ != nullptr) napi_delete_reference(env_, array_);
}

void PutFrame(const fr_frame& frame, double* mail) {
  mail[kMailSlot] = frame.slot;
  mail[kMailEpoch] = frame.epoch;
  mail[kMailSequence] = static_cast<double>(frame.sequence);
  mail[kMailBytesUsed] = static_cast<double>(frame.bytes_used);
  mail[kMailPublishTime] = ToMs(frame.publish_time);
  mail[kMailReceiveTime] = ToMs(frame.receive_time);
  mail[kMailCaptureTime] = frame.capture_time == FR_NO_TIME ? kNone : ToMs(frame.capture_time);
  mail[kMailPlain] = IsPlain(frame) ? 1 : 0;
  if (mail[kMailPlain] != 0) return;
  mail[kMailCaptureClock] = frame.capture_clock;
  mail[kMailCaptureMoment] = frame.capture_moment;
  mail[kMailSourceSequence] = static_cast<double>(frame.source_sequence);
  mail[kMailPts] = OrNone(frame.pts);
  mail[kMailDuration] = OrNone(frame.duration);
  mail[kMailTimeBaseNum] = frame.time_base_num;
  mail[kMailTimeBaseDen] = frame.time_base_den;
  mail[kMailFlags] = frame.flags;
  mail[kMailLostNoSlot] = static_cast<double>(frame.lost_no_slot);
  mail[kMailLostOverrun] = static_cast<double>(frame.lost_overrun);
  mail[kMailLostSkipped] = static_cast<double>(frame.lost_skipped);
  mail[kMailLostRestart] = static_cast<double>(frame.lost_restart);
  mail[kMailLostSource] = static_cast<double>(frame.lost_source);
  for (int i = 0; i < FR_USER_WORDS; ++i) {
    mail[kMailUser + i] = static_cast<double>(frame.user[i]);
  }
}

bool TakeMeta(napi_env env, double* mail, fr_meta* meta) {
  if (mail[kMetaUnread] == 0) return true;
  const char* wrong = Convert(mail, meta);
  if (wrong == nullptr) {
    mail[kMetaUnread] = 0;
    return true;
  }
  ThrowError(env, FR_OPTION_INVALID,
             std::string(wrong) +
                 " holds a number that does not fit: times are milliseconds, "
                 "everything else is a "
                 "whole number, and only pts and duration may be negative.");
  return false;
}

}  // namespace framering
