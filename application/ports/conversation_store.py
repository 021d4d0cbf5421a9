from __future__ import annotations

from typing import Protocol

from domain.conversation import Conversation, Turn


class ConversationStore(Protocol):
    """Conversations on disk. Raises `StoreError` where the disk fails."""

    def begin(self, conversation: Conversation) -> None:
        """Start one; its turns so far are stored with it."""
        ...

    def append(self, conversation_id: str, turn: Turn) -> None:
        """Add a turn durably."""
        ...

    def latest(self, *, turns: int = 30) -> Conversation | None:
        """The one that was last added to, with its last *turns* turns; None if there is none."""
        ...

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        """One conversation, with its last *turns* turns or all of them."""
        ...
