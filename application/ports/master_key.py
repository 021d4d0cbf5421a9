from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.master_key import KeyPlace, KeyWhereabouts
    from domain.text.secret import Secret


class KeyPlaceReader(Protocol):
    """What can be known of the master key without having it, or waiting for anything."""

    def whereabouts(self) -> KeyWhereabouts | None:
        """Where the key is; None while there is none.

        Raises:
            StoreDamaged, StoreNewer: What is remembered cannot be read.
        """
        ...


class KeyUnlocking(Protocol):
    """A key that may be sealed with a passphrase."""

    def needs_passphrase(self) -> bool:
        """Whether the key can be had only after `unlock`. Raises as `KeyPlaceReader.whereabouts` does."""
        ...

    def unlock(self, passphrase: Secret) -> None:
        """Open the key with *passphrase*; takes a part of a second. Nothing where no passphrase is needed.

        Raises:
            WrongPassphrase: It is another one.
        """
        ...


class KeyMoving(KeyPlaceReader, Protocol):
    """The one key of a home, which can move from one place to another."""

    def move(self, place: KeyPlace, *, passphrase: Secret | None = None) -> KeyWhereabouts:
        """Put the key there, make sure that it can be had from there, remember that, and take the old copy away.

        With *passphrase* and that place it is sealed with it, in place of an older one. Where there is no key yet,
        or none that anything is sealed with can be had, one is made there. Blocks, for as long as a keyring may take.

        A crash at any moment leaves a key that opens the store; what a crash left elsewhere is taken away later.

        Raises:
            StoreLocked: The old or the new place is out of reach; nothing was changed.
            StoreWrongKey: What the old place holds does not open the store; nothing was changed.
            StoreNotWritable, StoreBusy, StoreDamaged, StoreNewer: As they say; nothing was changed.
        """
        ...
