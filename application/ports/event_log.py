from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from domain.records import dataclass

if TYPE_CHECKING:
    from domain.event import Event, Fact


class EventLog(Protocol):
    """A local, size-limited record of sign-ins, renewals, switches, refused selections and failures."""

    def record(self, event: str, **facts: Fact) -> None:
        """Note *event* with *facts*, none of them secret. A log that cannot be written is no failure."""
        ...


@dataclass(frozen=True, slots=True)
class Tail:
    """The latest events of the log."""

    events: tuple[Event, ...]
    """Oldest first."""
    complete: bool
    """Whether there is nothing before them."""


class EventReader(Protocol):
    """Reads the same record."""

    def tail(self, count: int) -> Tail:
        """The last *count* events. What cannot be read counts as empty: a log is no condition for anything."""
        ...
