// JavaScript calls of methods.
//
// The way from the receiver to its object is 60 ns of private-property lookup. Methods called for
// every frame are therefore bound: a function of its own for each object, which knows its target.
#ifndef FRAMERING_ADDON_CALL_H_
#define FRAMERING_ADDON_CALL_H_

#include <node_api.h>

#include "buffers.h"

namespace framering {

struct Call {
  static constexpr size_t kMaxArguments = 3;
  napi_env env;
  napi_value self;                      // in a bound call: whatever the caller chose
  napi_value arguments[kMaxArguments];  // undefined where the caller gave none
};

// False when the environment is going down. `data` is what the function's descriptor carries.
inline bool TakeCall(napi_env env, napi_callback_info info, Call* call, void** data = nullptr) {
  size_t count = Call::kMaxArguments;
  call->env = env;
  return napi_get_cb_info(env, info, &count, call->arguments, &call->self, data) == napi_ok;
}

// V8 checks the receiver against the class before the call arrives here, so that unwrapping cannot
// give an object of another type.
template <class T, napi_value (T::*method)(const Call&)>
napi_value Invoke(napi_env env, napi_callback_info info) {
  Call call;
  void* object = nullptr;
  if (!TakeCall(env, info, &call) || napi_unwrap(env, call.self, &object) != napi_ok) {
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

// The constructor of T, whose Open reads the options and reports failure as every callback here.
template <class T>
napi_value Construct(napi_env env, napi_callback_info info) {
  Call call;
  void* data = nullptr;
  napi_value new_target = nullptr;
  if (!TakeCall(env, info, &call, &data) ||
      napi_get_new_target(env, info, &new_target) != napi_ok) {
    return nullptr;
  }
  if (new_target == nullptr) {
    napi_throw_type_error(env, nullptr, "Class constructors cannot be invoked without 'new'");
    return nullptr;
  }
  const auto finalise = [](napi_env, void* object, void*) { delete static_cast<T*>(object); };
  T* object = new T(static_cast<BufferCount*>(data));
  if (object->Open(call) &&
      napi_wrap(env, call.self, object, finalise, nullptr, nullptr) == napi_ok) {
    return call.self;
  }
  delete object;
  return nullptr;
}

// Makes the class and a reference to its constructor. False when it failed.
template <class T, size_t size>
bool DefineClass(napi_env env, const char* name, BufferCount* count,
                 const napi_property_descriptor (&methods)[size], napi_ref* type) {
  napi_value constructor;
  return napi_define_class(env, name, NAPI_AUTO_LENGTH, Construct<T>, count, size, methods,
                           &constructor) == napi_ok &&
         napi_create_reference(env, constructor, 1, type) == napi_ok;
}

// What the bound functions of one object share. A function can outlive its object (`const f =
// r.next`), so it holds this instead, and finds the object gone.
template <class T>
class Target {
 public:
  explicit Target(T* object) : object_(object) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  // Hangs a function of that name on `owner`. False when it failed.
  template <napi_value (T::*method)(const Call&)>
  bool Bind(napi_env env, napi_value owner, const char* name) {
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
    void* data = nullptr;
    if (!TakeCall(env, info, &call, &data)) return nullptr;
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

inline napi_value Boolean(napi_env env, bool value) {
  napi_value boolean = nullptr;
  napi_get_boolean(env, value, &boolean);
  return boolean;
}

inline napi_value Text(napi_env env, const char* text, size_t length = NAPI_AUTO_LENGTH) {
  napi_value string = nullptr;
  napi_create_string_utf8(env, text, length, &string);
  return string;
}

}  // namespace framering

#endif  // FRAMERING_ADDON_CALL_H_
