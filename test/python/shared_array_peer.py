"""SharedArray as its documentation and its segments have it, on mmap and numpy alone.

One JSON order a line on stdin, one JSON answer a line on stdout. Knows nothing of framering.
"""

import json
import mmap
import os
import sys

import _posixshmem
import numpy as np

MAGIC = b"[SharedArray]"

HEAD = [("magic", "S16"), ("size", "u8"), ("typenum", "i4")]
TAIL = [("itemsize", "i4"), ("ndims", "i4")]


def record(max_dims, itemsize):
    fields = HEAD + (TAIL if itemsize else TAIL[1:]) + [("dims", "i8", (max_dims,))]
    return np.dtype(fields)


LAYOUTS = {
    "0.3": record(16, False),
    "1.0": record(16, False),
    "2.0": record(32, False),
    "3.1": record(32, True),
    "3.1-numpy2": record(64, True),
}

DTYPES = {np.dtype(c).num: np.dtype(c) for c in "?bBhHiIlLqQefdgFDG"}

arrays = {}


def open_file(name, flags, mode=0):
    if name.startswith("file://"):
        return os.open(name[7:], flags, mode)
    bare = name[6:] if name.startswith("shm://") else name
    return _posixshmem.shm_open(bare, flags, mode)


def element(dtype, value):
    if dtype.kind == "c":
        return complex(*value)
    return int(value) if dtype.kind in "iu" else value


def plain(dtype, value):
    if dtype.kind == "c":
        return [float(value.real), float(value.imag)]
    if dtype.kind in "iu":
        return str(int(value))
    return bool(value) if dtype.kind == "b" else float(value)


def over(mapping, dtype, shape, start):
    return np.ndarray(shape, dtype=dtype, buffer=mapping, offset=start)


def create(name, layout, shape, dtype, values=None):
    about = LAYOUTS[layout]
    dtype = np.dtype(dtype)
    size = int(np.prod(shape, dtype=int)) * dtype.itemsize
    fd = open_file(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.ftruncate(fd, size + about.itemsize)
    mapping = mmap.mmap(fd, size + about.itemsize)
    os.close(fd)
    first = layout == "0.3"
    meta = np.ndarray((), dtype=about, buffer=mapping, offset=0 if first else size)
    meta["magic"] = MAGIC
    meta["size"] = size
    meta["typenum"] = dtype.num
    meta["ndims"] = len(shape)
    if "itemsize" in about.names:
        meta["itemsize"] = dtype.itemsize
    for axis, length in enumerate(shape):
        meta["dims"][axis] = length
    arrays[name] = over(mapping, dtype, shape, about.itemsize if first else 0)
    if values is not None:
        arrays[name].flat = [element(dtype, value) for value in values]


def attach(name, layout, read_only=False):
    about = LAYOUTS[layout]
    fd = open_file(name, os.O_RDONLY if read_only else os.O_RDWR)
    total = os.fstat(fd).st_size
    mapping = mmap.mmap(fd, total, prot=mmap.PROT_READ | (0 if read_only else mmap.PROT_WRITE))
    os.close(fd)
    first = layout == "0.3"
    meta = np.ndarray((), about, mapping, 0 if first else total - about.itemsize)
    if meta["magic"] != MAGIC:
        raise OSError("No SharedArray at this address")
    dtype = DTYPES[int(meta["typenum"])]
    if "itemsize" in about.names and meta["itemsize"] != dtype.itemsize:
        raise ValueError("itemsize")
    shape = [int(length) for length in meta["dims"][: meta["ndims"]]]
    arrays[name] = over(mapping, dtype, shape, about.itemsize if first else 0)
    return {"dtype": dtype.name, "shape": shape, "size": int(meta["size"])}


def look(name):
    array = arrays[name]
    return [plain(array.dtype, value) for value in array.flat]


def put(name, index, value):
    array = arrays[name]
    array[tuple(index)] = element(array.dtype, value)


def forget(name):
    del arrays[name]


ORDERS = {"create": create, "attach": attach, "look": look, "put": put, "forget": forget}

for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = {"value": ORDERS[order.pop("order")](**order)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
