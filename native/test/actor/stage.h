// Forks actors and carries lines between them and whoever holds its standard input and output:
//
//   in   ID spawn | ID kill | ID stop | ID cont | ID any other line, for actor ID
//        * cont: all at one instant
//   out  ID gone signal=9 | ID gone code=0 | ID stopped | ID whatever the actor says
//        ID silent: nobody is left to speak for it; a child it forked may outlive it
//
// Actors are forked and not executed anew: that is what makes thousands of deaths cheap. The stage
// itself never touches a ring. When its input ends, so does it, and everybody with it, and their
// directory: also when whoever started it was killed.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

namespace framering::test {

class Stage {
 public:
  explicit Stage(std::string directory) : directory_(std::move(directory)) {}
  int run();

 private:
  struct Player {
    pid_t pid = 0;  // 0: gone
    int socket = -1;
    bool reaped = false;
  };

  void obey(const std::string& line);
  void spawn(const std::string& id);
  // Everything the actor has said so far. False at the end of its socket.
  bool carry(const std::string& id, const Player& player);
  void reap();
  void tell(const std::string& line);
  void flush();

  std::string directory_;
  std::map<std::string, Player> players_;
  std::string input_, output_;
  int signals_ = -1;
};

}  // namespace framering::test
