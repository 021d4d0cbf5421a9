from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Protocol

from domain.conversation import Conversation, Origin, Turn
from domain.conversations.kept import Cut, Hit, Summary
from domain.selection import Held
from domain.usage.entry import Entry


class Writing(Protocol):
    """Keeps what is said, as it is said. Every call is durable when it returns."""

    def begin(self, conversation: Conversation) -> int:
        """Store a new conversation with its turns so far and what it holds on to; the key of its last turn, or 0."""
        ...

    def append(self, conversation_id: str, *turns: Turn) -> int:
        """Add turns, all or none; the key of the last one. A conversation that was removed is there again."""
        ...

    def grow(self, key: int, text: str, reasoning: str = "") -> None:
        """Add a piece to the turn *key*, an answer that is on its way; nothing happens where it is gone.

        Its turn was appended as broken: that is what it is if no more comes.
        """
        ...

    def settle(self, key: int, turn: Turn) -> None:
        """The answer *key* has ended: from now on it is *turn*, whatever its pieces were."""
        ...

    def withdraw(self, key: int) -> None:
        """Take back an exchange of which nothing came: the answer *key* and the turn before it.

        Where more was said since, both stay as failed. A conversation without any turn is gone.
        """
        ...

    def hold(self, conversation_id: str, held: Held) -> None:
        """Note what it goes on with from now on; nothing happens where it has not begun."""
        ...


class Reading(Protocol):
    """Gives back what was said, as much of it as is asked for."""

    def latest(self, *, turns: int = 30, origin: Origin | None = None) -> Conversation | None:
        """The one that was last added to, with its last *turns* turns; None if there is none.

        With *origin*: of those that began there, or nobody knows where.
        """
        ...

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        """Load one conversation, with its last *turns* turns or all of them; None where it was removed."""
        ...

    def count(self, conversation_id: str) -> int:
        """How many turns it has by now, whoever added them; costs next to nothing. 0 where it has not begun."""
        ...

    def stamp(self) -> Hashable:
        """Changes when another process wrote, and may at other times; waits for nothing."""
        ...

    def turns(self, conversation_id: str, *, first: int, count: int) -> tuple[Turn, ...]:
        """At most *count* turns from number *first* on, in order. The first of a conversation has number 1."""
        ...

    def said(self, conversation_id: str, *, first: int, count: int) -> tuple[Turn, ...]:
        """As `turns`, with only what a provider is sent of them: no receipts and no thoughts."""
        ...

    def answers(self) -> Iterator[Entry]:
        """What the ledger notes of each answer that is kept, also of those that were removed or cut off.

        Those that are on their way are left out, and what broke off before anything was counted.
        """
        ...


class Finding(Protocol):
    """Lists and searches what is kept. What was removed or cut off is in none of it."""

    def summaries(self, *, limit: int | None = None, skip: int = 0) -> tuple[Summary, ...]:
        """The conversations in which something was said, the last one added to first; no text is read."""
        ...

    def with_id(self, start: str) -> tuple[Summary, ...]:
        """The conversations whose id begins with *start*, which a person typed; at most two."""
        ...

    def search(self, text: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """Where all words of *text* stand, the last as a beginning: titles first, then turns, the newest first.

        Any text is safe. Nothing is found where it is blank. What has no words as an index knows them (signs, and
        scripts that are written without spaces) is looked for letter by letter, in the newest 20,000 turns.
        """
        ...

    def messages(self, *, limit: int) -> tuple[str, ...]:
        """What people wrote in the app, or nobody knows where: the latest *limit* of them, the last one last.

        Those of more than 100,000 characters are left out.
        """
        ...


class Tidying(Protocol):
    """Changes what is kept, each time with a way back. Raises `StoreError` where there is no such conversation."""

    def rename(self, conversation_id: str, title: str) -> None:
        """Give it another title."""
        ...

    def remove(self, conversation_id: str) -> None:
        """Take it out of every list. An hour later it is gone for good, with the next opening of the store."""
        ...

    def restore(self, conversation_id: str) -> str:
        """Take a removal back; the id of the conversation that is there again.

        With the id of a `Cut`: its turns go back to their place. Where other turns are there by now, they become
        a conversation of their own, with a copy of all turns before them.
        """
        ...

    def cut(self, conversation_id: str, *, after_turn: int) -> str:
        """Cut off all turns behind number *after_turn* and keep them aside; the id of the cut.

        They are kept as long as the conversation is. "" where there are none.
        """
        ...

    def cuts(self, conversation_id: str) -> tuple[Cut, ...]:
        """What was cut off it, the last first."""
        ...


class ConversationStore(Writing, Reading, Finding, Tidying, Protocol):
    """Keeps conversations on disk. Raises `StoreError` where the disk fails."""
