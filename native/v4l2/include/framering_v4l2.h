/* framering: frames of a V4L2 camera, without any other library. C face of native/v4l2.
 *
 *   fr_v4l2* d = NULL;
 *   fr_error err;
 *   fr_v4l2_format f = {.pixelformat = 0x56595559, .width = 640, .height = 480};   // 'YUYV'
 *   fr_v4l2_rows rows = {.source_stride = 1280, .row_bytes = 1280, .rows = 480, .stride = 1280};
 *   if (fr_v4l2_open("/dev/video0", &d, &err) != FR_OK) { puts(err.message); return 1; }
 *   fr_v4l2_set_format(d, &f, &err);            // f is what the driver made of it
 *   fr_v4l2_start(d, 4, &rows, 1, &err);
 *   while (poll on fr_v4l2_fd(d)) {
 *     fr_v4l2_frame frame;
 *     if (fr_v4l2_dequeue(d, &frame, &err) == FR_OK && frame.held)
 *       fr_v4l2_copy(d, pixels, sizeof pixels, &bytes, &err);
 *   }
 *   fr_v4l2_close(d);
 *
 * Conventions as in framering.h: a handle is used by one thread at a time, nothing throws. Nothing
 * here blocks but the driver itself. What a driver answers is checked before it is used: indexes,
 * lengths and offsets that cannot be are errors.
 *
 * After DEVICE_GONE only fr_v4l2_close is of any use. Calls and structures are those of
 * linux/videodev2.h; "VIDIOC_…" in the kernel's userspace-api/media/v4l says more of each.
 */
#ifndef FRAMERING_V4L2_H_
#define FRAMERING_V4L2_H_

#include <framering.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FR_V4L2_MAX_PLANES = 4,   /* buffers that make one frame together */
  FR_V4L2_MAX_ROWS = 4,     /* row blocks of one frame */
  FR_V4L2_MAX_BUFFERS = 32, /* what a driver may keep in its queue */
  FR_V4L2_MAX_MENU = 1024   /* entries of one menu */
};

typedef struct fr_v4l2 fr_v4l2;

/* Opens a device that captures video through mmap. Fails with NOT_FOUND, PERMISSION, DEVICE_BUSY,
 * DEVICE_GONE, UNSUPPORTED (something else than such a device) or SYSTEM. */
fr_status fr_v4l2_open(const char* path, fr_v4l2** out, fr_error* err);
/* Ends the stream, unmaps its memory, closes the device and frees the handle. */
void fr_v4l2_close(fr_v4l2* d);
/* Readable when a frame is there; hangs up when the device is gone. */
int fr_v4l2_fd(const fr_v4l2* d);

typedef struct fr_v4l2_info {
  char driver[16], card[32], bus_info[32]; /* need not end with a zero */
  uint32_t capabilities;                   /* V4L2_CAP_* of this node */
  uint32_t multi_planar;                   /* 1: the device has that API alone */
} fr_v4l2_info;

void fr_v4l2_get_info(const fr_v4l2* d, fr_v4l2_info* info);

/* ---- what it offers ----------------------------------------------------------------------- */

/* Each list: index 0, 1, … until FR_OK comes with `*found` 0. A driver may lie: stop somewhere. */

typedef struct fr_v4l2_format_entry {
  uint32_t pixelformat;
  uint32_t flags; /* V4L2_FMT_FLAG_* */
  char description[32];
} fr_v4l2_format_entry;

fr_status fr_v4l2_format_at(fr_v4l2* d, uint32_t index, fr_v4l2_format_entry* out, int* found,
                            fr_error* err);

typedef struct fr_v4l2_size_entry {
  uint32_t stepwise; /* 0: one size, min = max */
  uint32_t min_width, max_width, step_width;
  uint32_t min_height, max_height, step_height;
} fr_v4l2_size_entry;

fr_status fr_v4l2_size_at(fr_v4l2* d, uint32_t pixelformat, uint32_t index, fr_v4l2_size_entry* out,
                          int* found, fr_error* err);

/* Seconds from one frame to the next, as a fraction. */
typedef struct fr_v4l2_interval {
  uint32_t numerator, denominator;
} fr_v4l2_interval;

typedef struct fr_v4l2_interval_entry {
  uint32_t stepwise; /* 0: one interval, min = max */
  fr_v4l2_interval min, max;
} fr_v4l2_interval_entry;

fr_status fr_v4l2_interval_at(fr_v4l2* d, uint32_t pixelformat, uint32_t width, uint32_t height,
                              uint32_t index, fr_v4l2_interval_entry* out, int* found,
                              fr_error* err);

/* ---- format and rate ---------------------------------------------------------------------- */

