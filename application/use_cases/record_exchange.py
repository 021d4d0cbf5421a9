"""Note how each exchange ended: in the event log for its owner, in the ledger for the bill."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.ledger import LedgerWriting
from domain.accounts import tag
from domain.errors import KeyswitchError, LimitReached, StoreError
from domain.event import MESSAGE_ANSWERED, MESSAGE_FAILED
from domain.selection import Selection
from domain.usage.allowance import Allowance
from domain.usage.entry import Billed, Entry, LimitMet, Told


class RecordExchange:
    """Notes what there is to note of an exchange. No answer is lost because it cannot be noted."""

    def __init__(self, *, ledger: LedgerWriting, clock: Clock, events: EventLog) -> None:
        self._ledger = ledger
        self._clock = clock
        self._events = events
        self._trouble: StoreError | None = None

    def answered(self, selection: Selection, entry: Entry, allowances: tuple[Allowance, ...] = ()) -> None:
        """Note an answer, however it ended, and what the provider told of its limits with it."""
        self._note(MESSAGE_ANSWERED, selection, ending=entry.ending.value)
        self._keep(partial(self._ledger.note, entry))
        self._told(selection, allowances)

    def failed(self, selection: Selection, error: KeyswitchError) -> None:
        """Note why a request failed; a limit that was met is in the ledger, too."""
        self._note(MESSAGE_FAILED, selection, reason=error.code)
        if isinstance(error, LimitReached):
            billed, model = Billed.of_record(selection.credential), selection.answering.model.id
            met = LimitMet(self._clock.now(), billed, model, error.resets_at, lasts=error.code != LimitReached.code)
            self._keep(partial(self._ledger.note_limit, met))
            self._told(selection, error.allowances)

    def notices(self) -> tuple[str, ...]:
        """What keeps the ledger from being written, for its owner."""
        if self._trouble is None:
            return ()
        return (f"The ledger did not count an answer, which is not lost by that: {self._trouble}",)

    def _told(self, selection: Selection, allowances: tuple[Allowance, ...]) -> None:
        if allowances:
            billed, now = Billed.of_record(selection.credential), self._clock.now()
            told = [Told(billed, now, allowance) for allowance in allowances]
            self._keep(partial(self._ledger.note_told, told))

    def _keep(self, note: Callable[[], None]) -> None:
        try:
            note()
        except StoreError as error:
            self._trouble = error
            self._events.record("ledger_failed", reason=error.code)

    def _note(self, event: str, selection: Selection, **facts: str) -> None:
        record = selection.credential
        self._events.record(
            event, provider=record.provider.value, account=tag(record.key), kind=record.kind.value, **facts
        )
