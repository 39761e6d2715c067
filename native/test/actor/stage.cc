#include "stage.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "actor.h"

namespace framering::test {

int Stage::run() {
  setpgid(0, 0);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, nullptr);
  signals_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  for (;;) {
    std::vector<pollfd> fds = {{STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}};
    std::vector<std::string> ids;
    for (const auto& [id, player] : players_) {
      ids.push_back(id);
      fds.push_back({player.socket, POLLIN, 0});
    }
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return 1;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (fds[i + 2].revents == 0) continue;
      const auto player = players_.find(ids[i]);
      if (carry(ids[i], player->second)) continue;
      // Its own end is closed, and every forked child's: nobody can say anything any more.
      close(player->second.socket);
      player->second.socket = -1;
      tell(ids[i] + " silent");
      if (player->second.reaped) players_.erase(player);
    }
    if (fds[1].revents != 0) reap();
    if (fds[0].revents != 0) {
      char text[65536];
      const ssize_t length = read(STDIN_FILENO, text, sizeof text);
      if (length <= 0) break;
      input_.append(text, static_cast<size_t>(length));
      size_t from = 0;
      for (size_t end; (end = input_.find('\n', from)) != std::string::npos; from = end + 1) {
        obey(input_.substr(from, end - from));
      }
      input_.erase(0, from);
    }
    flush();
  }
  for (const auto& [id, player] : players_) {
    if (!player.reaped) kill(player.pid, SIGKILL);
  }
  while (waitpid(-1, nullptr, 0) > 0) {
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  return 0;
}

void Stage::obey(const std::string& line) {
  const size_t blank = line.find(' ');
  const std::string id = line.substr(0, blank);
  const std::string command = blank == std::string::npos ? "" : line.substr(blank + 1);
  if (command == "spawn") return spawn(id);
  if (id == "*") {
    // One event for all: they are a process group of ours.
    if (command == "cont") kill(0, SIGCONT);
    return;
  }
  const auto found = players_.find(id);
  if (found == players_.end()) return;
  const Player& player = found->second;
  const int signal = command == "kill"   ? SIGKILL
                     : command == "stop" ? SIGSTOP
                     : command == "cont" ? SIGCONT
                                         : 0;
  if (signal == 0) {
    // Whoever is dead hears nothing: `gone` says so.
    static_cast<void>(send(player.socket, command.data(), command.size(), MSG_NOSIGNAL));
  } else if (!player.reaped) {
    kill(player.pid, signal);
  }
}

void Stage::spawn(const std::string& id) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return tell(id + " gone code=1");
  flush();
  const pid_t stage = getpid();
  const pid_t pid = fork();
  if (pid < 0) return tell(id + " gone code=1");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != stage) _exit(1);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    close(signals_);
    close(ends[0]);
    for (const auto& [other, player] : players_) close(player.socket);
    _exit(Actor(ends[1], directory_).play());
  }
  close(ends[1]);
  players_[id] = {pid, ends[0], false};
}

bool Stage::carry(const std::string& id, const Player& player) {
  for (;;) {
    char packet[1024];
    const ssize_t length = recv(player.socket, packet, sizeof packet, MSG_DONTWAIT);
    if (length == 0) return false;
    if (length < 0) return errno == EAGAIN || errno == EINTR;
    tell(id + " " + std::string(packet, static_cast<size_t>(length)));
  }
}

void Stage::reap() {
  signalfd_siginfo info;
  while (read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
  }
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED);
    if (pid <= 0) return;
    for (auto at = players_.begin(); at != players_.end(); ++at) {
      auto& [id, player] = *at;
      if (player.pid != pid || player.reaped) continue;
      if (WIFSTOPPED(status)) {
        tell(id + " stopped");
        break;
      }
      // Its last words before the news of its death.
      const bool over = player.socket < 0 || !carry(id, player);
      player.reaped = true;
      tell(id + (WIFSIGNALED(status) ? " gone signal=" + std::to_string(WTERMSIG(status))
                                     : " gone code=" + std::to_string(WEXITSTATUS(status))));
      if (over) {
        if (player.socket >= 0) {
          close(player.socket);
          tell(id + " silent");
        }
        players_.erase(at);
      }
      break;
    }
  }
}

void Stage::tell(const std::string& line) {
  output_ += line;
  output_ += '\n';
}

void Stage::flush() {
  size_t done = 0;
  while (done < output_.size()) {
    const ssize_t length = write(STDOUT_FILENO, output_.data() + done, output_.size() - done);
    if (length < 0 && errno != EINTR) _exit(1);
    if (length > 0) done += static_cast<size_t>(length);
  }
  output_.clear();
}

}  // namespace framering::test
