"""The turns of the open conversation, for whoever scrolls through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from domain.conversation import Conversation, Turn
from domain.errors import KeyswitchError

if TYPE_CHECKING:
    from application.ports.conversation_store import ConversationStore


class OpenTurns:
    """The latest turns are in memory; those before them are read from the store. May be called in any thread."""

    def __init__(
        self,
        conversation: Callable[[], Conversation | None],
        store: Callable[[], ConversationStore],
        fail: Callable[[KeyswitchError], object],
    ) -> None:
        """*conversation* hands out the open one, and *fail* is told where its earlier turns cannot be read."""
        self._conversation = conversation
        self._store = store
        self._fail = fail

    def count(self) -> int:
        """How many turns it has."""
        conversation = self._conversation()
        return conversation.count if conversation is not None else 0

    def turns(self, first: int, end: int) -> Sequence[Turn]:
        """The turns from *first* up to and without *end*; nothing where those in the store cannot be read."""
        conversation = self._conversation()
        if conversation is None:
            return ()
        earlier, before = conversation.earlier, tuple[Turn, ...]()
        if first < earlier:
            try:
                before = self._store().turns(conversation.id, first=first + 1, count=min(end, earlier) - first)
            except KeyswitchError as error:
                self._fail(error)
                return ()
        return (*before, *conversation.turns[max(first - earlier, 0) : max(end - earlier, 0)])
