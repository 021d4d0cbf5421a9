from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from domain.usage.entry import Entry, LimitMet, Told
from domain.usage.gauge import Moment
from domain.usage.sums import Total, Used


class LedgerWriting(Protocol):
    """Notes what was used. Every call is durable when it returns."""

    def note(self, entry: Entry) -> None:
        """Note one answer, however it ended."""
        ...

    def note_limit(self, met: LimitMet) -> None:
        """Note that a limit was met."""
        ...

    def note_told(self, told: Sequence[Told]) -> None:
        """Note what a provider told of its limits; it replaces what it told before of the same ones."""
        ...


class LedgerReading(Protocol):
    """Gives sums of what was used; nothing is read answer by answer but what a plan paid for."""

    def used(self, first: date, last: date) -> tuple[Used, ...]:
        """What was used from the day *first* to the day *last*, both included, in UTC."""
        ...

    def in_conversation(self, conversation_id: str) -> Total:
        """The sum of all answers of one conversation, also of those that were cut off or replaced."""
        ...

    def plan_moments(self, since: datetime) -> tuple[Moment, ...]:
        """The answers that plans paid for, in order. *since* is aware, in UTC."""
        ...

    def limits(self, since: datetime) -> tuple[LimitMet, ...]:
        """The limits that were met, in order. *since* is aware, in UTC."""
        ...

    def told(self) -> tuple[Told, ...]:
        """What providers told last of each of their limits."""
        ...


class Ledger(LedgerWriting, LedgerReading, Protocol):
    """Keeps what was used, for the bill: no text and no secret, and whatever becomes of the conversations.

    Raises `StoreError` where the disk fails, or another keyswitch wrote it.
    """
