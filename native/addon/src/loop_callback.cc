#include "loop_callback.h"

#include <initializer_list>

namespace framering {

bool LoopCallback::Open(const char* name, napi_value owner, napi_value function) {
  napi_value text;
  return napi_create_string_utf8(env_, name, NAPI_AUTO_LENGTH, &text) == napi_ok &&
         napi_async_init(env_, nullptr, text, &context_) == napi_ok &&
         napi_create_reference(env_, owner, 1, &owner_) == napi_ok &&
         napi_create_reference(env_, function, 1, &function_) == napi_ok;
}

void LoopCallback::Forget() {
  for (napi_ref* reference : {&owner_, &function_}) {
    if (*reference != nullptr) napi_delete_reference(env_, *reference);
    *reference = nullptr;
  }
}

void LoopCallback::Invoke(const bool* argument) const {
  if (owner_ == nullptr || function_ == nullptr) return;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value owner = nullptr;
  napi_value function = nullptr;
  napi_value value = nullptr;
  napi_value result = nullptr;
  if ((argument == nullptr || napi_get_boolean(env_, *argument, &value) == napi_ok) &&
      napi_get_reference_value(env_, owner_, &owner) == napi_ok && owner != nullptr &&
      napi_get_reference_value(env_, function_, &function) == napi_ok && function != nullptr) {
    napi_make_callback(env_, context_, owner, function, argument == nullptr ? 0 : 1, &value,
                       &result);
    bool thrown = false;
    napi_value exception;
    if (napi_is_exception_pending(env_, &thrown) == napi_ok && thrown &&
        napi_get_and_clear_last_exception(env_, &exception) == napi_ok) {
      napi_fatal_exception(env_, exception);
    }
  }
  napi_close_handle_scope(env_, scope);
}

LoopCallback::~LoopCallback() {
  if (context_ != nullptr) napi_async_destroy(env_, context_);
}

}  // namespace framering
