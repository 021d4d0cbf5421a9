"""How the sign-ins have been doing, from the local event log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.event import TROUBLE, Event, FailureShare, failure_share, last_renewals
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from application.ports.clock import Clock
    from application.ports.event_log import EventReader

MOST_EVENTS: Final = 1000
"""What is looked at: some weeks of daily use, and a few milliseconds to read whatever the size of the log."""

MOST_FAILURES: Final = 10


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """What the latest events of the log tell."""

    renewals: Mapping[str, Event]
    """The latest renewal by the tag of its account."""
    failures: tuple[Event, ...]
    """What did not work, the latest first."""
    authentications: FailureShare


class ReadTrackRecord:
    """Reads the latest events of the log once for each call."""

    def __init__(self, *, events: EventReader, clock: Clock) -> None:
        self._events = events
        self._clock = clock

    def __call__(self) -> TrackRecord:
        """Read them; a log that cannot be read gives no figures."""
        tail = self._events.tail(MOST_EVENTS)
        failures = [event for event in tail.events if event.name in TROUBLE]
        return TrackRecord(
            renewals=last_renewals(tail.events),
            failures=tuple(failures[: -MOST_FAILURES - 1 : -1]),
            authentications=failure_share(tail.events, self._clock.now(), complete=tail.complete),
        )
