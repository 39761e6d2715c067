"""The C library's own shm_open and sem_open, as posix_ipc wraps them: nothing of framering."""

import ctypes
import mmap
import os

libc = ctypes.CDLL(None, use_errno=True)
libc.sem_open.restype = ctypes.c_void_p
libc.sem_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_uint]
for name in ("sem_wait", "sem_post", "sem_close"):
    getattr(libc, name).argtypes = [ctypes.c_void_p]
libc.shm_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint]


def check(failed):
    if failed:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


class Semaphore:
    def __init__(self, name, flags=0, value=0):
        self.sem = libc.sem_open(f"/{name}".encode(), flags, 0o600, value)
        check(not self.sem)

    def acquire(self):
        check(libc.sem_wait(self.sem) != 0)

    def release(self):
        check(libc.sem_post(self.sem) != 0)


def unlink_semaphore(name):
    check(libc.sem_unlink(f"/{name}".encode()) != 0)


def shared_memory(name, size=None):
    """With a size it is created if need be, and resized."""
    flags = os.O_RDWR if size is None else os.O_RDWR | os.O_CREAT
    fd = libc.shm_open(f"/{name}".encode(), flags, 0o600)
    check(fd < 0)
    if size is not None:
        os.ftruncate(fd, size)
    mapped = mmap.mmap(fd, 0 if size is None else size)
    os.close(fd)
    return mapped


def unlink_shared_memory(name):
    check(libc.shm_unlink(f"/{name}".encode()) != 0)
