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

_RUNTIME: Final = "XDG_RUNTIME_DIR"
_FOLDER: Final = "keyswitch"
"""In the folder that the system gives each user for as long as they are logged in; it is never on a network drive."""

IN_HOME: Final = "forwarded"
"""In keyswitch's home folder, where the system gives no such folder."""

_NAME: Final = re.compile(r"(?P<host>[0-9a-f]{8})-[0-9a-f]{12}\.sock")
_LONGEST: Final = 100
"""Bytes of a path that every system can bind a socket to: `sun_path` has room for 108 on Linux and 104 elsewhere."""

_SECONDS: Final = 0.3
"""For a connection to a socket of this machine; one that does not come by then may still be alive."""


def folders(environ: Mapping[str, str], home: Path) -> tuple[Path, ...]:
    """Where sockets may lie, the folder in which new ones are made first."""
    runtime = Path(environ.get(_RUNTIME) or "/nonexistent")
    in_home = home / IN_HOME
    return (runtime / _FOLDER, in_home) if runtime.is_absolute() and is_private(runtime) else (in_home,)


def is_private(folder: Path) -> bool:
    """Whether *folder* is one, and only this user can reach what lies in it; a link to one is none."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & OTHERS


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
    if len(os.fsencode(path)) > _LONGEST:
        problem = (
            f"a socket in this folder would have a path of more than {_LONGEST} bytes; set CODE_HOME to a shorter one"
        )
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
