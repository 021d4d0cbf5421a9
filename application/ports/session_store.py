from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager
from typing import Protocol

from domain.credential import CredentialKey, CredentialRecord
from domain.session import Credential


class RecordReader(Protocol):
    """What can be read of the session store without its master key."""

    def records(self) -> tuple[CredentialRecord, ...]:
        """What is known of every stored credential without the master key.

        Raises:
            StoreDamaged: The file as a whole cannot be read.
        """
        ...

    def stamp(self) -> Hashable:
        """Changes whenever the store may have changed, in this or another process; costs one `stat`."""
        ...


class SessionStore(RecordReader, Protocol):
    """Credentials of all providers, sealed, shared by all processes of one home.

    Calls touch the local disk only and take milliseconds; none waits for a network or a person.
    """

    def load(self, key: CredentialKey) -> Credential | None:
        """The credential with its secrets, or None if none is stored.

        Raises:
            StoreDamaged: The file or this record cannot be read; other records still can.
            StoreWrongKey: The record was sealed with another master key.
            StoreLocked: The master key is out of reach.
        """
        ...

    def save(self, credential: Credential, *, activate: bool = False) -> None:
        """Store *credential* durably, in place of an earlier one with its key; its neighbours stay as they are.

        With *activate* it becomes the active one of its provider and kind. On return it would
        survive a power cut.

        Raises:
            StoreNotWritable: Nothing was changed.
            StoreDamaged: The file cannot be read, and is not overwritten.
            StoreNewer: A newer program wrote the file.
            StoreLocked: The master key is out of reach.
            StoreBusy: Another process holds the store.
        """
        ...

    def annotate(self, record: CredentialRecord) -> None:
        """Store what changed in the readable part of *record* (a setback, a tombstone); secrets stay.

        Does nothing where the stored record has another generation or sign-in by now.

        Raises:
            The same as `save`.
        """
        ...

    def activate(self, key: CredentialKey) -> bool:
        """Make *key* the active one of its provider and kind; False if it is not stored.

        Needs no key, and touches no secret. Raises as `save` does.
        """
        ...

    def remove(self, key: CredentialKey) -> bool:
        """Forget a credential; False if there was none. Raises as `save` does."""
        ...

    def renewing(self, key: CredentialKey, *, timeout: float) -> AbstractContextManager[None]:
        """Hold the one right to renew *key*, across processes, until the context ends or the process dies.

        Blocks for up to *timeout* seconds; call it from a worker thread where a loop is running.

        Raises:
            StoreBusy: Somebody else held it for all that time.
        """
        ...
