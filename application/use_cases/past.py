"""What was said before in a conversation, whoever said it: as much of it as a model takes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from application.ports.conversation_store import ConversationStore
from domain.conversation import Conversation, Turn
from domain.conversations.context import Fit, cut_in_steps, fits_surely, newest_that_fit
from domain.records import dataclass, replace
from domain.selection import Selection

_REMEMBERED: Final = 30
"""Turns of a conversation that a window holds in its memory when it begins to go on with it."""
_AT_ONCE: Final = 200
"""Turns that are read in one go while looking for how far back they fit."""
_ALL: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Joined:
    """Another process changed the conversation: it added turns, or cut some off."""

    conversation: Conversation
    """What it is now."""
    turns: tuple[Turn, ...]
    """What is to be shown: the turns that were added, or with *anew* the last ones there are."""
    anew: bool = False
    """Whether what was shown so far is not what is there any more."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The beginning of the conversation does not fit the model, and is not sent."""

    fit: Fit


class Past:
    """Reads what was said from the store. Every method waits for the disk and raises `StoreError` where that fails."""

    def __init__(self, conversations: ConversationStore) -> None:
        self._conversations = conversations

    def joined(self, conversation: Conversation) -> Joined | None:
        """What another process made of *conversation*, of which the last turns are in memory; None where nothing."""
        if not conversation.turns:
            return None
        there = self._conversations.turns(conversation.id, first=conversation.count, count=_ALL)
        if there and _same(there[0], conversation.turns[-1]):
            added = there[1:]
            grown = replace(conversation, turns=(*conversation.turns, *added))
            return Joined(grown, added) if added else None
        anew = self._conversations.load(conversation.id, turns=_REMEMBERED)
        if anew is None:
            return None  # it was removed: what is said next brings it back
        return Joined(replace(anew, held=conversation.held), anew.turns, anew=True)

    def that_fit(self, conversation: Conversation, asked: Turn, room: int) -> tuple[tuple[Turn, ...], Fit]:
        """The turns to send before *asked* to what takes in *room* tokens, and what is left out."""
        fitting = newest_that_fit(self._newest_first(conversation), asked, room)
        chosen = cut_in_steps(fitting, conversation.count - len(fitting))
        left_out = conversation.count - len(chosen)
        return chosen, Fit(left_out + 1, left_out, conversation.count)

    def fit(self, conversation: Conversation, asked: Turn, room: int) -> Fit:
        """What is left out; the turns are read only where it is not clear from their number and size."""
        summary = next(iter(self._conversations.with_id(conversation.id)), None)
        if summary is not None and fits_surely(summary.size, conversation.count, room):
            return Fit(1, 0, conversation.count)
        return self.that_fit(conversation, asked, room)[1]

    def _newest_first(self, conversation: Conversation) -> Iterator[Turn]:
        yield from reversed(conversation.turns)
        last = conversation.earlier
        while last > 0:
            first = max(1, last - _AT_ONCE + 1)
            yield from reversed(self._conversations.said(conversation.id, first=first, count=last - first + 1))
            last = first - 1


def room_of(selection: Selection) -> int:
    """The tokens that a request to *selection* may have."""
    return selection.answering.model.takes_in(selection.credential.payer)


def _same(one: Turn, other: Turn) -> bool:
    """Whether the store's turn is the one in memory, of which it writes no half surrogates."""
    texts = {turn.text.encode("utf-8", "replace") for turn in (one, other)}
    return (one.role, one.at) == (other.role, other.at) and len(texts) == 1
