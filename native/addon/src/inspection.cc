#include "inspection.h"

#include <cstring>
#include <string>
#include <vector>

#include "convert.h"
#include "mailbox.h"

namespace framering {

namespace {

napi_value Closed(napi_env env) {
  return ThrowError(env, FR_CLOSED, "This inspection is closed. Open another.");
}

double ToNumber(uint64_t value) { return static_cast<double>(value); }

napi_value Figures(napi_env env, const std::vector<double>& figures) {
  void* bytes = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  const size_t length = figures.size() * sizeof(double);
  if (napi_create_arraybuffer(env, length, &bytes, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_float64_array, figures.size(), buffer, 0, &array) !=
          napi_ok) {
    return nullptr;
  }
  if (length != 0) std::memcpy(bytes, figures.data(), length);
  return array;
}

napi_value ObjectFacts(napi_env env, const fr_object_facts& facts) {
  ObjectBuilder object(env);
  object.Set("known", Boolean(env, facts.known != 0));
  object.Set("mode", facts.mode);
  object.Set("uid", facts.uid);
  object.Set("gid", facts.gid);
  object.Set("bytes", ToNumber(facts.bytes));
  return object.Done();
}

napi_value ReaderFacts(napi_env env, const fr_reader_facts& r) {
  ObjectBuilder object(env);
  object.Set("entry", r.entry);
  object.Set("alive", Boolean(env, r.alive != 0));
  object.Set("delivery", r.delivery);
  object.Set("pid", r.pid);
  object.Set("comm", Text(env, r.comm));
  object.Set("joins", ToNumber(r.joins));
  object.Set("maxLeases", ToNumber(r.max_leases));
  object.Set("reliableWait", ToMs(r.reliable_wait));
  object.Set("joinedAt", ToNumber(r.joined_at));
  object.Set("cursor", ToNumber(r.cursor));
  object.Set("delivered", ToNumber(r.delivered));
  object.Set("received", ToNumber(r.received));
  object.Set("unread", ToNumber(r.unread));
  object.Set("lostNoSlot", ToNumber(r.lost_no_slot));
  object.Set("lostOverrun", ToNumber(r.lost_overrun));
  object.Set("lostSkipped", ToNumber(r.lost_skipped));
  object.Set("lostRestart", ToNumber(r.lost_restart));
  object.Set("lostSource", ToNumber(r.lost_source));
  object.Set("latency", LatencyObject(env, r.latency));
  object.Set("leases", r.leases);
  object.Set("waiting", r.waiting);
  object.Set("heldDrops", ToNumber(r.held_drops));
  object.Set("heldSlots", ToNumber(r.held_slots));
  object.Set("heldLongest", ToMs(r.held_longest));
  object.Set("heldSlot", ToNumber(r.held_slot));
  object.Set("heldSequence", ToNumber(r.held_sequence));
  object.Set("heldLast", ToMs(r.held_last));
  return object.Done();
}

// A JavaScript array that grows at its end. Where that fails the environment is going down, and
// nobody reads it.
class List {
 public:
  explicit List(napi_env env) : env_(env) { napi_create_array(env, &array_); }
  void Add(napi_value value) {
    if (value != nullptr && napi_set_element(env_, array_, length_, value) == napi_ok) ++length_;
  }
  napi_value Done() const { return array_; }

