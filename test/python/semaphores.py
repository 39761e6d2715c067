"""Does to one semaphore what it is told, a line an order, by CPython's own binding of sem_open."""

import sys
from _multiprocessing import SemLock

SEMAPHORE = 1
MOST = 2**31 - 1


def count(path, times):
    with open(path, "r+b", buffering=0) as file:
        for _ in range(int(times)):
            one.acquire()
            file.seek(0)
            number = int.from_bytes(file.read(8), "little")
            file.seek(0)
            file.write((number + 1).to_bytes(8, "little"))
            one.release()


one = None
for line in sys.stdin:
    order, *given = line.split()
    answer = ""
    try:
        if order == "create":
            one = SemLock(SEMAPHORE, int(given[1]), MOST, "/" + given[0], False)
        elif order == "open":
            one = SemLock._rebuild(0, SEMAPHORE, MOST, "/" + given[0])
        elif order == "post":
            one.release()
        elif order == "wait":
            forever = given[0] == "-1"
            answer = int(one.acquire(True, None if forever else int(given[0]) / 1000))
        elif order == "value":
            answer = one._get_value()
        elif order == "count":
            count(*given)
        elif order == "unlink":
            from _multiprocessing import sem_unlink

            sem_unlink("/" + given[0])
    except OSError as error:
        answer = "error %d" % error.errno
    print(answer, flush=True)
