from __future__ import annotations

from typing import Protocol

from domain.conversation import Conversation, Turn
from domain.selection import Held


class ConversationStore(Protocol):
    """Conversations on disk. Raises `StoreError` where the disk fails."""

    def begin(self, conversation: Conversation) -> None:
        """Start one; its turns so far are stored with it, and what it holds on to."""
        ...

    def append(self, conversation_id: str, turn: Turn) -> None:
        """Add a turn durably."""
        ...

    def hold(self, conversation_id: str, held: Held) -> None:
        """Note what it goes on with from now on; nothing happens where it has not begun."""
        ...

    def latest(self, *, turns: int = 30) -> Conversation | None:
        """The one that was last added to, with its last *turns* turns; None if there is none."""
        ...

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        """One conversation, with its last *turns* turns or all of them."""
        ...
