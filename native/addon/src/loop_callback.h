// A function of JavaScript that the event loop calls with no JavaScript below it.
#ifndef FRAMERING_ADDON_LOOP_CALLBACK_H_
#define FRAMERING_ADDON_LOOP_CALLBACK_H_

#include <node_api.h>

namespace framering {

class LoopCallback {
 public:
  explicit LoopCallback(napi_env env) : env_(env) {}
  ~LoopCallback();
  LoopCallback(const LoopCallback&) = delete;
  LoopCallback& operator=(const LoopCallback&) = delete;
  // `name` is what async_hooks show; `owner` becomes `this`. Both are kept from the garbage
  // collector until Forget. False when the environment is going down.
  bool Open(const char* name, napi_value owner, napi_value function);
  void Forget();
  // What the function throws is an uncaught exception. Nothing after Forget.
  void Call() const { Invoke(nullptr); }
  void Call(bool argument) const { Invoke(&argument); }

 private:
  void Invoke(const bool* argument) const;

  napi_env env_;
  napi_ref owner_ = nullptr;
  napi_ref function_ = nullptr;
  napi_async_context context_ = nullptr;
};

}  // namespace framering

#endif  // FRAMERING_ADDON_LOOP_CALLBACK_H_
