"""Tell a person once, and once more, that a sign-in is about to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from application.ports.event_log import EventLog, EventReader
from domain.accounts import tag
from domain.credential import CredentialRecord
from domain.event import SIGN_IN_ENDS
from domain.records import dataclass
from domain.renewal.ending import due_warning
from domain.renewal.freshness import Instant

_REMEMBERED: Final = 1000
"""Events to look through for an earlier warning: it is days old at most."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A sign-in that ends soon, and that no renewal prolongs."""

    record: CredentialRecord
    within: timedelta
    """The warning's span: three days, or one."""


class EndingWarnings:
    """Gives each warning once, in whichever window comes first: the event log remembers."""

    def __init__(self, *, events: EventLog, history: EventReader) -> None:
        self._events = events
        self._history = history
        self._given: set[tuple[str, str, int]] = set()

    def __call__(self, records: Iterable[CredentialRecord], at: Instant) -> Iterator[Ending]:
        """The warnings that are due and were not given yet, by this process or another."""
        for record in records:
            within = due_warning(record, at)
            if within is None:
                continue
            warning = (tag(record.key), record.session_id, within.days)
            if warning not in self._given and not self._was_given(warning):
                self._events.record(
                    SIGN_IN_ENDS,
                    provider=record.provider.value,
                    account=warning[0],
                    session=warning[1],
                    days=within.days,
                )
                yield Ending(record, within)
            self._given.add(warning)

    def _was_given(self, warning: tuple[str, str, int]) -> bool:
        return any(
            (event.account, event.facts.get("session"), event.facts.get("days")) == warning
            for event in self._history.tail(_REMEMBERED).events
            if event.name == SIGN_IN_ENDS
        )
