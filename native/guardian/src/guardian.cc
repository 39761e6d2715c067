// Usage: framering-guardian OWNER < PIPE 3<> JOURNAL
//
// Waits until nobody holds the other end of its standard input any more, which is the kernel's word
// that its owner is gone, and removes what the journal says the owner had made. Started by
// src/shared-memory/guardian.ts, which hands over the pipe's end and the nameless journal.
//
// OWNER is the owner's process id: for people who look at `ps`, and for nothing else.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace {

constexpr int kLifeLine = STDIN_FILENO;
constexpr int kJournal = 3;

// As src/shared-memory/journal.ts writes it. A page holds a whole number of them: one that its
// owner was killed over while writing is there or it is not.
struct Record {
  uint64_t device;
  uint64_t inode;
  char path[496];  // NUL-terminated; empty: free
};
static_assert(sizeof(Record) == 512, "the owner counts on it");

// Out of the way of what is meant for the owner's terminal and service. SIGKILL is the owner's
// risk: it removes what it has made as long as it lives itself.
void ignore_signals() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2, SIGTSTP}) {
    signal(number, SIG_IGN);
  }
}

// A descriptor that the owner's other code had left inheritable would be kept open by this process
// for as long as the owner lives. Kernels before 5.9 lack the call: there such a descriptor stays.
void close_what_else_came() { syscall(SYS_close_range, kJournal + 1, ~0U, 0); }

void wait_for_the_owners_end() {
  char byte = 0;
  for (;;) {
    const ssize_t got = read(kLifeLine, &byte, 1);
    if (got > 0) continue;
    if (got == 0) return;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return;  // ECONNRESET: the owner died with bytes of ours unread
    pollfd life_line{kLifeLine, POLLIN, 0};
    poll(&life_line, 1, -1);
  }
}

bool is_still(const Record& record) {
  struct stat there = {};
  if (fstatat(AT_FDCWD, record.path, &there, AT_SYMLINK_NOFOLLOW) != 0) return false;
  return S_ISREG(there.st_mode) && there.st_dev == record.device && there.st_ino == record.inode;
}

// Only what is still the owner's own: somebody may have removed it and given the name to memory of
// theirs.
void remove_what_is_left() {
  Record record = {};
  for (off_t at = 0;; at += sizeof(record)) {
    const ssize_t got = pread(kJournal, &record, sizeof(record), at);
    if (got < 0 && errno == EINTR) {
      at -= sizeof(record);
      continue;
    }
    if (got != sizeof(record)) return;
    if (record.path[0] != '/' || memchr(record.path, '\0', sizeof(record.path)) == nullptr)
      continue;
    if (is_still(record)) unlink(record.path);
  }
}

}  // namespace

int main() {
  ignore_signals();
  close_what_else_came();
  wait_for_the_owners_end();
  remove_what_is_left();
  return 0;
}
