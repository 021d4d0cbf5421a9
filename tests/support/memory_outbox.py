"""An outbox in memory."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from application.ports.parking.outbox import InOutbox
from domain.errors import StoreError
from domain.outbox.parked import Parked, ParkedState
from domain.outbox.way_back import WayBack


class MemoryOutbox:
    """Keeps what it is given as long as the test lasts; `fail_with` stands for a disk that fails."""

    def __init__(self) -> None:
        self.messages: dict[str, Parked] = {}
        self.fail_with: StoreError | None = None
        self.ways_back: dict[str, WayBack] = {}
        self._changes = 0

    def park(self, message: Parked) -> None:
        self._change()
        self.messages[message.id] = replace(message, state=ParkedState.WAITING)

    def look(self) -> InOutbox:
        return InOutbox(tuple(sorted(self.messages.values(), key=lambda message: message.at)))

    def take(self, message_id: str) -> bool:
        message = self.messages.get(message_id)
        if message is None or message.state is ParkedState.SENDING:
            return False
        self._change()
        self.messages[message_id] = replace(message, state=ParkedState.SENDING)
        return True

    def forget(self, message_id: str) -> None:
        self._change()
        self.messages.pop(message_id, None)

    def way_back(self, conversation: str) -> WayBack | None:
        return self.ways_back.get(conversation)

    def keep_way_back(self, back: WayBack) -> None:
        self._change()
        self.ways_back[back.conversation] = back

    def forget_way_back(self, conversation: str) -> None:
        self._change()
        self.ways_back.pop(conversation, None)

    def stamp(self) -> Hashable:
        return self._changes

    def its_senders_died(self) -> None:
        """Let every process that was sending one be gone."""
        for message in self.messages.values():
            if message.state is ParkedState.SENDING:
                self.messages[message.id] = replace(message, state=ParkedState.DOUBTFUL)

    def _change(self) -> None:
        if self.fail_with is not None:
            raise self.fail_with
        self._changes += 1
