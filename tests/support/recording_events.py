from __future__ import annotations

from application.ports.clock import Clock
from application.ports.event_log import Tail
from domain.event import Event, Fact
from tests.support.fixed_clock import FixedClock

PID = 4711


class RecordingEvents:
    """An event log that a test can read."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or FixedClock()
        self.recorded: list[tuple[str, dict[str, Fact]]] = []
        self._events: list[Event] = []

    def record(self, event: str, **facts: Fact) -> None:
        """Keep *event* for the test."""
        self.recorded.append((event, dict(facts)))
        self._events.append(Event(self._clock.now(), event, PID, dict(facts)))

    def tail(self, count: int) -> Tail:
        """The last of them."""
        return Tail(tuple(self._events[-count:] if count else ()), complete=len(self._events) <= count)

    @property
    def names(self) -> list[str]:
        """What was recorded, in order."""
        return [event for event, _ in self.recorded]

    def facts(self, event: str) -> list[dict[str, Fact]]:
        """The facts of every *event*, in order."""
        return [facts for name, facts in self.recorded if name == event]
