"""Reads frames by the protocol of the Python demo's read.py: demo_reader.py NAME FRAMES

Prints a line for each new one: its number, shape, size, and the values of its bytes."""

import json
import struct
import sys

from libc_ipc import Semaphore, shared_memory

name, frames = sys.argv[1], int(sys.argv[2])

meta = None
while meta is None:
    try:
        meta = shared_memory(name + "-meta")
    except FileNotFoundError:
        pass
semaphore = Semaphore(name)
frame = None
last = 0
seen = 0
while seen < frames:
    semaphore.acquire()
    *shape, size, count = struct.unpack("@iiiqq", meta[:32])
    semaphore.release()
    if frame is None:
        frame = shared_memory(name)
    semaphore.acquire()
    pixels = frame[:size]
    count = struct.unpack("@iiiqq", meta[:32])[4]
    semaphore.release()
    if count == last:
        continue
    last = count
    seen += 1
    print(json.dumps({"count": count, "shape": shape, "values": sorted(set(pixels))}), flush=True)
