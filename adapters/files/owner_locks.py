"""Holding a lock where the kernel gives none: a file that names its owner, for as long as that process lives.

Some network file systems have no locks. What they have is a hard link that is made once: the name of the lock, linked
to a file that says who holds it, so that there is no moment at which a lock has no owner. An owner is told from a later
process of the same number by when it started, and from one before the last boot by the boot. What another machine or
another container holds is never taken from it: nobody here can tell whether it still runs.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.durable_write import is_running, write_new
from adapters.files.private_file import FileRefused, read_private
from adapters.json.strict_json import NotJson, json_object
from domain.records import dataclass

_LIMIT: Final = 4096
"""Bytes; an owner takes some 150."""

_STATE_FIELD: Final = 3 - 3
_START_FIELD: Final = 22 - 3
"""`state` and `starttime` in /proc/PID/stat (proc(5)), counted from the first one behind the name, which may hold
anything."""

_BOOT_ID: Final = "/proc/sys/kernel/random/boot_id"

_ENDED: Final = ("Z", "X")
"""States of a process that runs no more, and that nobody has asked about yet."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told from every other one that ever had its number."""

    pid: int
    started: int
    """Ticks since boot; 0 where the system does not say."""
    boot: str
    place: str
    """The machine and the part of it in which the number means this process."""

    @classmethod
    def of_this_process(cls) -> Owner:
        """The process that calls this."""
        return cls(os.getpid(), _state_and_start(os.getpid())[1], _line(_BOOT_ID), _place())

    def is_gone(self) -> bool:
        """Whether it certainly runs no more. What cannot be read says nothing.

        Where /proc is mounted with `hidepid`, a process that no debugger may attach to is hidden in it, as keyswitch is
        once it holds secrets.
        """
        if self.place != _place():
            return False
        boot = _line(_BOOT_ID)
        if self.boot and boot and self.boot != boot:
            return True
        if not is_running(self.pid):
            return True
        state, started = _state_and_start(self.pid)
        return state in _ENDED or (self.started != started and 0 not in (self.started, started))


def take_lock(path: Path) -> bool:
    """Whether *path* was nobody's, or its owner is gone, and is this process's now.

    Raises:
        FileRefused: Something is in its place that names no owner.
        OSError: Nothing can be written or linked there.
    """
    if _linked(path):
        return True
    owner = owner_of(path)
    if owner is None:
        return _linked(path)
    return owner.is_gone() and _cleared(path, owner) and _linked(path)


def give_back(path: Path) -> None:
    """Remove the lock *path*, which `take_lock` gave to this process."""
    with suppress(OSError):
        path.unlink()


def holder(path: Path) -> str:
    """The words that name the holder of *path* in a sentence."""
    try:
        owner = owner_of(path)
    except FileRefused as problem:
        return f"{path}: {problem}"
    if owner is None:
        return "it was just let go"
    if owner.place != _place():
        return f"on another machine or in another container; remove {path} once no keyswitch runs there"
    return f"process {owner.pid}"


def owner_of(path: Path) -> Owner | None:
    """Who holds *path*; None if nobody does. Raises as `take_lock` does."""
    file = read_private(path, limit=_LIMIT)
    if file is None:
        return None
    try:
        members = json_object(file.content)
        pid, started, boot, place = (members[name] for name in ("pid", "started", "boot", "place"))
    except (NotJson, KeyError):
        raise FileRefused("it names no owner; remove it once no keyswitch runs") from None
    if not (_is_number(pid) and _is_number(started) and isinstance(boot, str) and isinstance(place, str)):
        raise FileRefused("it names no owner; remove it once no keyswitch runs")
    return Owner(pid, started, boot, place)


def clearing_of(path: Path, gone: Owner) -> Path:
    """The lock on removing *path* from *gone*, who is the only owner that it is about."""
    digest = sha256(repr(gone).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return path.with_name(f"{path.name}.{digest}")


def _linked(path: Path) -> bool:
    """Whether *path* did not exist and is ours now. Exactly one of all that try at once succeeds."""
    mine = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        write_new(mine, json.dumps(asdict(Owner.of_this_process())).encode("ascii"))
        try:
            os.link(mine, path)
        except FileExistsError:
            return False
        except OSError:
            # NFS may lose the answer to a link that it made; then the file has two names.
            if mine.stat().st_nlink == 1:
                raise
        return True
    finally:
        with suppress(OSError):
            mine.unlink()


def _cleared(path: Path, gone: Owner) -> bool:
    """Remove the lock of *gone*; False where somebody else is at it.

    Between seeing that an owner is gone and removing its lock, others may have done both and taken it. So it is removed
    only by who holds a second lock that belongs to this one owner, and after another look.
    """
    clearing = clearing_of(path, gone)
    if not take_lock(clearing):
        return False
    try:
        if owner_of(path) == gone:
            path.unlink()
        return True
    finally:
        give_back(clearing)


def _state_and_start(pid: int) -> tuple[str, int]:
    """What a process of this place is at, and when it started; "" and 0 where that cannot be told."""
    fields = _line(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(fields) <= _START_FIELD or not fields[_START_FIELD].isdigit():
        return "", 0
    return fields[_STATE_FIELD], int(fields[_START_FIELD])


@cache
def _place() -> str:
    """Two machines of one name differ in their ids, two containers of one machine in their namespaces."""
    namespace = ""
    with suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - it is no path
    # A digest: the id is not to be shown to others (machine-id(5)).
    return sha256(f"{_node()}\n{_line('/etc/machine-id')}\n{namespace}".encode()).hexdigest()[:32]


def _node() -> str:
    if sys.platform == "win32":
        return os.environ.get("COMPUTERNAME", "")
    return os.uname().nodename


def _line(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
