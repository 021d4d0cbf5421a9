"""The way back to what a conversation was left with at a limit."""

from __future__ import annotations

from datetime import datetime

from domain.errors import LimitReached
from domain.records import dataclass
from domain.selection import Held


@dataclass(frozen=True, slots=True)
class WayBack:
    """What a conversation was left with at a limit, and when that ends. Nothing goes back by itself."""

    held: Held
    conversation: str
    """The id of the conversation."""
    at: datetime
    """Aware, in UTC."""

    @property
    def error(self) -> LimitReached:
        """The limit, for the words that tell of it."""
        return LimitReached(self.held.credential.provider, resets_at=self.at)
