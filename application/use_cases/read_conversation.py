"""Read a conversation from its first turn to its last, of whatever length it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from application.ports.conversation_store import ConversationStore
from domain.conversation import Turn

_AT_ONCE: Final = 50
"""Turns that are read together: few enough to hold, enough to be fast."""


def all_turns(store: ConversationStore, conversation_id: str) -> Iterator[Turn]:
    """The turns in their order, read as they are asked for. Raises StoreError where the store cannot be read."""
    first = 1
    while turns := store.turns(conversation_id, first=first, count=_AT_ONCE):
        yield from turns
        first += len(turns)