 private:
  napi_env env_;
  napi_value array_ = nullptr;
  uint32_t length_ = 0;
};

}  // namespace

napi_value LatencyObject(napi_env env, const fr_latency& latency) {
  ObjectBuilder object(env);
  std::vector<double> counts(FR_LATENCY_BUCKETS);
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = ToNumber(latency.counts[i]);
  object.Set("counts", Figures(env, counts));
  object.Set("sum", ToMs(latency.sum));
  object.Set("longest", ToMs(latency.longest));
  return object.Done();
}

bool Inspection::Define(napi_env env, BufferCount* count, napi_ref* type) {
  const napi_property_descriptor methods[] = {
      Method<Inspection, &Inspection::Ring>("ring"),
      Method<Inspection, &Inspection::Format>("format"),
      Method<Inspection, &Inspection::Readers>("readers"),
      Method<Inspection, &Inspection::Slots>("slots"),
      Method<Inspection, &Inspection::Moments>("moments"),
      Method<Inspection, &Inspection::Frame>("frame"),
      Method<Inspection, &Inspection::CloseCall>("close"),
  };
  return DefineClass<Inspection>(env, "NativeInspection", count, methods, type);
}

bool Inspection::Open(const Call& call) {
  std::string directory;
  std::string name;
  const Object options = {call.env, call.arguments[0]};
  if (!IsType(options.env, options.value, napi_object)) {
    ThrowError(call.env, FR_OPTION_INVALID, "openInspection takes an object of options.");
    return false;
  }
  if (!GetString(options, "directory", &directory) || !GetString(options, "name", &name)) {
    return false;
  }
  fr_error error;
  if (fr_inspection_open(directory.c_str(), name.c_str(), &handle_, &error) == FR_OK) return true;
  handle_ = nullptr;
  ThrowError(call.env, error);
  return false;
}

napi_value Inspection::Ring(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_ring_facts r;
  fr_inspection_ring(handle_, &r);
  ObjectBuilder object(call.env);
  object.Set("generation", ToNumber(r.generation));
  object.Set("session", ToNumber(r.session));
  object.Set("created", ToMs(r.created));
  object.Set("layout", r.layout);
  object.Set("writerPid", r.writer_pid);
  object.Set("writerUid", r.writer_uid);
  object.Set("writerAlive", Boolean(call.env, r.writer_alive != 0));
  object.Set("named", Boolean(call.env, r.named != 0));
  object.Set("truncated", Boolean(call.env, r.truncated != 0));
  object.Set("state", r.state);
  object.Set("epoch", r.epoch);
  object.Set("slotCount", r.slot_count);
  object.Set("maxReaders", r.max_readers);
  object.Set("slotBytes", ToNumber(r.slot_bytes));
  object.Set("lockedBytes", ToNumber(r.locked_bytes));
  object.Set("data", ObjectFacts(call.env, r.data));
  object.Set("control", ObjectFacts(call.env, r.control));
  object.Set("head", ToNumber(r.head));
  object.Set("latest", ToNumber(r.latest));
  object.Set("published", ToNumber(r.published));
  object.Set("dropped", ToNumber(r.dropped));
  object.Set("sourceLost", ToNumber(r.source_lost));
  object.Set("abandoned", ToNumber(r.abandoned));
  object.Set("bells", ToNumber(r.bells));
  object.Set("reclaimed", ToNumber(r.reclaimed));
  object.Set("waited", ToMs(r.waited_ns));
  return object.Done();
}

napi_value Inspection::Format(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  fr_format format;
  fr_error error;
  char descriptor[FR_MAX_DESCRIPTOR];
  uint32_t length = sizeof(descriptor);
  if (fr_inspection_format(handle_, &format, descriptor, &length, &error) != FR_OK) {
    return ThrowError(call.env, error);
  }
  ObjectBuilder object(call.env);
  object.Set("format", FormatObject(call.env, format));
  object.Set("descriptor", Text(call.env, descriptor, length));
  return object.Done();
}

napi_value Inspection::Readers(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  List list(call.env);
  fr_reader_facts facts;
  for (uint32_t i = 0; i < FR_MAX_READERS; ++i) {
    if (fr_inspection_reader(handle_, i, &facts) != 0) list.Add(ReaderFacts(call.env, facts));
  }
  return list.Done();
}

napi_value Inspection::Slots(const Call& call) {
  if (handle_ == nullptr) return Closed(call.env);
  List list(call.env);
  fr_slot_facts slot;
  for (uint32_t i = 0; fr_inspection_slot(handle_, i, &slot) != 0; ++i) {
    List holders(call.env);
    for (uint32_t r = 0; r < FR_MAX_READERS; ++r) {
      if ((slot.readers >> r & 1) == 0) continue;
      ObjectBuilder holder(call.env);
      holder.Set("entry", r);
      holder.Set("held", ToMs(fr_inspection_held(handle_, i, r)));
      holders.Add(holder.Done());
    }
    ObjectBuilder object(call.env);
    object.Set("slot", i);
    object.Set("state", slot.state);
    object.Set("sequence", ToNumber(slot.sequence));
    object.Set("publishTime", ToMs(slot.publish_time));
    object.Set("holders", holders.Done());
    list.Add(object.Done());
  }
  return list.Done();
}

napi_value Inspection::Moments(const Call& call) {
  uint64_t after;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint64(call.env, call.arguments[0], "after", &after)) return nullptr;
  std::vector<fr_moment> moments(FR_MOMENTS);
  moments.resize(fr_inspection_moments(handle_, after, moments.data(), FR_MOMENTS));
  std::vector<double> figures;
  figures.reserve(moments.size() * kMomentLength);
  for (const fr_moment& m : moments) {
    figures.push_back(ToNumber(m.sequence));
    figures.push_back(ToMs(m.time));
    figures.push_back(ToMs(m.capture_time));
    figures.push_back(m.capture_clock);
    figures.push_back(m.dropped);
  }
  return Figures(call.env, figures);
}

napi_value Inspection::Frame(const Call& call) {
  uint64_t sequence;
  fr_frame frame;
  fr_format format;
  fr_error error;
  if (handle_ == nullptr) return Closed(call.env);
  if (!GetUint64(call.env, call.arguments[0], "sequence", &sequence)) return nullptr;
  const fr_status status = fr_inspection_frame(handle_, sequence, &frame, &format, &error);
  if (status == FR_NOT_FOUND) return nullptr;
  if (status != FR_OK) return ThrowError(call.env, error);
  std::vector<double> mail(kMailLength);
  PutFrame(frame, mail.data());
  ObjectBuilder object(call.env);
  object.Set("mail", Figures(call.env, mail));
  object.Set("format", FormatObject(call.env, format));
  return object.Done();
}

napi_value Inspection::CloseCall(const Call& /*call*/) {
  Close();
  return nullptr;
}

void Inspection::Close() {
  if (handle_ == nullptr) return;
  fr_inspection_close(handle_);
  handle_ = nullptr;
}

}  // namespace framering
