"""Where sshd puts the sockets by which this machine reaches the agent of another one, and what they are called.

    /run/user/1000/keyswitch/8c1f03ab-5d0e77c2a1b4.sock

They are found by their folder: a variable would be an old one in every tmux that outlives a connection. The name begins
with the host, because a home may be shared, and seen from one host the living sockets of another look dead. The rest is
random: sshd leaves a socket behind when its connection ends, and does not bind to a path that is there.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.files.private_file import OTHERS, private_subfolder
from adapters.json.check_sums import check_sum
from adapters.session_store.home_place import machine
from domain.errors import StoreNotWritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RUNTIME: Final = "XDG_RUNTIME_DIR"
_FOLDER: Final = "keyswitch"
"""In the folder that the system gives each user for as long as they are logged in; it is never on a network drive."""

IN_HOME: Final = "forwarded"
"""In keyswitch's home folder, where the system gives no such folder."""

_NAME: Final = re.compile(r"(?P<host>[0-9a-f]{8})-[0-9a-f]{12}\.sock")
LONGEST_PATH: Final = 100
"""Bytes of a path that every system can bind a socket to: `sun_path` has room for 108 on Linux and 104 elsewhere."""

_SECONDS: Final = 0.3
"""For a connection to a socket of this machine; one that does not come by then may still be alive."""


def folders(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Where sockets may lie, the folder in which new ones are made first."""
    runtime, in_home = runtime_folder(environ), home / IN_HOME
    return (in_home,) if runtime is None else (runtime / _FOLDER, in_home)


def runtime_folder(environ: Mapping[str, str]) -> Path | None:
    """The folder that the system gives this user for as long as they are logged in; None where it gives no safe one."""
    runtime = Path(environ.get(RUNTIME) or "/nonexistent")
    return runtime if runtime.is_absolute() and is_private(runtime) else None


def is_private(folder: Path) -> bool:
    """Whether *folder* is one, and only this user can reach what lies in it; a link to one is none."""
    try:
        return not folder_problem(folder.lstat())
    except OSError:
        return False


def folder_problem(status: os.stat_result) -> str:
    """Why nothing in the folder of *status* is used; "" where it is its owner's alone."""
    if not stat.S_ISDIR(status.st_mode):
        return "it is no folder"
    return _open_to_others(status, "entered")


def socket_problem(status: os.stat_result) -> str:
    """Why the socket of *status* is not used; "" where it is its owner's alone."""
    if not stat.S_ISSOCK(status.st_mode):
        return "it is no socket"
    return _open_to_others(status, "used")


def _open_to_others(status: os.stat_result, verb: str) -> str:
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    mode = stat.S_IMODE(status.st_mode)
    return f"it can be {verb} by others (mode {mode:04o})" if mode & OTHERS else ""


def of_this_host(folder: Path) -> tuple[Path, ...]:
    """What lies in *folder* under names for this host, the latest first; nothing where others can reach it."""
    if not is_private(folder):
        return ()
    here = host_id()
    found: list[tuple[float, Path]] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match and match["host"] == here:
                with suppress(OSError):
                    found.append((entry.stat(follow_symlinks=False).st_mtime, Path(entry.path)))
    return tuple(path for _, path in sorted(found, reverse=True))


def host_id() -> str:
    """Tells this host from others that see the same home. Containers of one image may share the id of a machine."""
    return check_sum(f"{machine()} {os.uname().nodename}".encode("utf-8", "surrogateescape"))


def prepare(environ: Mapping[str, str], home: Path) -> Path:
    """Make the folder, remove the sockets that connections left behind, and return a path for a new one.

    Raises:
        StoreNotWritable: No socket can lie there.
    """
    chosen, *others = folders(environ, home)
    path = chosen / f"{host_id()}-{os.urandom(6).hex()}.sock"
    if len(os.fsencode(path)) > LONGEST_PATH:
        problem = f"a socket there would have a path of more than {LONGEST_PATH} bytes; set CODE_HOME to a shorter one"
        raise StoreNotWritable(str(chosen), problem)
    try:
        private_subfolder(chosen)
    except OSError as error:
        raise StoreNotWritable(str(chosen), f"no socket can lie there ({error.strerror})") from None
    if not is_private(chosen):  # it was there, and is another user's or cannot be closed to others
        raise StoreNotWritable(str(chosen), "others can reach what lies there; remove that folder")
    for folder in (chosen, *others):
        sweep(folder)
    return path


def sweep(folder: Path) -> None:
    """Remove the sockets of this host that nobody listens at any more."""
    for path, answers in _tried(of_this_host(folder)):
        if answers is False:
            with suppress(OSError):
                path.unlink()


def answering(folder: Path) -> tuple[Path, ...]:
    """The sockets of this host in *folder* at which somebody listens; whoever that is may still be asleep."""
    return tuple(path for path, answers in _tried(of_this_host(folder)) if answers)


def _tried(paths: tuple[Path, ...]) -> Iterator[tuple[Path, bool | None]]:
    """Each of *paths*, and whether somebody listens there; None where that cannot be told."""
    if sys.platform == "win32" or not paths:
        return
    import socket

    for path in paths:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(_SECONDS)
            try:
                asking.connect(str(path))
            except ConnectionRefusedError:
                yield path, False
            except OSError:
                yield path, None
            else:
                yield path, True
