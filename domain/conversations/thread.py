"""The conversation of a window, as it goes on. It stands apart from what sends: a window has one before it can send."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from domain.conversation import Conversation
from domain.selection import Held
from domain.spending.limits import Once


@dataclass(slots=True)
class Thread:
    """The conversation that goes on: it grows also when an answer is stopped or breaks off."""

    conversation: Conversation
    """Its last turns are enough where it is stored: the store has the others."""
    saved: bool = True
    """Whether its turns are stored as they come."""
    held: Held | None = None
    """What it goes on with: the last choice, which may be later than the answer that is on its way."""
    answers: int = 0
    """How many exchanges were added to it here."""
    stamp: Hashable = None
    """What the store's was when it was last looked at for what others wrote."""
    busy: bool = False
    """Whether an answer is on its way."""
    once: Once | None = None
    """The terms on which the next message goes out, where it is the one that they are about."""

    def terms_of(self, text: str) -> Once | None:
        """The terms for *text*, which goes out now; they hold for no other message."""
        once, self.once = self.once, None
        return once if once is not None and once.text == text else None
