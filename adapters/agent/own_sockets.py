"""Where the sockets of the agent lie: in a folder that nobody else may enter, under names that tell the homes apart."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.agent.peer_process import caller_of
from adapters.forwarding.places import is_private
from adapters.system.installation import installation_id
from domain.errors import StoreNotWritable

_RUNTIME: Final = "XDG_RUNTIME_DIR"
_FOLDER: Final = "keyswitch-agent"
_IN_HOME: Final = "agent"
_LONGEST: Final = 100
"""Bytes of a path that every system can bind a socket to: `sun_path` has room for 108 on Linux and 104 elsewhere."""

_BACKLOG: Final = 256
"""Connections that may wait to be accepted: many remote processes may begin at once."""

_OTHERS: Final = 0o077


def agent_id(home: Path) -> str:
    """Names the agent of *home*: the same for as long as the home lives, and nothing else can be told from it."""
    return sha256(f"keyswitch agent\0{installation_id(home)}".encode()).hexdigest()[:16]


class OwnSockets:
    """The sockets of the agent of one home."""

    def __init__(self, *, home: Path, environ: Mapping[str, str]) -> None:
        runtime = Path(environ.get(_RUNTIME) or "/nonexistent")
        safe = runtime.is_absolute() and is_private(runtime)
        self.folder = runtime / _FOLDER if safe else home / _IN_HOME
        self._tag = agent_id(home)[:8]

    @property
    def control(self) -> Path:
        """Where the agent takes orders."""
        return self.folder / f"{self._tag}-control.sock"

    def fresh(self) -> Path:
        """A path for the requests of one host."""
        return self.folder / f"{self._tag}-{os.urandom(6).hex()}.sock"

    def prepare(self) -> None:
        """Make the folder, and remove the sockets of an agent that is gone. For whoever holds the agent's lock.

        Raises:
            StoreNotWritable: It cannot be made, or others can enter it.
        """
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StoreNotWritable(str(self.folder), f"no socket can lie there ({error.strerror})") from None
        if not is_private(self.folder):
            problem = "it is not a folder of yours alone, so that no socket is safe there; remove it"
            raise StoreNotWritable(str(self.folder), problem)
        for path in self._mine():
            with suppress(OSError):
                path.unlink()

    def listen(self, path: Path) -> socket.socket:
        """A socket that listens at *path*, for this user alone.

        Raises:
            StoreNotWritable: It cannot be made there.
        """
        if len(os.fsencode(path)) > _LONGEST:
            problem = f"a socket there would have a path of more than {_LONGEST} bytes; set {_RUNTIME} or CODE_HOME"
            raise StoreNotWritable(str(self.folder), problem)
        listening = socket.socket(socket.AF_UNIX)
        before = os.umask(_OTHERS)
        try:
            listening.bind(str(path))
            path.chmod(0o600)
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            raise StoreNotWritable(str(path), f"no socket can be made there ({error.strerror})") from None
        finally:
            os.umask(before)
        listening.setblocking(False)
        return listening

    def _mine(self) -> Iterator[Path]:
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.name.startswith(f"{self._tag}-") and path.name.endswith(".sock"):
                    yield path


def check(path: Path) -> None:
    """Pass where the socket *path* may be asked: it and its folder are this user's alone.

    Raises:
        FileNotFoundError: Nothing is there.
        PermissionError: It may not.
    """
    status = path.lstat()
    if not is_private(path.parent):
        raise PermissionError(f"others can enter {path.parent}")
    if not stat.S_ISSOCK(status.st_mode):
        raise PermissionError("it is no socket")
    if status.st_uid != os.geteuid() or status.st_mode & _OTHERS:
        raise PermissionError("it is not yours alone")


def check_peer(connection: socket.socket) -> None:
    """Pass where this user listens at the other end.

    Raises:
        PermissionError: Another one does.
    """
    if caller_of(connection) is None:
        raise PermissionError("another user listens there")
