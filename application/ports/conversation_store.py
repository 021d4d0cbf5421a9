from __future__ import annotations

from typing import Protocol

from domain.conversation import Conversation, Turn
from domain.selection import Held


class ConversationStore(Protocol):
    """Keeps conversations on disk. Raises `StoreError` where the disk fails."""

    def begin(self, conversation: Conversation) -> None:
        """Store a new conversation; its turns so far are stored with it, and what it holds on to."""
        ...

    def append(self, conversation_id: str, turn: Turn) -> None:
        """Add a turn to the conversation durably."""
        ...

    def hold(self, conversation_id: str, held: Held) -> None:
        """Note what it goes on with from now on; nothing happens where it has not begun."""
        ...

    def latest(self, *, turns: int = 30) -> Conversation | None:
        """The one that was last added to, with its last *turns* turns; None if there is none."""
        ...

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        """Load one conversation, with its last *turns* turns or all of them."""
        ...
