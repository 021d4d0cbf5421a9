"""What a person sees of conversations that are kept, without opening one."""

from __future__ import annotations

from datetime import datetime

from domain.conversation import Origin, Role
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """A row of the list of conversations. Title and label are foreign text."""

    id: str
    title: str
    started: datetime
    """Aware, in UTC."""
    last_at: datetime
    """When its last turn was said; aware, in UTC."""
    turns: int
    size: int
    """Bytes of what was said, thoughts included."""
    label: str = ""
    """The name of the model that answered last; "" where none did."""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a snippet; *found* says that it is what was searched for. Foreign text."""

    text: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn in which a search found something, or a title."""

    conversation: str
    """Its id."""
    title: str
    at: datetime
    """When the turn was said; of a title: when the conversation began. Aware, in UTC."""
    snippet: tuple[Piece, ...]
    """The words around the first place."""
    turn: int | None = None
    """The number of the turn, from 1; None where the title matches."""
    role: Role | None = None
    """Who said it; None where the title matches."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Turns that were cut off a conversation and are kept aside."""

    id: str
    """`restore` takes it."""
    after: int
    """The number of the turn behind which they stood."""
    turns: int
    at: datetime
    """When they were cut off; aware, in UTC."""
