// The few libuv functions that doorbells and semaphores need, declared by hand.
//
// uv.h comes with a full Node installation but not with node-api-headers, and whoever builds this
// addon may have nothing but Node's executable and a C++ compiler. Node exports these symbols and
// libuv keeps their ABI through all of its major version 1. Handles stay opaque: their size is
// asked for (uv_handle_size) and their data reached by functions. kUvPoll and kUvAsync are numbers
// that another libuv could have given away, so UvAbiMatches asks for their names before any handle
// is made.
#ifndef FRAMERING_ADDON_UV_ABI_H_
#define FRAMERING_ADDON_UV_ABI_H_

#include <stddef.h>

#include <cstring>

extern "C" {
struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;
struct uv_async_s;
using uv_close_cb = void (*)(uv_handle_s* handle);
using uv_poll_cb = void (*)(uv_poll_s* handle, int status, int events);
using uv_async_cb = void (*)(uv_async_s* handle);

unsigned int uv_version(void);
const char* uv_handle_type_name(int type);
size_t uv_handle_size(int type);
void* uv_handle_get_data(const uv_handle_s* handle);
void uv_handle_set_data(uv_handle_s* handle, void* data);
void uv_close(uv_handle_s* handle, uv_close_cb close_cb);
int uv_poll_init(uv_loop_s* loop, uv_poll_s* handle, int fd);
int uv_poll_start(uv_poll_s* handle, int events, uv_poll_cb cb);
int uv_poll_stop(uv_poll_s* handle);
int uv_async_init(uv_loop_s* loop, uv_async_s* handle, uv_async_cb cb);
int uv_async_send(uv_async_s* handle);
void uv_ref(uv_handle_s* handle);
void uv_unref(uv_handle_s* handle);
const char* uv_strerror(int err);
}

namespace framering {

inline constexpr int kUvAsync = 1;       // uv_handle_type UV_ASYNC
inline constexpr int kUvPoll = 8;        // uv_handle_type UV_POLL
inline constexpr int kUvReadable = 1;    // uv_poll_event UV_READABLE
inline constexpr int kUvDisconnect = 4;  // uv_poll_event UV_DISCONNECT

inline bool UvHandleIs(int type, const char* wanted) {
  const char* name = uv_handle_type_name(type);
  const size_t size = uv_handle_size(type);
  return name != nullptr && std::strcmp(name, wanted) == 0 && size >= 64 && size <= 4096;
}

// False when this process's libuv is not one the declarations above are true of.
inline bool UvAbiMatches() {
  return uv_version() >> 16 == 1 && UvHandleIs(kUvAsync, "async") && UvHandleIs(kUvPoll, "poll");
}

}  // namespace framering

#endif  // FRAMERING_ADDON_UV_ABI_H_
