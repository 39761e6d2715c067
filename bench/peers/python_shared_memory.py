"""Both sides of the Python row: multiprocessing.shared_memory, and its semaphores between them.

Run by python.mjs with a row's flags. Prints one line of JSON: {"writer": …, "readers": […]}.
"""

import argparse
import ctypes
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
from multiprocessing.shared_memory import SharedMemory

import numpy

SLOTS = 4
STAMP, SEQUENCE, FILL = 0, 8, 16


def flags():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in ("bytes", "rate", "readers", "samples", "warmup", "seconds"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--workload")
    parser.add_argument("--pin", action="store_true")
    parser.add_argument("--in-place", action="store_true")
    return parser.parse_args()


class Frame:
    """Memory of one frame, as payload.h lays it out."""

    def __init__(self, memory, in_place):
        self.words = numpy.frombuffer(memory, numpy.uint64)
        self.bytes = numpy.frombuffer(memory, numpy.uint8)
        self.fill = self.bytes[FILL:]
        self.filled = self.words[FILL // 8 :]
        self.in_place = in_place

    def write(self, sequence):
        if self.in_place:
            self.bytes[SEQUENCE] = sequence & 0xFF
            return
        self.fill.fill(sequence & 0xFF)
        self.words[SEQUENCE // 8] = sequence

    def read(self, sequence):
        if self.in_place:
            return self.bytes[SEQUENCE] == sequence & 0xFF
        # A sum is the one way of NumPy's to look at every byte once without making another array.
        word = int.from_bytes(bytes([sequence & 0xFF]) * 8, "little")
        expected = word * len(self.filled) % 2**64
        return int(self.filled.sum()) == expected and int(self.words[SEQUENCE // 8]) == sequence

    def stamp(self):
        self.words[STAMP // 8] = time.monotonic_ns()

    def age(self):
        return time.monotonic_ns() - int(self.words[STAMP // 8])


class Ring:
    """One direction: slots, and two semaphores per reader: what is free and what is filled."""

    def __init__(self, task, context):
        self.task = task
        self.free = [context.Semaphore(SLOTS) for _ in range(task.readers)]
        self.filled = [context.Semaphore(0) for _ in range(task.readers)]
        self.memory = SharedMemory(create=True, size=SLOTS * task.bytes)
        self.name = self.memory.name
        self.attach(self.memory)

    def __getstate__(self):
        return {key: getattr(self, key) for key in ("task", "free", "filled", "name")}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.memory = SharedMemory(self.name)
        self.attach(self.memory)

    def attach(self, memory):
        size, in_place = self.task.bytes, self.task.in_place
        self.slots = [
            Frame(memory.buf[i * size : (i + 1) * size], in_place) for i in range(SLOTS)
        ]

    def claim(self, sequence):
        for free in self.free:
            free.acquire()
        return self.slots[sequence % SLOTS]

    def commit(self):
        for filled in self.filled:
            filled.release()

    def take(self, sequence, reader=0):
        self.filled[reader].acquire()
        return self.slots[sequence % SLOTS]

    def release(self, reader=0):
        self.free[reader].release()

    def close(self):
        # Every view of the memory first, or it cannot be unmapped.
        self.slots = []
        self.memory.close()


class Record:
    """Samples and the process's own costs, from the first frame that counts to the last."""

    def __init__(self, task):
        self.warmup = task.warmup
        self.total = task.samples + task.warmup
        self.samples = []
        self.wrong = 0
        self.start()

    def start(self):
        self.first = resource.getrusage(resource.RUSAGE_SELF)
        self.started = time.monotonic()

    def frame(self, sequence, ns, right):
        if not right:
            self.wrong += 1
        if sequence == self.warmup:
            self.start()
        if sequence > self.warmup:
            self.samples.append(ns)

    def result(self, measured):
        last, first = resource.getrusage(resource.RUSAGE_SELF), self.first
        return {
            "wrong": self.wrong,
            "samples": self.samples if measured else [],
            "usage": {
                "cpu": last.ru_utime + last.ru_stime - first.ru_utime - first.ru_stime,
                "seconds": time.monotonic() - self.started,
                "faults": {
                    "minor": last.ru_minflt - first.ru_minflt,
                    "major": last.ru_majflt - first.ru_majflt,
                },
                "switches": last.ru_nvcsw - first.ru_nvcsw,
                "gc": 0,
                "gcMajor": 0,
            },
        }


class Pace:
    """When the next frame is due. A frame that is late moves those after it."""

    def __init__(self, rate):
        self.period = 0 if rate == 0 else 1 / rate
        self.due = 0

    def wait(self):
        if self.period == 0:
            return
        now = time.monotonic()
        self.due = max(self.due + self.period, now)
        time.sleep(self.due - now)


def ping_pong(task, there, back):
    record, pace = Record(task), Pace(task.rate)
    for sequence in range(1, record.total + 1):
        pace.wait()
        sent = time.monotonic_ns()
        there.claim(sequence).write(sequence)
        there.commit()
        right = back.take(sequence).read(sequence)
        back.release()
        record.frame(sequence, time.monotonic_ns() - sent, right)
    return record.result(True)


def answer(task, there, back):
    record = Record(task)
    for sequence in range(1, record.total + 1):
        right = there.take(sequence).read(sequence)
        there.release()
        back.claim(sequence).write(sequence)
        back.commit()
        record.frame(sequence, 0, right)
    return record.result(False)


def write(task, there):
    record, pace = Record(task), Pace(task.rate)
    for sequence in range(1, record.total + 1):
        frame = there.claim(sequence)
        frame.write(sequence)
        pace.wait()
        frame.stamp()
        there.commit()
        record.frame(sequence, 0, True)
    return record.result(False)


def read(task, there, reader):
    record = Record(task)
    for sequence in range(1, record.total + 1):
        frame = there.take(sequence, reader)
        delivered = frame.age()
        right = frame.read(sequence)
        record.frame(sequence, delivered if task.in_place else frame.age(), right)
        there.release(reader)
    return record.result(True)


def end_with_parent():
    """A writer that is killed must not leave a reader that waits for ever."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def run_reader(task, there, back, reader, results):
    end_with_parent()
    if task.pin:
        os.sched_setaffinity(0, {1})
    results.send("ready")
    if back is None:
        results.send(read(task, there, reader))
    else:
        results.send(answer(task, there, back))
        back.close()
    there.close()


def main():
    task = flags()
    # Not forked: a reader is a process like any other that attaches by name.
    context = multiprocessing.get_context("spawn")
    rings = [Ring(task, context)]
    if task.workload == "ping-pong":
        rings.append(Ring(task, context))
    there, back = rings[0], rings[1] if len(rings) > 1 else None
    readers = []
    try:
        if task.pin:
            os.sched_setaffinity(0, {0})
        for index in range(task.readers):
            ours, theirs = context.Pipe()
            # A daemon: it goes when this process does, whatever ends it.
            process = context.Process(
                target=run_reader, args=(task, there, back, index, theirs), daemon=True
            )
            process.start()
            theirs.close()
            readers.append((process, ours))
        for _, pipe in readers:
            pipe.recv()
        written = write(task, there) if back is None else ping_pong(task, there, back)
        found = [pipe.recv() for _, pipe in readers]
        for process, _ in readers:
            process.join()
    finally:
        for ring in rings:
            ring.close()
            ring.memory.unlink()
    print(json.dumps({"writer": written, "readers": found}))


if __name__ == "__main__":
    sys.exit(main())