typedef struct fr_v4l2_format {
  uint32_t pixelformat, width, height;
  uint32_t field;                      /* V4L2_FIELD_* */
  uint32_t plane_count;                /* 1..FR_V4L2_MAX_PLANES */
  uint32_t stride[FR_V4L2_MAX_PLANES]; /* bytesperline; 0 = the driver does not say */
  uint32_t bytes[FR_V4L2_MAX_PLANES];  /* sizeimage */
  uint32_t colorspace, ycbcr, quantization, transfer;
} fr_v4l2_format;

fr_status fr_v4l2_get_format(fr_v4l2* d, fr_v4l2_format* out, fr_error* err);
/* Asks for pixelformat, width and height, progressive; fills in what the driver chose, which can be
 * something else. Fails with DEVICE_BUSY while anybody streams, this handle included. */
fr_status fr_v4l2_set_format(fr_v4l2* d, fr_v4l2_format* format, fr_error* err);
/* 0/0: the driver does not say. */
fr_status fr_v4l2_get_interval(fr_v4l2* d, fr_v4l2_interval* out, fr_error* err);
/* Fills in the one chosen. Fails with UNSUPPORTED where the device has no say in it. */
fr_status fr_v4l2_set_interval(fr_v4l2* d, fr_v4l2_interval* interval, fr_error* err);

/* ---- frames ------------------------------------------------------------------------------- */

/* Rows that are copied together: from a plane of the driver's to the frame. */
typedef struct fr_v4l2_rows {
  uint32_t plane;
  uint32_t rows;
  uint64_t source_offset, source_stride;
  uint64_t offset, stride; /* in the frame */
  uint64_t row_bytes;
} fr_v4l2_rows;

typedef struct fr_v4l2_frame {
  int32_t held;      /* 1: a frame is out, for copy or requeue. 0: none was ready */
  uint32_t damaged;  /* buffers put back since the last call: marked as damaged, or too short */
  uint32_t sequence; /* the driver's */
  uint32_t flags;    /* V4L2_BUF_FLAG_* */
  int64_t seconds;   /* the driver's time stamp */
  int64_t microseconds;
  uint64_t bytes; /* of a compressed frame */
} fr_v4l2_frame;

/* Allocates, maps and queues at least two buffers and starts the stream. `rows` says how a frame is
 * put together; none at all: compressed data, of one plane. Fails with OPTION_INVALID (rows that do
 * not lie in the buffers), DEVICE_BUSY, DEVICE_GONE, UNSUPPORTED or SYSTEM, and nothing is held. */
fr_status fr_v4l2_start(fr_v4l2* d, uint32_t buffers, const fr_v4l2_rows* rows, uint32_t row_count,
                        fr_error* err);
/* Takes the next whole frame, without waiting; the one held before goes back. */
fr_status fr_v4l2_dequeue(fr_v4l2* d, fr_v4l2_frame* out, fr_error* err);
/* Puts the held frame together in `target` and gives its buffer back to the driver. Fails with
 * FRAME_TOO_LARGE when it does not fit: then it is still held. */
fr_status fr_v4l2_copy(fr_v4l2* d, uint8_t* target, uint64_t capacity, uint64_t* bytes,
                       fr_error* err);
/* Gives the held frame back unread. Without one, nothing happens. */
fr_status fr_v4l2_requeue(fr_v4l2* d, fr_error* err);
/* Ends the stream and frees its buffers. Nothing happens where there is none. */
void fr_v4l2_stop(fr_v4l2* d);

/* ---- controls ----------------------------------------------------------------------------- */

typedef struct fr_v4l2_control {
  uint32_t id;
  uint32_t type; /* V4L2_CTRL_TYPE_* */
  uint32_t flags;
  char name[32];
  int64_t minimum, maximum, default_value;
  uint64_t step;
} fr_v4l2_control;

/* The first control with an id above `after`; compound ones are passed over. */
fr_status fr_v4l2_control_after(fr_v4l2* d, uint32_t after, fr_v4l2_control* out, int* found,
                                fr_error* err);

typedef struct fr_v4l2_menu_entry {
  char name[32]; /* of a menu */
  int64_t value; /* of an integer menu */
} fr_v4l2_menu_entry;

/* Menus have holes: `*found` 0 is no end. */
fr_status fr_v4l2_menu_at(fr_v4l2* d, uint32_t id, uint32_t index, fr_v4l2_menu_entry* out,
                          int* found, fr_error* err);
/* `type` as the control's. Fails with OPTION_INVALID for one that does not exist, has no number, or
 * may not be read, DEVICE_BUSY, DEVICE_GONE, SYSTEM. */
fr_status fr_v4l2_get_control(fr_v4l2* d, uint32_t id, uint32_t type, int64_t* value,
                              fr_error* err);
/* The same, and OPTION_INVALID for a value that the driver refuses. */
fr_status fr_v4l2_set_control(fr_v4l2* d, uint32_t id, uint32_t type, int64_t value, fr_error* err);

#ifdef __cplusplus
}
#endif
#endif /* FRAMERING_V4L2_H_ */
