"""Where the master key comes from, whichever place keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

KEY_BYTES: Final = 32
"""AES-256."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key that seals every record."""

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")


class KeySource(Protocol):
    """One place that keeps the master key."""

    def fetch(self) -> MasterKey | None:
        """The key, or None if none was made yet.

        Called without any lock held, as it may have to wait for a keyring.

        Raises:
            StoreLocked: There is a key, and it is out of reach.
        """
        ...

    def create(self) -> MasterKey:
        """Make a key and keep it durably; an existing one is never replaced.

        Called with the store's lock held, and only while nothing is sealed.

        Raises:
            StoreLocked: There is one already.
            StoreNotWritable: It cannot be kept. Nothing was changed.
        """
        ...

    def notices(self) -> tuple[str, ...]:
        """What a person should know about the place, each a sentence."""
        ...
