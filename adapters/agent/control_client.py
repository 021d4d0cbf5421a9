"""Orders to the agent of this home, by its control socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from adapters.agent.orders import LONGEST_LINE, grant_of, wish_members
from adapters.agent.own_sockets import OwnSockets, check, check_peer
from application.ports.forwarding.agent import AgentState, OpenGrant, Wish
from domain.errors import UsageError

_SECONDS: Final = 5.0
_START: Final = "keyswitch agent"


class SocketControl:
    """The `AgentControl` of one home."""

    def __init__(self, *, home: Path, environ: Mapping[str, str]) -> None:
        self._path = OwnSockets(home=home, environ=environ).control

    def is_running(self) -> bool:
        """As the port says."""
        try:
            self.state()
        except UsageError:
            return False
        return True

    def state(self) -> AgentState:
        """As the port says."""
        said = self._told({"do": "state"})
        return AgentState(int(said["pid"]), bool(said["locked"]), tuple(map(grant_of, said["grants"])))

    def open(self, wish: Wish) -> OpenGrant:
        """As the port says."""
        return grant_of(self._told(wish_members(wish, held=False))["grant"])

    @contextmanager
    def held(self, wish: Wish) -> Iterator[OpenGrant]:
        """As the port says."""
        with self._connected() as connection:
            yield grant_of(_answer(connection, wish_members(wish, held=True))["grant"])

    def lock(self, *, locked: bool) -> None:
        """As the port says."""
        self._told({"do": "lock", "locked": locked})

    def revoke(self, host: str) -> int:
        """As the port says."""
        return int(self._told({"do": "revoke", "host": host})["count"])

    def _told(self, order: Mapping[str, Any]) -> dict[str, Any]:
        with self._connected() as connection:
            return _answer(connection, order)

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_SECONDS)
        try:
            check(self._path)
            connection.connect(str(self._path))
            check_peer(connection)
        except PermissionError as refused:
            connection.close()
            raise UsageError(f"{self._path} is not used: {refused.strerror or refused}.") from None
        except OSError:
            connection.close()
            raise UsageError("No agent runs for this home. Start one: keyswitch agent", command=_START) from None
        return connection


def _answer(connection: socket.socket, order: Mapping[str, Any]) -> dict[str, Any]:
    """What the agent says to *order*, once it was carried out."""
    said = bytearray()
    try:
        connection.sendall(json.dumps(order).encode() + b"\n")
        while not said.endswith(b"\n") and len(said) < LONGEST_LINE:
            data = connection.recv(65536)
            if not data:
                break
            said += data
        members = json.loads(said)
    except (OSError, ValueError):
        raise UsageError(
            "The agent of this home does not answer. Start it anew: keyswitch agent", command=_START
        ) from None
    if not isinstance(members, dict) or not members.get("ok"):
        raise UsageError(str(members.get("sentence") if isinstance(members, dict) else "The agent refused."))
    return members
