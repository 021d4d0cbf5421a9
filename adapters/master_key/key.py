"""Where the master key comes from, whichever place keeps it. Needs the standard library alone."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final, Protocol, final

from domain.text.secret import SecretBytes

if TYPE_CHECKING:
    from adapters.master_key.note import KeyNote

KEY_BYTES: Final = 32
"""AES-256."""

_KEY_ID_BYTES: Final = 8


@final
class MasterKey(SecretBytes):
    """The key that seals every record."""

    __slots__ = ()

    def __init__(self, value: bytes) -> None:
        if len(value) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        super().__init__(value)

    @classmethod
    def new(cls) -> MasterKey:
        """A new key, made at random."""
        return cls(secrets.token_bytes(KEY_BYTES))


def key_id(key: MasterKey) -> str:
    """A name for *key* that gives nothing of it away: tells a wrong key from damage."""
    return hmac.digest(key.reveal(), b"keyswitch key id", "sha256")[:_KEY_ID_BYTES].hex()


class KeySource(Protocol):
    """What the store gets its key from."""

    def fetch(self) -> MasterKey | None:
        """The key, or None if none was made yet, or it is gone.

        Called without the store's lock held, as it may have to wait for a keyring, for 3 s at most.

        Raises:
            StoreLocked: There is a key, and it is out of reach; the subclass tells why.
            StoreWrongKey: The place holds another key than the one that was put there.
            StoreDamaged, StoreNewer: What is remembered of the key's place cannot be read.
        """
        ...

    def create(self) -> MasterKey:
        """Make a key and keep it durably, or return the one that another process made meanwhile.

        Called without the store's lock held, and only while nothing is sealed.

        Raises:
            StoreLocked, StoreWrongKey: As `fetch` does.
            StoreNotWritable: It cannot be kept. Nothing was changed.
            StoreBusy: Another process is at it for too long.
        """
        ...

    def where(self) -> str:
        """The place, for a sentence about the key. Touches the place itself as little as a status may."""
        ...

    def notices(self) -> tuple[str, ...]:
        """What a person should know about the place, each a sentence."""
        ...


class KeyHolder(Protocol):
    """One place that can keep the key; what has to be remembered of it for the next time is in a note."""

    def fetch(self, note: KeyNote | None) -> MasterKey | None:
        """The key that *note* is about, or None if the place does not have it.

        Raises:
            StoreLocked: It is out of reach; the subclass tells why.
            StoreWrongKey: The place holds another one.
        """
        ...

    def keep(self, key: MasterKey) -> KeyNote:
        """Put *key* there durably, read it back, and return what to remember.

        Raises:
            StoreLocked: The place is out of reach, or did not give back what it was given.
            StoreNotWritable: It takes nothing.
        """
        ...

    def remove(self, note: KeyNote) -> None:
        """Take the copy that *note* is about away; nothing where there is none. Raises as `keep` does."""
        ...
