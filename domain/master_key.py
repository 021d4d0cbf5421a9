"""Where the master key of the session store is kept, as a person gets to know it."""

from __future__ import annotations

from enum import StrEnum

from domain.records import dataclass


class KeyPlace(StrEnum):
    """A kind of place that keeps the key."""

    KEYRING = "keyring"
    """The operating system's: a Secret Service, KWallet, the macOS Keychain, the Windows Credential Manager."""
    FILE = "file"
    """A file beside the store that only its owner can read."""
    PASSPHRASE = "passphrase"
    """Beside the store, sealed with a key that is derived from a passphrase."""


@dataclass(frozen=True, slots=True)
class KeyWhereabouts:
    """What is remembered of the key's place. Read without the key and without any library."""

    place: KeyPlace
    detail: str = ""
    """Which keyring, by its name; "" elsewhere."""
    because: str = ""
    """Why it is not in a keyring although that was wanted, as a part of a sentence; "" where the place was chosen."""
    left: tuple[KeyPlace, ...] = ()
    """Places that still hold a copy, since moving it was interrupted."""

    @property
    def words(self) -> str:
        """The place, for a sentence."""
        match self.place:
            case KeyPlace.KEYRING:
                return f"the keyring ({self.detail})" if self.detail else "the keyring"
            case KeyPlace.FILE:
                return "a key file"
            case KeyPlace.PASSPHRASE:
                return "the home folder, sealed with your passphrase"
