"""Which program listens on a port, where the system lets us see it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from domain.untrusted import untrusted_line

_LISTENING: Final = "0A"
"""`TCP_LISTEN` in `/proc/net/tcp` (Linux, net/tcp_states.h)."""

_TABLES: Final = ("net/tcp", "net/tcp6")


def owner_of(port: int, *, proc: Path = Path("/proc")) -> str | None:
    """`NAME (process N)`; None where it cannot be told: on another system, or of another user's program."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port, proc)}
    if not wanted:
        return None
    for process in _processes(proc):
        with suppress(OSError):
            if any(_target(link) in wanted for link in (process / "fd").iterdir()):
                name = untrusted_line((process / "comm").read_text("utf-8", "replace").strip())
                return f"{name} (process {process.name})"
    return None


def _inodes(port: int, proc: Path) -> Iterator[str]:
    for table in _TABLES:
        with suppress(OSError):
            for line in (proc / table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _processes(proc: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from (process for process in proc.iterdir() if process.name.isdigit())


def _target(link: Path) -> str:
    try:
        return os.readlink(link)  # noqa: PTH115 - a name like socket:[1] is no path
    except OSError:
        return ""
