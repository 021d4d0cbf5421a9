"""A process that counts up in a file under a lock: `python -m tests.support.locked_counter`.

Arguments: the folder, how often, how likely it dies with the lock held (a percentage), a seed, and whether the kernel's
locks work for it: `works`, `none`, or `careless`, which has none and does without.
"""

from __future__ import annotations

import errno
import fcntl
import os
import random
import sys
from pathlib import Path

from adapters.files import owner_locks
from adapters.files.locks import exclusive


def without_locks(*_: object) -> None:
    """What such a file system answers."""
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def count_up(folder: Path, times: int, deadly: int, chance: random.Random) -> None:
    """Each step reads, lets others run, and writes; one that dies has written before."""
    number, mine = folder / "number", folder / f"done-{os.getpid()}"
    for step in range(times):
        with exclusive(folder / "lock", timeout=60):
            read = int(number.read_text() or "0")
            os.sched_yield()
            number.write_text(str(read + 1))
            mine.write_text(str(step + 1))
            if chance.randrange(100) < deadly:
                os._exit(9)


def main() -> None:
    folder, times, deadly, seed, kernel = sys.argv[1:]
    if kernel != "works":
        fcntl.flock = without_locks
    if kernel == "careless":
        owner_locks.__dict__["take_lock"] = lambda _: True
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    count_up(Path(folder), int(times), int(deadly), random.Random(seed))


if __name__ == "__main__":
    main()
