"""The way to another machine: the ssh that people have, with their settings, keys and questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """What keyswitch on the other machine says of the place that it made for a socket."""

    path: str
    """Absolute, and nothing is there yet."""
    version: str
    protocol: int


@dataclass(frozen=True, slots=True)
class Route:
    """A socket of another machine, and the one of this machine that answers for it."""

    there: str
    here: str


class SecureShell(Protocol):
    """Runs ssh as the person would. *arguments* is what they wrote behind the host. Blocking."""

    def place_on(self, host: str, arguments: Sequence[str]) -> str:
        """Have keyswitch on *host* make a place for a socket, and return its path.

        Raises:
            UsageError: There is no ssh here, no way to *host*, no keyswitch there, or one of another protocol.
        """
        ...

    def session(self, host: str, arguments: Sequence[str], route: Route) -> int:
        """Run ssh at the person's terminal, with *route* open until it ends; its exit code.

        Raises:
            UsageError: It cannot be started.
        """
        ...
