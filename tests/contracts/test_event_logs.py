"""What every event log promises to whoever writes it and to whoever reads it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Protocol

import pytest

from adapters.events.jsonl_log import JsonlEventLog
from application.ports.event_log import EventLog, EventReader, Tail
from domain.event import Fact
from domain.provider import Provider
from tests.support.fixed_clock import NOON, FixedClock
from tests.support.recording_events import RecordingEvents

FACTS: dict[str, Fact] = {
    "provider": Provider.CLAUDE, "seconds": 1.5, "attempts": 3, "in_doubt": True, "reason": None, "name": "Müller",
}  # fmt: skip


class Log(EventLog, EventReader, Protocol):
    """A log that the same process writes and reads."""


class EventLogContract(ABC):
    @abstractmethod
    def make_log(self) -> Log:
        """An empty log whose clock stands at noon. The return type is the static half of the contract."""

    @pytest.fixture
    def log(self) -> Log:
        return self.make_log()

    def test_an_empty_log_has_no_end(self, log: Log) -> None:
        assert log.tail(5) == Tail((), complete=True)

    def test_an_event_comes_back_with_its_moment_its_process_and_its_facts(self, log: Log) -> None:
        log.record("renewed", **FACTS)
        (event,) = log.tail(5).events
        assert (event.at, event.name, event.facts) == (NOON, "renewed", FACTS)
        assert isinstance(event.pid, int)

    def test_the_last_events_come_in_the_order_in_which_they_happened(self, log: Log) -> None:
        names = [f"event_{number}" for number in range(5)]
        for name in names:
            log.record(name)
        seen = {count: [event.name for event in log.tail(count).events] for count in range(7)}
        assert seen == {count: names[max(0, 5 - count) :] for count in range(7)}

    def test_a_reader_is_told_whether_there_is_more(self, log: Log) -> None:
        log.record("first")
        log.record("second")
        assert [log.tail(count).complete for count in range(4)] == [False, False, True, True]


class TestJsonlEventLog(EventLogContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_log(self) -> Log:
        return JsonlEventLog(home=self.home, clock=FixedClock())


class TestRecordingEvents(EventLogContract):
    def make_log(self) -> Log:
        return RecordingEvents()
