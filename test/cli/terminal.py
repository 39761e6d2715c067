"""A command in a terminal, spoken to by lines of JSON: terminal.py LINES COLUMNS COMMAND [ARG...]

Takes {"keys": text}, {"size": [lines, columns]}, {"signal": number} and {"close": true}, after which there is
no terminal. Prints {"output": base64} for
what the terminal is sent, and at the end {"code", "same"}: whether the terminal's settings are what they
were before.
"""

import base64
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios

lines, columns, *command = sys.argv[1:]


def resize(lines, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def say(what):
    print(json.dumps(what), flush=True)


ready, go = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    # Not before the terminal has its size.
    os.close(go)
    os.read(ready, 1)
    os.execv(command[0], command)
os.close(ready)
resize(int(lines), int(columns))
before = termios.tcgetattr(fd)
os.close(go)
orders = sys.stdin.fileno()
watched = [fd, orders]
rest = b""
while True:
    readable, _, _ = select.select(watched, [], [])
    if fd in readable:
        try:
            output = os.read(fd, 65536)
        except OSError:
            output = b""
        if not output:
            break
        say({"output": base64.b64encode(output).decode()})
    if orders in readable:
        part = os.read(orders, 65536)
        if not part:
            watched.remove(orders)
        *whole, rest = (rest + part).split(b"\n")
        for order in map(json.loads, whole):
            if "keys" in order:
                os.write(fd, order["keys"].encode())
            if "size" in order:
                resize(*order["size"])
            if "signal" in order:
                os.kill(pid, order["signal"])
            if "close" in order:
                os.close(fd)
                say({"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "same": False})
                sys.exit()
same = termios.tcgetattr(fd) == before
say({"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "same": same})
