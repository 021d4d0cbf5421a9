"""Which program listens on a port, where the system lets us see it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from domain.text.untrusted import untrusted_line

_LISTENING: Final = "0A"
"""`TCP_LISTEN` in `/proc/net/tcp` (Linux, net/tcp_states.h)."""

_TABLES: Final = ("net/tcp", "net/tcp6")


def owner_of(port: int, *, proc: Path = Path("/proc")) -> str | None:
    """`NAME (process N)`, or `a program of USER` where no more can be told; None on another system."""
    users = dict(_sockets(port, proc))
    wanted = {f"socket:[{inode}]" for inode in users}
    if not wanted:
        return None
    for process in _processes(proc):
        with suppress(OSError):
            if any(_target(link) in wanted for link in (process / "fd").iterdir()):
                name = untrusted_line((process / "comm").read_text("utf-8", "replace").strip())
                return f"{name} (process {process.name})"
    return f"a program of {_name(min(users.values()))}"


def _name(user: int) -> str:
    import pwd

    try:
        return untrusted_line(pwd.getpwuid(user).pw_name)
    except KeyError:
        return f"user {user}"


def _sockets(port: int, proc: Path) -> Iterator[tuple[str, int]]:
    """Inode and user of those that listen on *port*."""
    for table in _TABLES:
        with suppress(OSError):
            for line in (proc / table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9], int(fields[7])


def _processes(proc: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from (process for process in proc.iterdir() if process.name.isdigit())


def _target(link: Path) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 - a name like socket:[1] is no path
    except OSError:
        return ""
