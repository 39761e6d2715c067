/* Pictures from one pixel format to another. C face of native/convert.
 *
 *   fr_picture from = {.fourcc = yuyv, .width = 640, .height = 480, .data = in, .length = 614400,
 *                      .plane_count = 1, .planes = {{0, 1280}}};
 *   fr_picture to = {.fourcc = rgb3, .width = 640, .height = 480, .data = out, .length = 921600,
 *                    .plane_count = 1, .planes = {{0, 1920}}};
 *   fr_convert_options options = {.crop_width = 640, .crop_height = 480};
 *   if (fr_convert(&from, &to, &options, &used, &err) != FR_OK) puts(err.message);
 *
 * Formats are fourccs as V4L2 packs them; the table is src/format/fourcc.ts. Nothing is written
 * unless every plane of both pictures lies within its `length` and the two do not overlap. The
 * bytes of a source may change while they are read: the result is a torn picture then and nothing
 * worse. Functions may be called from any thread, also at the same time. Status codes and fr_error
 * are framering.h's.
 */
#ifndef FRAMERING_CONVERT_H_
#define FRAMERING_CONVERT_H_

#include "framering.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FR_MAX_SIDE = 1 << 20,   /* pixels of a side of a picture that is converted */
  FR_COLOR_MAP_BYTES = 768 /* 256 times red, green, blue */
};

/* Not a picture format: float32, three values a pixel (or one, see `tensor_channels`). */
#define FR_TENSOR 0x534e4554u /* "TENS" */

typedef struct fr_picture {
  uint32_t fourcc;
  uint32_t width, height; /* pixels, 1..FR_MAX_SIDE */
  uint8_t* data;          /* not written where it is the source */
  uint64_t length;        /* bytes at `data`; of a compressed picture: its own */
  uint32_t plane_count;   /* as the format has them; 0 for compressed pictures and tensors */
  fr_plane planes[FR_MAX_PLANES];
  uint32_t matrix;     /* of YUV: H.273, 1 = BT.709, 5 or 6 = BT.601, 9 = BT.2020 */
  uint32_t full_range; /* of YUV: 1 = 0..255, 0 = luma 16..235, chroma 16..240 */
} fr_picture;

typedef enum fr_resize { FR_RESIZE_AREA = 0, FR_RESIZE_NEAREST = 1 } fr_resize;

/* In this order: the crop is cut out of the source, scaled to the target's size, mirrored, turned.
 */
typedef struct fr_convert_options {
  uint32_t crop_x, crop_y, crop_width, crop_height; /* pixels of the source */
  uint32_t resize;                                  /* fr_resize */
  uint32_t flip;   /* 1 = left to right, 2 = top to bottom, 3 = both */
  uint32_t rotate; /* 0, 90, 180 or 270 degrees clockwise */
  /* 16-bit and float sources: what becomes 0 and 255. automatic = 1: least and greatest there are.
   */
  uint32_t automatic;
  double low, high;
  const uint8_t* color_map;  /* FR_COLOR_MAP_BYTES, or NULL = grey */
  uint8_t no_value[3];       /* RGB of pixels without a depth */
  uint32_t tensor_channels;  /* 3 or 1 */
  uint32_t tensor_planar;    /* 1 = one plane a channel, 0 = channels side by side */
  uint32_t tensor_bgr;       /* 1 = blue first */
  float scale[3], offset[3]; /* tensor: value * scale + offset, by channel as it is stored */
  uint32_t quality;          /* of a JPEG, 1..100 */
  uint32_t own_only;         /* 1 = neither libyuv nor libturbojpeg */
} fr_convert_options;

/* `used`: bytes of a compressed target, else 0. OPTION_INVALID (sizes, planes, overlap, a JPEG that
 * cannot be decoded, a JPEG target that is too short), UNSUPPORTED (a pair of formats; JPEG without
 * libturbojpeg), SYSTEM (no memory). */
fr_status fr_convert(const fr_picture* source, const fr_picture* target,
                     const fr_convert_options* options, uint64_t* used, fr_error* err);

/* What a JPEG says of itself, before it is decoded. OPTION_INVALID, UNSUPPORTED. */
fr_status fr_jpeg_size(const uint8_t* data, uint64_t length, uint32_t* width, uint32_t* height,
                       fr_error* err);

/* 1 where the library was found; looked for once. */
uint32_t fr_has_libyuv(void);
uint32_t fr_has_turbojpeg(void);

#ifdef __cplusplus
}
#endif
#endif /* FRAMERING_CONVERT_H_ */
