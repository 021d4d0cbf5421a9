"""Messages that wait to be sent: kept on disk, or in this process alone where its conversation is not saved."""

from __future__ import annotations

from collections.abc import Hashable

from application.ports.parking.outbox import InOutbox, Outbox
from domain.errors import StoreError
from domain.outbox.parked import Parked, ParkedState
from domain.outbox.way_back import WayBack
from domain.records import replace


class ParkedMessages:
    """The outbox as one window has it: what all windows of the home share, and what it keeps to itself."""

    def __init__(self, *, outbox: Outbox) -> None:
        self._outbox = outbox
        self._own: dict[str, Parked] = {}

    def park(self, message: Parked, *, saved: bool) -> StoreError | None:
        """Keep *message*, or put it back: on disk where its conversation is *saved*.

        A disk that fails loses nothing: then it is kept here, and the error is returned.
        """
        message = replace(message, state=ParkedState.WAITING)
        problem: StoreError | None = None
        if saved and message.id not in self._own:
            try:
                self._outbox.park(message)
                return None
            except StoreError as error:
                problem = error
        self._own[message.id] = message
        return problem

    def look(self) -> InOutbox:
        """What is parked, oldest first. Raises StoreError where the disk fails."""
        kept = self._outbox.look()
        known = {message.id for message in kept.messages}
        own = (message for message in self._own.values() if message.id not in known)
        return replace(kept, messages=tuple(sorted((*kept.messages, *own), key=lambda message: message.at)))

    def take(self, message_id: str) -> bool:
        """Take it in order to send it; False where another window did. Raises StoreError where the disk fails."""
        own = self._own.get(message_id)
        if own is None:
            return self._outbox.take(message_id)
        if own.state is not ParkedState.WAITING:
            return False
        self._own[message_id] = replace(own, state=ParkedState.SENDING)
        return True

    def forget(self, message_id: str) -> None:
        """Remove it: it was sent, or is not wanted any more. Raises StoreError where the disk fails."""
        if self._own.pop(message_id, None) is None:
            self._outbox.forget(message_id)

    def way_back(self, conversation: str) -> WayBack | None:
        """What that conversation was left with at a limit, if it was. Raises StoreError where the disk fails."""
        return self._outbox.way_back(conversation)

    def keep_way_back(self, back: WayBack) -> None:
        """Remember it over restarts. Raises StoreError where the disk fails."""
        self._outbox.keep_way_back(back)

    def forget_way_back(self, conversation: str) -> None:
        """Forget it: somebody went back, or need not. Raises StoreError where the disk fails."""
        self._outbox.forget_way_back(conversation)

    def stamp(self) -> Hashable:
        """Changes whenever another window parked, took or removed one; costs one `stat` call."""
        return self._outbox.stamp()
