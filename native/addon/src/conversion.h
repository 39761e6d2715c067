// ConvertBinding of src/native/convert-binding.ts.
#ifndef FRAMERING_ADDON_CONVERSION_H_
#define FRAMERING_ADDON_CONVERSION_H_

#include <node_api.h>

namespace framering {

// convertSync(source, target, plan, map): bytes used of a compressed target, else 0.
napi_value ConvertSync(napi_env env, napi_callback_info info);
// The same on a thread of libuv's pool; a promise of the same.
napi_value ConvertAsync(napi_env env, napi_callback_info info);
// jpegSize(data): { width, height }.
napi_value JpegSize(napi_env env, napi_callback_info info);
// converters(): { libyuv, turbojpeg }.
napi_value Converters(napi_env env, napi_callback_info info);

}  // namespace framering

#endif  // FRAMERING_ADDON_CONVERSION_H_
