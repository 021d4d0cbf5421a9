"""What the outbox asks of the face of a chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """A way on, and what it is called."""

    label: str
    go: Callable[[], None]
    key: str = ""
    """A key that takes it at once, as Textual calls it; "" for none."""


@dataclass(frozen=True, slots=True)
class Crossroads:
    """A message waits, and there is more than one way on. The first way is what Enter takes."""

    title: str
    lines: tuple[str, ...]
    ways: tuple[Way, ...]
    escape: int
    """Which way Esc takes."""


class OutboxFace(Protocol):
    """Shows what is parked, and asks what becomes of it."""

    @property
    def again(self) -> str:
        """How a parked message is sent: the rest of a sentence."""
        ...

    def parked(self, text: str) -> None:
        """*text*, which was in the field, waits in the outbox now."""
        ...

    def tell(self, error: KeyswitchError) -> None:
        """Say that a message met *error*, and is parked."""
        ...

    def dropped(self) -> None:
        """A message was dropped: say how it comes back."""
        ...

    def to_field(self, text: str) -> None:
        """Let the person go on writing *text*."""
        ...

    def follow(self) -> None:
        """What is parked changed, or why: draw it anew."""
        ...

    def show(self) -> None:
        """Show what is parked."""
        ...

    def which_way(self, crossroads: Crossroads, provider: Provider | None) -> None:
        """Let the person choose a way on; none is taken by itself. *provider* is the one that misses a sign-in."""
        ...

    def agree(self, title: str, lines: Sequence[str], yes: str, go: Callable[[], None]) -> None:
        """Ask before *go*, which may cost money or send something twice; *yes* names it."""
        ...
