// A library that may be there or not, found when the program runs.
#pragma once

#include <dlfcn.h>

namespace framering::convert {

// Never closed: code of it may be running in another thread when this process ends.
class SharedLibrary {
 public:
  explicit SharedLibrary(const char* name) : handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {}
  SharedLibrary(const SharedLibrary&) = delete;
  SharedLibrary& operator=(const SharedLibrary&) = delete;

  bool found() const { return handle_ != nullptr; }
  // Leaves nullptr where there is no such function, or constant.
  template <typename T>
  bool Find(const char* name, T** out) const {
    *out = handle_ == nullptr ? nullptr : reinterpret_cast<T*>(dlsym(handle_, name));
    return *out != nullptr;
  }

 private:
  void* handle_;
};

}  // namespace framering::convert
