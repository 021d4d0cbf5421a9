from __future__ import annotations

from dataclasses import replace

from domain.conversation import Conversation, Turn
from domain.errors import StoreError
from domain.selection import Held


class MemoryConversations:
    """Conversations that are only remembered; the one that was last added to comes last."""

    def __init__(self) -> None:
        self._kept: dict[str, Conversation] = {}

    def begin(self, conversation: Conversation) -> None:
        if conversation.id in self._kept:
            raise StoreError("memory", f"there is a conversation {conversation.id} already")
        self._kept[conversation.id] = conversation

    def append(self, conversation_id: str, turn: Turn) -> None:
        if conversation_id not in self._kept:
            raise StoreError("memory", f"there is no conversation {conversation_id}")
        kept = self._kept.pop(conversation_id)
        self._kept[conversation_id] = replace(kept, turns=(*kept.turns, turn))

    def hold(self, conversation_id: str, held: Held) -> None:
        """Note what it goes on with."""
        if conversation_id in self._kept:
            self._kept[conversation_id] = replace(self._kept[conversation_id], held=held)

    def latest(self, *, turns: int = 30) -> Conversation | None:
        """The one that was last added to; one without any turn does not count."""
        spoken = [kept for kept in self._kept.values() if kept.turns]
        return _tail(spoken[-1], turns) if spoken else None

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        kept = self._kept.get(conversation_id)
        return kept and _tail(kept, turns)


def _tail(conversation: Conversation, turns: int | None) -> Conversation:
    if turns is None:
        return conversation
    return replace(conversation, turns=conversation.turns[max(0, len(conversation.turns) - turns) :])
