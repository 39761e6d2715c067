"""Writes frames by the protocol of the Python demo's write.py: demo_writer.py NAME ROWS COLUMNS [FRAMES]

Every byte of a frame is the low byte of its number. Without FRAMES it goes on until stdin ends."""

import ctypes
import os
import select
import sys

from libc_ipc import Semaphore, shared_memory, unlink_semaphore, unlink_shared_memory


class Meta(ctypes.Structure):
    _fields_ = [
        ("shape_0", ctypes.c_int32),
        ("shape_1", ctypes.c_int32),
        ("shape_2", ctypes.c_int32),
        ("size", ctypes.c_int64),
        ("count", ctypes.c_int64),
    ]


name, rows, columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
frames = int(sys.argv[4]) if len(sys.argv) > 4 else None
size = rows * columns * 3

meta = shared_memory(name + "-meta", ctypes.sizeof(Meta))
try:
    semaphore = Semaphore(name, os.O_CREAT | os.O_EXCL)
except FileExistsError:
    unlink_semaphore(name)
    semaphore = Semaphore(name, os.O_CREAT | os.O_EXCL)
semaphore.release()
frame = shared_memory(name, size)

count = 0
while frames is None or count < frames:
    count += 1
    semaphore.acquire()
    meta[:] = bytes(Meta(rows, columns, 3, size, count))
    # In pieces, so that a reader without the lock would see halves.
    for at in range(0, size, 4096):
        end = min(at + 4096, size)
        frame[at:end] = bytes([count % 256]) * (end - at)
    semaphore.release()
    if count == 1:
        print("ready", flush=True)
    if frames is None and select.select([sys.stdin], [], [], 0)[0]:
        break
if frames is not None:
    sys.stdin.read()

semaphore.acquire()
unlink_shared_memory(name + "-meta")
unlink_shared_memory(name)
semaphore.release()
# The demo leaves this one.
unlink_semaphore(name)
print(count)
