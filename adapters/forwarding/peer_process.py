"""Which process of this machine is at the other end of a Unix socket, as far as the system says so."""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import Final

from application.ports.forwarding.agent import PeerProcess

_CREDENTIALS: Final = struct.Struct("3i")
"""ucred: process, user, group (unix(7))."""

_OPTION: Final[int | None] = getattr(socket, "SO_PEERCRED", None)

_START_FIELD: Final = 22 - 3
"""`starttime` in /proc/PID/stat (proc(5)), counted from the first field behind the name, which may hold anything."""


def own_peer(connection: socket.socket) -> PeerProcess | None:
    """Who connected; None where that is another user, root included, who would not ask by this way.

    Where the system tells nothing, the folder of the socket has let nobody else in.
    """
    if _OPTION is None:
        return PeerProcess(None)
    pid, user, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, _OPTION, _CREDENTIALS.size))
    return PeerProcess(pid, _started(pid)) if user == os.geteuid() else None


def _started(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return int(fields[_START_FIELD])
    except (OSError, ValueError, IndexError):  # it is gone, or hidden
        return 0
