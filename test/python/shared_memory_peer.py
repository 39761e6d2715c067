"""Does to SharedMemory and ShareableList what it is told, a JSON object a line, and answers with one.

Items and values travel as Python literals: JSON knows neither bytes nor 3.0.
"""

import ast
import json
import sys
from multiprocessing import resource_tracker, shared_memory

memories = {}
lists = {}


def untracked(shm):
    """CPython up to 3.12 would remove at its exit what it has only attached to, or complain of it."""
    resource_tracker.unregister("/" + shm.name, "shared_memory")
    return shm


def unlinked(shm):
    """Unlinking takes it off the tracker's list, which complains of what is not on it."""
    resource_tracker.register("/" + shm.name, "shared_memory")
    shm.unlink()


def about_memory(shm):
    memories[shm.name] = shm
    return {"name": shm.name, "size": shm.size}


def printed(values):
    try:
        return repr(list(values))
    except UnicodeDecodeError:  # of text that it has cut off itself
        return "unreadable"


def about_list(values):
    lists[values.shm.name] = values
    return {
        "name": values.shm.name,
        "items": printed(values),
        "format": values.format,
        "hex": bytes(values.shm.buf).hex(),
    }


def create(order):
    shm = shared_memory.SharedMemory(order.get("name"), create=True, size=order["size"])
    return about_memory(untracked(shm))


def attach(order):
    return about_memory(untracked(shared_memory.SharedMemory(order["name"])))


def read(order):
    start = order["at"]
    return bytes(memories[order["name"]].buf[start : start + order["length"]]).hex()


def write(order):
    data = bytes.fromhex(order["hex"])
    memories[order["name"]].buf[order["at"] : order["at"] + len(data)] = data


def unlink(order):
    unlinked(memories[order["name"]])


def new_list(order):
    values = shared_memory.ShareableList(
        ast.literal_eval(order["items"]), name=order["name"]
    )
    untracked(values.shm)
    return about_list(values)


def attach_list(order):
    values = shared_memory.ShareableList(name=order["name"])
    untracked(values.shm)
    return about_list(values)


def look(order):
    return about_list(lists[order["name"]])


def assign(order):
    values = lists[order["name"]]
    values[order["index"]] = ast.literal_eval(order["value"])
    return about_list(values)


def unlink_list(order):
    unlinked(lists[order["name"]].shm)


for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"value": globals()[asked["do"]](asked)}
    except Exception as error:  # told to whoever asked
        answer = {"error": type(error).__name__}
    print(json.dumps(answer), flush=True)

