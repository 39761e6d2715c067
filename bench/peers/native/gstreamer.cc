// Both sides of the GStreamer row: appsrc → shmsink in one process, shmsrc → appsink in the other.
// Frames are written in memory of shmsink's own allocator, so that it has nothing to copy.
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "part.h"
#include "sides.h"

namespace {

// Frames under way: one that is written, one in appsrc's queue, one at the sink, those of a reader.
constexpr uint64_t kFrames = 6;

void Fail(const std::string& what) {
  fprintf(stderr, "gstreamer: %s\n", what.c_str());
  exit(1);
}

GstElement* Launch(const std::string& description) {
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description.c_str(), &error);
  if (error != nullptr) Fail(error->message);
  return pipeline;
}

void Play(GstElement* pipeline, const char* what) {
  if (gst_element_set_state(pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE) Fail(what);
}

class Out {
 public:
  Out(const std::string& socket, size_t bytes) : bytes_(bytes) {
    // A block's own header, and the page that an allocation ends in.
    const size_t area = kFrames * (bytes + 4096) + 65536;
    pipeline_ = Launch(
        "appsrc name=from block=true max-bytes=0 max-buffers=1 ! shmsink name=to sync=false "
        "async=false wait-for-connection=true enable-last-sample=false shm-size=" +
        std::to_string(area) + " socket-path=" + socket);
    source_ = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(pipeline_), "from"));
    GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline_), "to");
    g_signal_connect(sink, "client-connected", G_CALLBACK(Count), this);
    Play(pipeline_, "shmsink does not start");
    allocator_ = AllocatorOf(sink);
    gst_object_unref(sink);
  }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;

  // Waits until all that was published has been given back, or it would go with the memory.
  ~Out() {
    gst_app_src_end_of_stream(source_);
    GstBus* bus = gst_element_get_bus(pipeline_);
    GstMessage* end = gst_bus_timed_pop_filtered(
        bus, 5 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    if (end != nullptr) gst_message_unref(end);
    gst_object_unref(bus);
    gst_object_unref(allocator_);
    // Also removes the socket and the shared memory object.
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(source_);
    gst_object_unref(pipeline_);
  }

  void WaitForReaders(uint64_t count) {
    while (connected_.load() < count) usleep(1000);
  }

  // Memory of the system's where shmsink has none free: it waits then, and copies.
  void* Loan(size_t) {
    buffer_ = gst_buffer_new_allocate(allocator_, bytes_, nullptr);
    if (buffer_ == nullptr || !gst_buffer_map(buffer_, &map_, GST_MAP_READWRITE)) {
      Fail("no memory for a frame");
    }
    return map_.data;
  }
  void Publish(void*) {
    gst_buffer_unmap(buffer_, &map_);
    if (gst_app_src_push_buffer(source_, buffer_) != GST_FLOW_OK) Fail("appsrc takes no frame");
  }

 private:
  static void Count(GstElement*, gint, gpointer self) { static_cast<Out*>(self)->connected_++; }

  static GstAllocator* AllocatorOf(GstElement* sink) {
    GstPad* pad = gst_element_get_static_pad(sink, "sink");
    GstQuery* query = gst_query_new_allocation(nullptr, FALSE);
    if (!gst_pad_query(pad, query) || gst_query_get_n_allocation_params(query) == 0) {
      Fail("shmsink names no allocator");
    }
    GstAllocator* allocator = nullptr;
    gst_query_parse_nth_allocation_param(query, 0, &allocator, nullptr);
    gst_query_unref(query);
    gst_object_unref(pad);
    return allocator;
  }

  size_t bytes_;
  std::atomic<uint64_t> connected_{0};
  GstElement* pipeline_ = nullptr;
  GstAppSrc* source_ = nullptr;
  GstAllocator* allocator_ = nullptr;
  GstBuffer* buffer_ = nullptr;
  GstMapInfo map_{};
};

class In {
 public:
  explicit In(const std::string& socket) {
    pipeline_ = Launch("shmsrc is-live=true socket-path=" + socket +
                       " ! appsink name=to sync=false async=false max-buffers=2 drop=false "
                       "enable-last-sample=false");
    sink_ = GST_APP_SINK(gst_bin_get_by_name(GST_BIN(pipeline_), "to"));
    Play(pipeline_, "shmsrc does not start");
  }
  In(const In&) = delete;
  In& operator=(const In&) = delete;
  ~In() {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(sink_);
    gst_object_unref(pipeline_);
  }

  const void* Take() {
    sample_ = gst_app_sink_pull_sample(sink_);
    if (sample_ == nullptr) Fail("the stream has ended early");
    if (!gst_buffer_map(gst_sample_get_buffer(sample_), &map_, GST_MAP_READ)) {
      Fail("a frame cannot be mapped");
    }
    return map_.data;
  }
  void Release(const void*) {
    gst_buffer_unmap(gst_sample_get_buffer(sample_), &map_);
    gst_sample_unref(sample_);
  }

 private:
  GstElement* pipeline_ = nullptr;
  GstAppSink* sink_ = nullptr;
  GstSample* sample_ = nullptr;
  GstMapInfo map_{};
};

}  // namespace

int main(int count, char** given) {
  gst_init(nullptr, nullptr);
  const part::Flags flags(count, given);
  const part::Task task(flags);
  const bool writes = flags.Text("--role") == "writer";
  const std::string there = flags.Text("--address") + "/there";
  const std::string back = flags.Text("--address") + "/back";

  if (writes) {
    Out out(there, task.bytes);
    part::WaitForGo();
    out.WaitForReaders(task.readers);
    if (task.ping_pong) {
      In in(back);
      sides::PingPongWriter(task, out, in);
    } else {
      sides::OneWayWriter(task, out);
    }
  } else if (task.ping_pong) {
    Out out(back, task.bytes);
    In in(there);
    part::WaitForGo();
    sides::PingPongReader(task, out, in);
  } else {
    In in(there);
    part::WaitForGo();
    sides::OneWayReader(task, in);
  }
  return 0;
}
