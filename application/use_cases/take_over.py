"""Sign-ins of other programs that lie in our home: taken over at the first run, later only if their owner asks."""

from __future__ import annotations

from application.ports.earlier_files import EarlierFiles, TakenOver
from application.ports.event_log import EventLog
from domain.accounts import tag
from domain.credential import CredentialRecord
from domain.errors import NothingToAdopt, StoreError
from domain.provider import Provider


class TakeOver:
    """At the first run, make an earlier program's sign-ins ours; afterwards, see that ours stand where they belong."""

    def __init__(self, *, earlier_files: EarlierFiles, events: EventLog) -> None:
        self._earlier_files = earlier_files
        self._events = events

    def __call__(self) -> TakenOver:
        """What was taken over now. Raises as `EarlierFiles.take_over` does; then nothing was changed."""
        taken = self._earlier_files.take_over()
        for record in taken.records:
            self._events.record("taken_over", **_facts(record))
        for problem in taken.problems:
            self._events.record("not_taken_over", problem=problem)
        try:
            if self._earlier_files.put_back():
                self._events.record("store_put_back")
        except StoreError as error:
            # Our sign-ins are read from their last good copy meanwhile, and whatever writes tries again.
            self._events.record("store_not_put_back", reason=error.code)
        return taken


class Adopt:
    """Makes another program's sign-in ours because its owner says so."""

    def __init__(self, *, earlier_files: EarlierFiles, events: EventLog) -> None:
        self._earlier_files = earlier_files
        self._events = events

    def __call__(self, provider: Provider) -> tuple[CredentialRecord, ...]:
        """Make it ours, and return what became so.

        Raises:
            NothingToAdopt: No other program left a sign-in of *provider* here.
            StoreError: As `EarlierFiles.adopt` does; nothing was changed.
        """
        records = self._earlier_files.adopt(provider)
        if not records:
            raise NothingToAdopt(provider)
        for record in records:
            self._events.record("adopted", **_facts(record))
        return records


class RestoreOriginals:
    """Writes what was taken over as it was, for whoever goes back to the earlier program."""

    def __init__(self, *, earlier_files: EarlierFiles, events: EventLog) -> None:
        self._earlier_files = earlier_files
        self._events = events

    def __call__(self, folder: str | None = None) -> tuple[str, ...]:
        """The paths written, into *folder* or else the home. Raises as `EarlierFiles.restore` does."""
        paths = self._earlier_files.restore(folder)
        if paths:
            self._events.record("originals_restored", files=len(paths))
        return paths


def _facts(record: CredentialRecord) -> dict[str, str]:
    return {"provider": record.provider.value, "kind": record.kind.value, "account": tag(record.key)}
