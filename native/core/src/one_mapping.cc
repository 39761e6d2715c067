#include "one_mapping.h"

#ifdef FR_TEST_HOOKS

#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <mutex>
#include <vector>

namespace framering {
namespace {

struct Shared {
  dev_t device;
  ino_t inode;
  uint8_t* base;
  size_t length;
  size_t borrowed;
};

std::atomic<bool> g_shared{false};
std::mutex g_lock;
std::vector<Shared> g_mappings;

}  // namespace

void share_one_mapping() { g_shared.store(true, std::memory_order_relaxed); }
bool one_mapping_shared() { return g_shared.load(std::memory_order_relaxed); }

uint8_t* borrow_mapping(int fd, uint64_t offset) {
  struct stat st;
  if (fstat(fd, &st) != 0) return nullptr;
  const std::lock_guard<std::mutex> hold(g_lock);
  for (Shared& m : g_mappings) {
    if (m.device != st.st_dev || m.inode != st.st_ino) continue;
    ++m.borrowed;
    return m.base + offset;
  }
  // The writer maps its objects before they have names. A reader that comes first here holds what
  // the writer has left already, and its descriptor may be good for reading only.
  const auto length = static_cast<size_t>(st.st_size);
  void* base = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) base = mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return nullptr;
  g_mappings.push_back({st.st_dev, st.st_ino, static_cast<uint8_t*>(base), length, 1});
  return g_mappings.back().base + offset;
}

void return_mapping(const uint8_t* address) {
  const std::lock_guard<std::mutex> hold(g_lock);
  for (size_t i = 0; i < g_mappings.size(); ++i) {
    Shared& m = g_mappings[i];
    if (address < m.base || address >= m.base + m.length) continue;
    if (--m.borrowed != 0) return;
    munmap(m.base, m.length);
    g_mappings.erase(g_mappings.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

}  // namespace framering

#endif
