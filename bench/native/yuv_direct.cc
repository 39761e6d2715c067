// Times functions of libyuv that are called directly: `yuv_direct WIDTH HEIGHT RUNS`. Prints one
// line for each: its name, and the median of its runs in milliseconds.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using In = const uint8_t*;
using Out = uint8_t*;

template <typename Call>
void Time(const char* name, int runs, Call call) {
  std::vector<double> times;
  for (int i = 0; i < runs + 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    call();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (i >= 5) times.push_back(took.count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%s %.6f\n", name, times[times.size() / 2]);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int w = std::atoi(argv[1]);
  const int h = std::atoi(argv[2]);
  const int runs = std::atoi(argv[3]);
  void* library = dlopen("libyuv.so.0", RTLD_NOW);
  if (library == nullptr || w < 2 || h < 2 || runs < 1) return 1;
  const size_t area = static_cast<size_t>(w) * static_cast<size_t>(h);
  std::vector<uint8_t> from(area * 4, 100);
  std::vector<uint8_t> to(area * 4);
  In y = from.data();
  In u = y + area;
  In v = u + area / 4;
  Out out = to.data();
  const void* bt601 = dlsym(library, "kYvuI601Constants");
  const void* bgr = dlsym(library, "kYuvI601Constants");

  using Three = int(In, int, In, int, In, int, Out, int, const void*, int, int);
  auto three = reinterpret_cast<Three*>(dlsym(library, "I420ToRGB24Matrix"));
  Time("I420-RGB3", runs, [&] { three(y, w, v, w / 2, u, w / 2, out, 3 * w, bt601, w, h); });
  auto four = reinterpret_cast<Three*>(dlsym(library, "I420ToARGBMatrix"));
  Time("I420-BGRA", runs, [&] { four(y, w, u, w / 2, v, w / 2, out, 4 * w, bgr, w, h); });
  using Two = int(In, int, In, int, Out, int, const void*, int, int);
  auto two = reinterpret_cast<Two*>(dlsym(library, "NV21ToRGB24Matrix"));
  Time("NV12-RGB3", runs, [&] { two(y, w, u, w, out, 3 * w, bt601, w, h); });
  using Pairs = int(In, int, Out, int, int, int);
  auto pairs = reinterpret_cast<Pairs*>(dlsym(library, "YUY2ToARGB"));
  Time("YUYV-BGRA", runs, [&] { pairs(y, 2 * w, out, 4 * w, w, h); });
  using Split = int(In, int, Out, int, Out, int, Out, int, int, int);
  const auto planes = [&](const char* name, const char* function, int step) {
    auto split = reinterpret_cast<Split*>(dlsym(library, function));
    Out u_out = out + area;
    Time(name, runs, [&, split, u_out, step] {
      split(y, step * w, out, w, u_out, w / 2, u_out + area / 4, w / 2, w, h);
    });
  };
  planes("YUYV-I420", "YUY2ToI420", 2);
  planes("RGB3-I420", "RAWToI420", 3);
  planes("BGRA-I420", "ARGBToI420", 4);
  auto swap = reinterpret_cast<Pairs*>(dlsym(library, "RAWToARGB"));
  Time("RGB3-BGRA", runs, [&] { swap(y, 3 * w, out, 4 * w, w, h); });
  return 0;
}
