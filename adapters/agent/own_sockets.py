"""Where the sockets of the agent lie: in a folder that nobody else may enter, under names that tell the homes apart."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from adapters.files.private_file import OTHERS
from adapters.forwarding.peer_process import own_peer
from adapters.forwarding.places import LONGEST_PATH, RUNTIME, is_private, runtime_folder, socket_problem
from adapters.system.installation import installation_id
from domain.errors import StoreNotWritable

_FOLDER: Final = "keyswitch-agent"
_IN_HOME: Final = "agent"
_BACKLOG: Final = 256
"""Connections that may wait to be accepted: many remote processes may begin at once."""


def agent_id(home: Path) -> str:
    """Names the agent of *home*: the same for as long as the home lives, and nothing else can be told from it."""
    return sha256(f"keyswitch agent\0{installation_id(home)}".encode()).hexdigest()[:16]


class OwnSockets:
    """The sockets of the agent of one home."""

    def __init__(self, *, home: Path, environ: Mapping[str, str]) -> None:
        runtime = runtime_folder(environ)
        self.folder = home / _IN_HOME if runtime is None else runtime / _FOLDER
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
        if len(os.fsencode(path)) > LONGEST_PATH:
            problem = f"a socket there would have a path of more than {LONGEST_PATH} bytes; set {RUNTIME} or CODE_HOME"
            raise StoreNotWritable(str(self.folder), problem)
        listening = socket.socket(socket.AF_UNIX)
        before = os.umask(OTHERS)
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
    if socket_problem(status):
        raise PermissionError("it is not yours alone, or is no socket")


def check_peer(connection: socket.socket) -> None:
    """Pass where this user listens at the other end.

    Raises:
        PermissionError: Another one does.
    """
    if own_peer(connection) is None:
        raise PermissionError("another user listens there")
