// Both sides of the iceoryx row: the untyped C++ API, loan → write → publish, take → read →
// release. Both spin on `take`, or wait in a WaitSet before it.
#include <unistd.h>

#include <chrono>
#include <iceoryx_hoofs/cxx/string.hpp>
#include <iceoryx_posh/popo/untyped_publisher.hpp>
#include <iceoryx_posh/popo/untyped_subscriber.hpp>
#include <iceoryx_posh/popo/wait_set.hpp>
#include <iceoryx_posh/runtime/posh_runtime.hpp>
#include <optional>
#include <thread>

#include "part.h"
#include "sides.h"

namespace {

// Frames that a reader may have waiting; a publisher that is ahead waits for the slowest.
constexpr uint64_t kQueue = 4;

using iox::capro::ServiceDescription;

// From the writer to the readers, and back.
enum class Way { kThere, kBack };

iox::popo::PublisherOptions PublisherOptions() {
  iox::popo::PublisherOptions options;
  options.subscriberTooSlowPolicy = iox::popo::ConsumerTooSlowPolicy::WAIT_FOR_CONSUMER;
  return options;
}

iox::popo::SubscriberOptions SubscriberOptions() {
  iox::popo::SubscriberOptions options;
  options.queueCapacity = kQueue;
  options.queueFullPolicy = iox::popo::QueueFullPolicy::BLOCK_PRODUCER;
  return options;
}

ServiceDescription TopicOf(Way way) {
  if (way == Way::kThere) return {"FrameringBench", "there", "frames"};
  return {"FrameringBench", "back", "frames"};
}

void Fail(const char* what) {
  fprintf(stderr, "iceoryx: %s\n", what);
  exit(1);
}

void Pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

class Out {
 public:
  explicit Out(Way way) : publisher_(TopicOf(way), PublisherOptions()) {}

  void* Loan(size_t bytes) {
    auto loaned = publisher_.loan(static_cast<uint32_t>(bytes));
    if (loaned.has_error()) Fail("no chunk to loan");
    return loaned.value();
  }
  void Publish(void* frame) { publisher_.publish(frame); }
  void WaitForReader() {
    while (!publisher_.hasSubscribers()) Pause();
  }

 private:
  iox::popo::UntypedPublisher publisher_;
};

class In {
 public:
  In(Way way, bool sleeps) : subscriber_(TopicOf(way), SubscriberOptions()) {
    if (!sleeps) return;
    waitset_.emplace();
    waitset_->attachState(subscriber_, iox::popo::SubscriberState::HAS_DATA).or_else([](auto&) {
      Fail("the WaitSet refused the subscriber");
    });
  }
  ~In() {
    if (waitset_) waitset_->detachState(subscriber_, iox::popo::SubscriberState::HAS_DATA);
  }
  In(const In&) = delete;
  In& operator=(const In&) = delete;

  // Asks first: a WaitSet that is entered with frames waiting, after a queue that was full, may
  // sleep.
  const void* Take() {
    while (true) {
      auto taken = subscriber_.take();
      if (!taken.has_error()) return taken.value();
      if (waitset_) waitset_->wait();
    }
  }
  void Release(const void* frame) { subscriber_.release(frame); }
  void WaitForWriter() {
    while (subscriber_.getSubscriptionState() != iox::SubscribeState::SUBSCRIBED) Pause();
  }

 private:
  iox::popo::UntypedSubscriber subscriber_;
  std::optional<iox::popo::WaitSet<1>> waitset_;
};

}  // namespace

int main(int count, char** given) {
  const part::Flags flags(count, given);
  const part::Task task(flags);
  const bool writes = flags.Text("--role") == "writer";
  const bool sleeps = flags.Text("--wait") == "waitset";

  // Also the name of a socket in /tmp that iceoryx leaves when it is killed: the row knows it by
  // this.
  const std::string name = flags.Text("--address") + "-" + std::to_string(getpid());
  iox::runtime::PoshRuntime::initRuntime(iox::RuntimeName_t(iox::cxx::TruncateToCapacity, name));

  if (task.ping_pong) {
    Out out(writes ? Way::kThere : Way::kBack);
    In in(writes ? Way::kBack : Way::kThere, sleeps);
    part::WaitForGo();
    out.WaitForReader();
    in.WaitForWriter();
    if (writes)
      sides::PingPongWriter(task, out, in);
    else
      sides::PingPongReader(task, out, in);
  } else if (writes) {
    Out out(Way::kThere);
    part::WaitForGo();
    out.WaitForReader();
    sides::OneWayWriter(task, out);
  } else {
    In in(Way::kThere, sleeps);
    in.WaitForWriter();
    part::WaitForGo();
    sides::OneWayReader(task, in);
  }
  return 0;
}
