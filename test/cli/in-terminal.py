"""A command in a terminal of 100 x 30: in-terminal.py UNTIL KEYS COMMAND [ARG...]

Types KEYS when the command's output has held UNTIL, and prints {"code", "seen"} when it has ended.
"""

import fcntl
import json
import os
import pty
import struct
import sys
import termios

until, keys, *command = sys.argv[1:]
ready, go = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    # Not before the terminal has its size.
    os.close(go)
    os.read(ready, 1)
    os.execv(command[0], command)
os.close(ready)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
os.close(go)
seen = b""
typed = keys == ""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    seen += part
    if not typed and until.encode() in seen:
        os.write(fd, keys.encode())
        typed = True
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps({"code": code, "seen": seen.decode("utf8", "replace")}))
