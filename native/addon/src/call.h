// JavaScript calls of methods.
//
// Napi::CallbackInfo and InstanceMethod look up and allocate what a method here does not need. What
// is left is the way from the receiver to its object, 60 ns of private-property lookup. Methods
// called for every frame are therefore bound: a function of its own for each object, which knows
// its target.
#ifndef FRAMERING_ADDON_CALL_H_
#define FRAMERING_ADDON_CALL_H_

#include <napi.h>

namespace framering {

struct Call {
  static constexpr size_t kMaxArguments = 3;
  napi_env env;
  napi_value self;                      // nullptr in a bound call
  napi_value arguments[kMaxArguments];  // undefined where the caller gave none
};

// V8 checks the receiver against the class before the call arrives here, so that unwrapping cannot
// give an object of another type.
template <class T, napi_value (T::*method)(const Call&)>
napi_value Invoke(napi_env env, napi_callback_info info) {
  Call call;
  call.env = env;
  size_t count = Call::kMaxArguments;
  void* object = nullptr;
  if (napi_get_cb_info(env, info, &count, call.arguments, &call.self, nullptr) != napi_ok ||
      napi_unwrap(env, call.self, &object) != napi_ok) {
    napi_throw_type_error(env, nullptr, "Not an object of this addon.");
    return nullptr;
  }
  return (static_cast<T*>(object)->*method)(call);
}

template <class T, napi_value (T::*method)(const Call&)>
napi_property_descriptor Method(const char* name) {
  return {name,    nullptr, Invoke<T, method>,   nullptr,
          nullptr, nullptr, napi_default_method, nullptr};
}

// What the bound functions of one object share. A function can outlive its object (`const f =
// r.next`), so it holds this instead, and finds the object gone.
template <class T>
class Target {
 public:
  explicit Target(T* object) : object_(object) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  // Hangs a function of that name on `owner`. False with an exception pending.
  template <napi_value (T::*method)(const Call&)>
  bool Bind(Napi::Object owner, const char* name) {
    const napi_env env = owner.Env();
    napi_value function;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, Invoke<method>, this, &function) !=
            napi_ok ||
        napi_add_finalizer(env, function, this, Finalise, nullptr, nullptr) != napi_ok) {
      napi_throw_error(env, nullptr, "This thread is being terminated.");
      return false;
    }
    ++references_;
    return napi_set_named_property(env, owner, name, function) == napi_ok;
  }

  // The object is gone: its functions throw from now on.
  void Leave() {
    object_ = nullptr;
    Unref();
  }

 private:
  ~Target() = default;

  template <napi_value (T::*method)(const Call&)>
  static napi_value Invoke(napi_env env, napi_callback_info info) {
    Call call;
    call.env = env;
    call.self = nullptr;
    size_t count = Call::kMaxArguments;
    void* data = nullptr;
    if (napi_get_cb_info(env, info, &count, call.arguments, nullptr, &data) != napi_ok) {
      return nullptr;
    }
    T* object = static_cast<Target*>(data)->object_;
    if (object == nullptr) {
      napi_throw_type_error(env, nullptr, "The object this function belonged to is gone.");
      return nullptr;
    }
    return (object->*method)(call);
  }

  static void Finalise(napi_env /*env*/, void* data, void* /*hint*/) {
    static_cast<Target*>(data)->Unref();
  }

  void Unref() {
    if (--references_ == 0) delete this;
  }

  T* object_;
  int references_ = 1;  // the object's own
};

inline napi_value Number(napi_env env, double value) {
  napi_value number = nullptr;
  napi_create_double(env, value, &number);
  return number;
}

inline napi_value Integer(napi_env env, int32_t value) {
  napi_value number = nullptr;
  napi_create_int32(env, value, &number);
  return number;
}

}  // namespace framering

#endif  // FRAMERING_ADDON_CALL_H_
