from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from domain.outbox.parked import Parked
from domain.outbox.way_back import WayBack
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class InOutbox:
    """What lies in an outbox."""

    messages: tuple[Parked, ...] = ()
    """Oldest first."""
    unreadable: tuple[str, ...] = ()
    """Where messages are that cannot be read, for people; they are left alone."""


class Outbox(Protocol):
    """Keeps parked messages for all windows of one home, over restarts. Raises `StoreError` where the disk fails."""

    def park(self, message: Parked) -> None:
        """Keep a new message, or one that was taken, durably: it waits from now on."""
        ...

    def look(self) -> InOutbox:
        """What is parked, whoever parked it."""
        ...

    def take(self, message_id: str) -> bool:
        """Take a message in order to send it; False where somebody else did, or it is gone.

        It stays marked until `park` puts it back or `forget` removes it: where neither comes, it may have been sent.
        """
        ...

    def forget(self, message_id: str) -> None:
        """Remove a message that was taken, because it was sent, or is not wanted any more."""
        ...

    def way_back(self, conversation: str) -> WayBack | None:
        """What that conversation was left with at a limit; None where nothing is known, or it cannot be read."""
        ...

    def keep_way_back(self, back: WayBack) -> None:
        """Remember it durably, in the place of an earlier one of the same conversation."""
        ...

    def forget_way_back(self, conversation: str) -> None:
        """Forget the one of that conversation, if there is one."""
        ...

    def stamp(self) -> Hashable:
        """Changes whenever the outbox does, in this or another process; costs one `stat` call."""
        ...
